import { describe, expect, it } from 'vitest';
import { FairQueue, type QueueRule } from './fair-queue.ts';

const RULE: QueueRule = { maxInFlight: 2, maxQueued: 6, maxQueuedPerCaller: 4, queueTimeoutMs: 1_000 };
const NEVER = new AbortController().signal;

/** A queue whose time passes only when told. */
function start(rule: Partial<QueueRule> = {}) {
  const rings: (() => void)[] = [];
  const wait = (_: number, until: AbortSignal) =>
    new Promise<void>((resolve) => {
      rings.push(resolve);
      if (until.aborted) resolve();
      until.addEventListener('abort', () => resolve(), { once: true });
    });
  return { queue: new FairQueue({ ...RULE, ...rule }, wait), timeOut: () => rings.forEach((ring) => void ring()) };
}

describe('a fair queue', () => {
  it('lets so many in at once, and the others in turn by caller, however many of each wait', async () => {
    const { queue } = start();
    const entered: string[] = [];
    const enter = (caller: string) =>
      void queue.enter(caller, 60_000, NEVER).then((turned) => entered.push(turned ?? caller));
    for (const caller of ['noisy', 'noisy', 'noisy', 'noisy', 'noisy', 'quiet', 'calm']) enter(caller);
    await Promise.resolve();
    expect([queue.inFlight, queue.queued]).toEqual([2, 5]);
    for (let left = 0; left < 5; left++) {
      queue.leave();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(entered).toEqual(['noisy', 'noisy', 'noisy', 'quiet', 'calm', 'noisy', 'noisy']);
    expect([queue.inFlight, queue.queued]).toEqual([2, 0]);
    queue.leave();
    queue.leave();
    expect(queue.inFlight).toBe(0);
  });

  it('keeps one caller from filling it, and everybody when it is full', async () => {
    const { queue } = start();
    for (let call = 0; call < 6; call++) void queue.enter('noisy', 60_000, NEVER);
    expect(await queue.enter('noisy', 60_000, NEVER)).toBe('full');
    void queue.enter('quiet', 60_000, NEVER);
    void queue.enter('calm', 60_000, NEVER);
    expect(queue.queued).toBe(6);
    expect(await queue.enter('late', 60_000, NEVER)).toBe('full');
  });

  it('turns away who waits for too long or has left, and keeps no place for them', async () => {
    const { queue, timeOut } = start({ maxInFlight: 1 });
    await queue.enter('first', 60_000, NEVER);
    const leaving = new AbortController();
    const left = queue.enter('second', 60_000, leaving.signal);
    leaving.abort();
    expect(await left).toBe('left');
    const late = queue.enter('third', 60_000, NEVER);
    timeOut();
    expect(await late).toBe('late');
    expect([queue.inFlight, queue.queued]).toEqual([1, 0]);
    queue.leave();
    expect(queue.inFlight).toBe(0);
  });
});
