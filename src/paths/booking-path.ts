import { createHash } from 'node:crypto';
import { chargeLineItem } from '../billing/charge.ts';
import type { ChargeLedger } from '../billing/charge-ledger.ts';
import type { LineItem } from '../rating/line-item.ts';
import { LINE_ITEM_TABLE } from '../reports/cost-schema.ts';
import type { CostStore } from '../reports/cost-store.ts';

export interface ChargeBookingParts {
  readonly ledger: ChargeLedger;
  /** Hands line items to the one place that stores them. */
  readonly book: (lineItems: readonly LineItem[]) => Promise<unknown>;
}

/**
 * Charges become line items: recorded > booked > marked as booked. Whatever fails in between, the same charges are handed
 * over again, and the store takes each once. Throws StoreUnavailable when the store is down; the charges stay recorded.
 */
export async function bookRecorded({ ledger, book }: ChargeBookingParts, period?: string): Promise<void> {
  const unbooked = ledger.unbooked(period);
  if (unbooked.length === 0) return;
  await book(unbooked.map(chargeLineItem));
  await ledger.markBooked(unbooked.map(({ chargeId }) => chargeId));
}

/** Ids in one question to the store. */
const IDS_PER_QUESTION = 1_000;

/**
 * Stores the line items of charges, each once however often it is handed over: what the store has is left out, and what is
 * left goes under a token of its own. Only one may run at a time.
 */
export async function bookCharges(items: readonly LineItem[], store: CostStore): Promise<void> {
  for (let from = 0; from < items.length; from += IDS_PER_QUESTION) {
    const asked = items.slice(from, from + IDS_PER_QUESTION);
    const stored = await storedIds(asked, store);
    const missing = asked.filter(({ chargeId }) => !stored.has(chargeId));
    if (missing.length === 0) continue;
    const ids = createHash('sha256').update(missing.map(({ chargeId }) => chargeId).join('\n'));
    await store.insert({ token: `charges/${ids.digest('hex')}`, usageEvents: [], lineItems: missing });
  }
}

async function storedIds(items: readonly LineItem[], store: CostStore): Promise<ReadonlySet<string>> {
  const buckets = items.map(({ bucketStartMs }) => bucketStartMs / 1_000);
  const rows = await store.query<{ charge_id: string }>({
    sql: `SELECT DISTINCT charge_id FROM ${LINE_ITEM_TABLE}
      WHERE bucket_start >= {first:UInt32} AND bucket_start <= {last:UInt32} AND charge_id IN {ids:Array(String)}`,
    params: {
      first: Math.min(...buckets),
      last: Math.max(...buckets),
      ids: items.map(({ chargeId }) => chargeId),
    },
  });
  return new Set(rows.map(({ charge_id }) => charge_id));
}
