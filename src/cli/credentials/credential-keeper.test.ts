import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../kernel/fault.ts';
import { CredentialKeeper } from './credential-keeper.ts';
import type { WorkloadCredentials } from './workload-credentials.ts';

const HOUR_MS = 3_600_000;
const DOWN = new Fault('NotFound', 'nothing answers');

let fetches: number;
let isDown: boolean;
let keeper: CredentialKeeper;
let troubles: string[];

const issue = (nowMs: number): WorkloadCredentials => ({
  accessKeyId: `ASIA${fetches}`,
  secretAccessKey: 'secret',
  sessionToken: 'token',
  issuedAtMs: nowMs,
  expiresAtMs: nowMs + HOUR_MS,
  sessionArn: 'arn:aws:sts::123456789012:assumed-role/App/job',
});

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  fetches = 0;
  isDown = false;
  troubles = [];
  const fetch = async (nowMs: number) => {
    fetches += 1;
    await Promise.resolve();
    if (isDown) throw DOWN;
    return issue(nowMs);
  };
  keeper = new CredentialKeeper({ fetch, now: () => Date.now(), onTrouble: (message) => troubles.push(message) });
});
afterEach(() => {
  keeper.stop();
  vi.useRealTimers();
});

describe('CredentialKeeper', () => {
  it('fetches once for all who wait, and not again while they are fresh', async () => {
    const all = await Promise.all([keeper.current(), keeper.current(), keeper.current()]);
    expect(new Set(all).size).toBe(1);
    await vi.advanceTimersByTimeAsync(44 * 60_000);
    expect(await keeper.current()).toBe(all[0]);
    expect(fetches).toBe(1);
  });

  it('renews them a quarter of an hour before the end, whether or not anybody asks', async () => {
    keeper.start();
    await vi.advanceTimersByTimeAsync(45 * 60_000);
    expect(fetches).toBe(2);
    expect((await keeper.current()).accessKeyId).toBe('ASIA2');
    await vi.advanceTimersByTimeAsync(45 * 60_000);
    expect(fetches).toBe(3);
  });

  it('gives out the last good ones while the server is down, until they end', async () => {
    const good = await keeper.current();
    isDown = true;
    await vi.advanceTimersByTimeAsync(59 * 60_000);
    expect(await keeper.current()).toBe(good);
    expect(troubles[0]).toBe('nothing answers');
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(keeper.current()).rejects.toBe(DOWN);
    isDown = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await keeper.current()).expiresAtMs).toBeGreaterThan(good.expiresAtMs);
  });

  it('asks a server that is down once in five seconds, however many want credentials', async () => {
    isDown = true;
    for (let asked = 0; asked < 50; asked++) await expect(keeper.current()).rejects.toBe(DOWN);
    expect(fetches).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fetches).toBe(13);
  });

  it('does not keep a caller waiting for new ones while the old ones are good', async () => {
    const good = await keeper.current();
    const stuck = new CredentialKeeper({
      fetch: async (nowMs) => (fetches++ === 1 ? issue(nowMs) : new Promise(() => undefined)),
      now: () => Date.now(),
      onTrouble: () => undefined,
    });
    expect(await stuck.current()).toMatchObject({ expiresAtMs: good.expiresAtMs });
    await vi.advanceTimersByTimeAsync(50 * 60_000);
    const answered = stuck.current();
    await vi.advanceTimersByTimeAsync(500);
    expect(await answered).toMatchObject({ expiresAtMs: good.expiresAtMs });
    stuck.stop();
  });
});
