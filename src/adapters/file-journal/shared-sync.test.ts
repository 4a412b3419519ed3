import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SharedSync } from './shared-sync.ts';

let openCalls = 0;
let syncs = 0;
/** Ends the sync under way. */
let end: (error?: Error) => void;
let shared: SharedSync;

beforeEach(() => {
  // No time passes here but where a test says so.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  openCalls = 0;
  syncs = 0;
  shared = new SharedSync(
    () => {
      syncs += 1;
      return new Promise((resolve, reject) => {
        end = (error) => (error ? reject(error) : resolve());
      });
    },
    () => openCalls,
  );
});
afterEach(() => vi.useRealTimers());

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A sync for so many at once, after which others gather. */
async function syncFor(count: number): Promise<void> {
  const waiting = Array.from({ length: count }, () => shared.ended());
  await turn();
  end();
  await Promise.all(waiting);
}

describe('SharedSync', () => {
  it('is one for all that come in a turn, and another for those that come while it runs', async () => {
    const first = [shared.ended(), shared.ended()];
    await turn();
    expect(syncs).toBe(1);
    const second = shared.ended();
    end();
    await Promise.all(first);
    await turn();
    expect(syncs).toBe(2);
    end();
    await second;
  });

  it('keeps nobody waiting for others where calls come one by one', async () => {
    openCalls = 60;
    await syncFor(1);
    await syncFor(1);
    expect(syncs).toBe(2);
  });

  it('waits for half of the calls in flight where many come together', async () => {
    await syncFor(20);
    openCalls = 3;
    const waiting = [shared.ended(), shared.ended()];
    await turn();
    expect(syncs).toBe(1);
    openCalls = 2;
    waiting.push(shared.ended());
    await turn();
    expect(syncs).toBe(2);
    end();
    await Promise.all(waiting);
    // What it had waited for meanwhile does not begin another one.
    await vi.advanceTimersByTimeAsync(100);
    expect(syncs).toBe(2);
  });

  it('waits a millisecond for each two of the sync before, and 6 at most', async () => {
    for (const [before, gatherMs] of [
      [5, 2],
      [100, 6],
    ] as const) {
      openCalls = 0;
      await syncFor(before);
      openCalls = 60;
      const waiting = shared.ended();
      const known = syncs;
      await vi.advanceTimersByTimeAsync(gatherMs - 1);
      expect(syncs).toBe(known);
      await vi.advanceTimersByTimeAsync(1);
      expect(syncs).toBe(known + 1);
      end();
      await waiting;
    }
  });

  it('fails for those who wait for it, and for those who came meanwhile', async () => {
    const first = shared.ended();
    await turn();
    const second = shared.ended();
    end(new Error('no space'));
    await expect(first).rejects.toThrow('no space');
    await expect(second).rejects.toThrow('no space');
    // Whoever comes later is tried for again.
    await syncFor(1);
    expect(syncs).toBe(2);
  });
});
