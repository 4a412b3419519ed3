import { describe, expect, it } from 'vitest';
import { BudgetAlerts } from '../../src/admission/budget-alerts.ts';
import type { LedgerRow, SpendLedger } from '../../src/admission/spend-ledger.ts';
import { seedCounters } from '../../src/admission/spend-ledger.ts';
import { NoticeBook } from '../../src/notices/notice-book.ts';
import { TestNode, testTime } from './node.ts';

const DAY = { unit: 'day', timeZone: 'UTC' } as const;

describe('subscribers of a hard budget', () => {
  it('are told of each threshold and of the first refusal once in a window, by however many nodes', async () => {
    const node = new TestNode(testTime());
    const subscribers = [{ type: 'EMAIL' as const, address: 'finops@example.com' }];
    await node.budget({ name: 'all', unit: 'tokens', limit: '100', window: DAY, subscribers });
    const outbox = new NoticeBook(node.store, () => node.time.nowMs);
    const newAlerts = () =>
      new BudgetAlerts({
        outbox,
        managementAccountId: '1',
        clock: () => node.time.nowMs,
        onTrouble: expect.unreachable,
      });
    const nodes = [newAlerts(), newAlerts()];
    const state = node.table.get('all')!;
    const spend = (amount: bigint) => {
      const counter = state.counter('');
      counter.spend(counter.hold(0n, node.time.nowMs), amount);
      for (const alerts of nodes) alerts.noteSpend(state, counter);
    };
    const subjects = () => outbox.list().map(({ notice }) => notice.subject);
    const told = 'Tallyline: the hard budget all';
    spend(79n);
    expect(subjects()).toEqual([]);
    spend(1n);
    spend(1n);
    spend(19n);
    for (const alerts of nodes) for (let calls = 0; calls < 3; calls += 1) alerts.noteRefusal(state, state.counter(''));
    const first = [
      `${told} has reached 80 % of its limit`,
      `${told} has reached 100 % of its limit`,
      `${told} refuses calls`,
    ];
    await expect.poll(subjects).toHaveLength(3);
    expect(subjects().sort()).toEqual(first.toSorted());
    expect(outbox.list()[0]!.notice.text).toContain('Limit: 100 tokens a day');
    node.time.nowMs += 24 * 3_600_000;
    state.counter('').advance(node.time.nowMs);
    spend(85n);
    await expect.poll(subjects).toHaveLength(4);
  });
});

describe('counters that begin', () => {
  it('know what the ledger says of their window, with one question for all budgets of it', async () => {
    const node = new TestNode(testTime('2026-11-10T12:00:00Z'));
    const month = { unit: 'month', timeZone: 'UTC' } as const;
    await node.budget({ name: 'usd', unit: 'USD', limit: '5', window: month, each: { tag: 'team' } });
    await node.budget({ name: 'role', unit: 'requests', limit: '50', window: month, scope: { roles: ['*:role/App'] } });
    await node.budget({ name: 'rolling', unit: 'tokens', limit: '5000', window: { rollingHours: 2 } });
    await node.budget({ name: 'key', unit: 'tokens', limit: '5000', window: month, scope: { keys: ['AKIA'] } });
    const startMs = Date.parse('2026-11-01T00:00:00Z');
    const row = (changes: Partial<LedgerRow>): LedgerRow => ({
      ...{ principalArn: 'arn:aws:iam::123456789012:user/ann', accountId: '123456789012', modelId: 'cheap', startMs },
      ...{ tags: new Map(), tokens: 100n, requests: 2n, costPicoUsd: 1_000n, ...changes },
    });
    const session = 'arn:aws:sts::123456789012:assumed-role/App/ann';
    const questions: [number, string][] = [];
    const ledger: Pick<SpendLedger, 'spendSince'> = {
      spendSince: async (fromMs, grain) => {
        questions.push([fromMs, grain]);
        if (grain === 'quarter-hour') return [row({ startMs: fromMs }), row({ startMs: fromMs + 3_600_000 })];
        return [row({ tags: new Map([['team', 'blue']]) }), row({}), row({ principalArn: session, requests: 7n })];
      },
    };
    await seedCounters([...node.table.all()], ledger, node.time.nowMs);
    expect(questions).toEqual([
      [startMs, 'total'],
      [Date.parse('2026-11-10T10:00:00Z'), 'quarter-hour'],
    ]);
    expect([
      node.used('usd', 'blue'),
      node.used('usd', ''),
      node.used('role'),
      node.used('rolling'),
      node.used('key'),
    ]).toEqual([...[1_000n, 2_000n, 7n, 200n, 0n]]);
    // The same again changes nothing; what was counted here and is not there yet stays.
    await seedCounters([...node.table.all()], ledger, node.time.nowMs);
    expect(node.used('usd', '')).toBe(2_000n);
  });
});
