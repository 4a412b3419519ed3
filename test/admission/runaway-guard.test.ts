import { describe, expect, it } from 'vitest';
import { RunawayGuard, type RunawayRules } from '../../src/admission/runaway-guard.ts';
import { MINUTE_MS } from '../../src/kernel/time.ts';
import { caller, claim } from './node.ts';

const ANN = caller('ann');
const START = Date.parse('2026-11-10T12:00:00Z');

function watch(rules: RunawayRules) {
  const found: string[] = [];
  const guard = new RunawayGuard(rules, ({ kind, text }) => void found.push(`${kind}: ${text}`));
  return { guard, found };
}

describe('the runaway guard', () => {
  it('finds more requests in a minute than are allowed, of each caller by itself', () => {
    const { guard, found } = watch({ requestsPerMinute: 3 });
    for (let calls = 0; calls < 3; calls += 1) {
      guard.noteCall(claim(ANN, START));
      guard.noteCall(claim(caller('bob'), START));
    }
    guard.noteCall(claim(ANN, START + MINUTE_MS));
    expect(found).toEqual([]);
    for (let calls = 0; calls < 3; calls += 1) guard.noteCall(claim(ANN, START + MINUTE_MS));
    expect(found).toEqual(['requests: more than 3 requests in a minute']);
  });

  it('finds a prompt that comes again and again, among others', () => {
    const { guard, found } = watch({ repeatedPrompts: { count: 2, windowMs: 10 * MINUTE_MS } });
    const asked = (text: string, atMs: number) => {
      const messages = [{ role: 'user' as const, content: [{ text }] }];
      guard.noteCall({ ...claim(ANN, atMs), prompt: { messages, system: [], additionalFields: {} } });
    };
    for (let index = 0; index < 500; index += 1) asked(`question ${index}`, START);
    for (let times = 0; times < 2; times += 1) asked('again', START);
    asked('again', START + 10 * MINUTE_MS);
    expect(found).toEqual([]);
    for (let times = 0; times < 2; times += 1) asked('again', START + 11 * MINUTE_MS);
    expect(found).toEqual(['repetition: the same prompt more than 2 times']);
  });

  it('finds spend far above what is usual for the caller, and nothing before it knows what is', () => {
    const { guard, found } = watch({ spendRate: { factor: 10, minUsd: 0.5 } });
    const at = (interval: number) => START + interval * 5 * MINUTE_MS;
    // No hold in the warm-up, however wild it is.
    for (let interval = 0; interval < 24; interval += 1)
      guard.noteSpend(ANN.arn, interval === 7 ? 50 : 0.1, at(interval));
    expect(found).toEqual([]);
    for (let interval = 24; interval < 100; interval += 1) guard.noteSpend(ANN.arn, 0.1, at(interval));
    // Ten times what is usual, but too little to matter, then enough.
    guard.noteSpend('arn:other', 100, at(100));
    guard.noteSpend(ANN.arn, 0.45, at(101));
    expect(found).toEqual([]);
    guard.noteSpend(ANN.arn, 1.5, at(101));
    expect(found).toEqual([expect.stringMatching(/^spend: 1\.9500 USD in five minutes, where 0\.1\d+ USD is usual$/)]);
  });
});
