import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MasterKeySecretBox, masterKeyId } from './master-key-secret-box.ts';

const box = new MasterKeySecretBox(Buffer.alloc(32, 1));

describe('MasterKeySecretBox', () => {
  it('opens what it sealed, and seals differently every time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sealed = box.seal('access-key', text);
        expect(box.open('access-key', sealed)).toBe(text);
        expect(box.seal('access-key', text)).not.toBe(sealed);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('opens for the same purpose and under the same key only', () => {
    const sealed = box.seal('access-key', 'secret');
    expect(() => box.open('session-token', sealed)).toThrow();
    expect(() => new MasterKeySecretBox(Buffer.alloc(32, 2)).open('access-key', sealed)).toThrow();
  });

  it('opens no text that was changed anywhere or spelled otherwise', () => {
    const sealed = box.seal('access-key', 'a secret of some length');
    const bytes = Buffer.from(sealed, 'base64url');
    for (let n = 0; n < bytes.length; n++) {
      for (const flip of [1, 0x80]) {
        const changed = Buffer.from(bytes);
        changed[n]! ^= flip;
        expect(() => box.open('access-key', changed.toString('base64url'))).toThrow();
      }
    }
    for (const other of [
      `${sealed}=`,
      ` ${sealed}`,
      `${sealed}\n`,
      sealed.slice(0, -1),
      '',
      'AQ',
      bytes.toString('hex'),
    ]) {
      expect(() => box.open('access-key', other)).toThrow();
    }
  });

  it('takes keys of 32 bytes', () => {
    expect(() => new MasterKeySecretBox(Buffer.alloc(31))).toThrow(RangeError);
    expect(() => new MasterKeySecretBox(Buffer.alloc(32), [Buffer.alloc(33)])).toThrow(RangeError);
  });

  it('seals under the current key and opens what previous ones sealed, while they are there', () => {
    const [first, second, third] = [1, 2, 3].map((n) => Buffer.alloc(32, n)) as [Buffer, Buffer, Buffer];
    const old = new MasterKeySecretBox(first).seal('access-key', 'from the first');
    const both = new MasterKeySecretBox(second, [third, first]);
    expect(both.open('access-key', old)).toBe('from the first');
    expect(both.isSealedUnderCurrent(old)).toBe(false);
    const sealed = both.seal('access-key', 'from the second');
    expect(both.isSealedUnderCurrent(sealed)).toBe(true);
    expect(() => new MasterKeySecretBox(first).open('access-key', sealed)).toThrow();
    both.useKeys(third, [second]);
    expect(both.open('access-key', sealed)).toBe('from the second');
    expect(() => both.open('access-key', old)).toThrow(/no master key here/);
    expect(masterKeyId(first)).toMatch(/^[0-9a-f]{8}$/);
    expect(masterKeyId(first)).not.toBe(masterKeyId(second));
  });

  it('opens texts of the format that did not name its key', () => {
    // Made by the version before this format, under a key of 32 bytes 0x01.
    const sealed = 'AYvtgAcccrY6zDDaB5Bvsi9koZgiuFX0MYK9h29-bOds7fssgE848fUbKfy3YStMXIzXBS-3XOPoaKU';
    expect(box.open('access-key', sealed)).toBe('sealed in format 1');
    expect(new MasterKeySecretBox(Buffer.alloc(32, 2), [Buffer.alloc(32, 1)]).open('access-key', sealed)).toBe(
      'sealed in format 1',
    );
    expect(box.isSealedUnderCurrent(sealed)).toBe(false);
    expect(() => box.open('session-token', sealed)).toThrow();
  });
});
