import { describe, expect, it } from 'vitest';
import { faultOf } from '../../test/identity/saml-setup.ts';
import { UsedAssertions } from './used-assertions.ts';

const PROVIDER = 'arn:aws:iam::123456789012:saml-provider/corp';
const LIFETIME_MS = 1_000;

/** Whether it is refused as used at that time. */
async function isUsed(used: UsedAssertions, id: string, nowMs: number, provider = PROVIDER): Promise<boolean> {
  try {
    used.requireUnused(provider, id, nowMs);
    return false;
  } catch (error) {
    const [code, message] = await faultOf(Promise.reject(error));
    expect([code, message]).toEqual(['InvalidIdentityTokenException', 'Response has already been used']);
    return true;
  }
}

describe('UsedAssertions', () => {
  it('remembers an assertion for its whole lifetime, whenever in a generation it came', async () => {
    for (const offset of [0, 1, 500, 999, 1_000, 1_001, 1_500]) {
      const used = new UsedAssertions(LIFETIME_MS);
      used.requireUnused(PROVIDER, 'first', 0);
      used.note(PROVIDER, 'first');
      used.requireUnused(PROVIDER, 'a', offset);
      used.note(PROVIDER, 'a');
      for (const later of [0, 1, 600, 999, 1_000]) expect(await isUsed(used, 'a', offset + later)).toBe(true);
    }
  });

  it('tells providers and IDs apart', async () => {
    const used = new UsedAssertions(LIFETIME_MS);
    used.note(PROVIDER, 'a');
    expect(await isUsed(used, 'a', 0, `${PROVIDER}2`)).toBe(false);
    expect(await isUsed(used, 'b', 0)).toBe(false);
    expect(await isUsed(used, 'a', 0)).toBe(true);
  });

  it('forgets what could not be presented any more', async () => {
    const used = new UsedAssertions(LIFETIME_MS);
    used.note(PROVIDER, 'a');
    expect(await isUsed(used, 'a', 10 * LIFETIME_MS)).toBe(false);
  });

  it('refuses more when it is full, and never forgets early', async () => {
    const used = new UsedAssertions(LIFETIME_MS);
    for (let index = 0; index < 100_000; index++) used.note(PROVIDER, `a${index}`);
    await expect(async () => used.requireUnused(PROVIDER, 'b', 0)).rejects.toMatchObject({
      code: 'ThrottlingException',
    });
    expect(await isUsed(used, 'a0', 1_001)).toBe(true);
    expect(await isUsed(used, 'b', 1_001)).toBe(false);
  });
});
