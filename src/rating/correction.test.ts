import { expect, it } from 'vitest';
import { shippedBook } from '../../test/rating/shipped-prices.ts';
import { usageEvent } from '../../test/rating/usage-event.ts';
import { billedInOpenPeriods } from './correction.ts';
import { itemize } from './itemize.ts';

const itemsAt = (...times: readonly number[]) =>
  itemize(
    times.map((admittedAtMs) => usageEvent({ admittedAtMs, usage: { inputTokens: 7, outputTokens: 0 } })),
    shippedBook(),
    [],
  );
const places = (periods: { readonly first?: string; readonly firstOpen: string }) =>
  billedInOpenPeriods(itemsAt(Date.UTC(2026, 6, 5), Date.UTC(2026, 8, 5), Date.UTC(2026, 10, 5)), periods).map(
    ({ bucketStartMs, chargeId }) => [new Date(bucketStartMs).toISOString().slice(0, 10), chargeId],
  );

it('bills usage of closed periods in the first open one', () => {
  expect(places({ firstOpen: '2026-10' })).toEqual([
    ['2026-10-01', 'correction/2026-07'],
    ['2026-10-01', 'correction/2026-09'],
    ['2026-11-05', ''],
  ]);
});

it('leaves usage from before the first bill where it was', () => {
  expect(places({ first: '2026-09', firstOpen: '2026-10' })).toEqual([
    ['2026-07-05', ''],
    ['2026-10-01', 'correction/2026-09'],
    ['2026-11-05', ''],
  ]);
  expect(places({ first: '2026-09', firstOpen: '' }).map(([, chargeId]) => chargeId)).toEqual(['', '', '']);
});
