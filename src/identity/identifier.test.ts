import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../test/identity/installation.ts';
import { accountOfAccessKeyId, newAccessKeyId, newSecretAccessKey, newUniqueId } from './identifier.ts';

describe('identifiers', () => {
  it('have the forms of AWS', () => {
    const random = seededRandom('forms');
    expect(newUniqueId('AIDA', random)).toMatch(/^AIDA[A-Z2-7]{17}$/);
    expect(newAccessKeyId('ASIA', '000000000000', random)).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(newSecretAccessKey(random)).toMatch(/^[A-Za-z0-9+/]{40}$/);
  });

  it('do not repeat', () => {
    const ids = Array.from({ length: 10_000 }, () => newAccessKeyId('AKIA', '123456789012', randomBytes));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('carry any account in an access key id', () => {
    const random = seededRandom('accounts');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (account) => {
        const accountId = String(account).padStart(12, '0');
        expect(accountOfAccessKeyId(newAccessKeyId('AKIA', accountId, random))).toBe(accountId);
      }),
      { seed: 1 },
    );
  });

  it('carry it where AWS does: documented keys give the documented account', () => {
    // From the community write-up of the encoding (Tal Be'ery, "A short note on AWS key ID").
    expect(accountOfAccessKeyId('ASIAQNZGKIQY56JQ7WML')).toBe('029608264753');
  });

  it('carry none in ids of another form', () => {
    for (const text of [
      'AKIAIOSFODNN7EXAMPLE',
      '',
      'AKIA',
      'AKIAQNZGKIQY56JQ7WM1',
      'ASIAQNZGKIQY56JQ7WMLA',
      'ASIA7777777777777777',
    ]) {
      expect(accountOfAccessKeyId(text)).toBeUndefined();
    }
  });
});
