import type { ChargeLedger } from '../billing/charge-ledger.ts';
import { type ClosingFacts, closingCharges, type Tax } from '../billing/closing-charges.ts';
import type { PeriodLedger } from '../billing/period-ledger.ts';
import type { PeriodSum } from '../billing/period-sum.ts';
import { parsePicoUsd } from '../kernel/money.ts';
import { billingPeriodEndMs, billingPeriodStartMs, type Clock } from '../kernel/time.ts';
import type { BillingEntity, RecordType } from '../rating/line-item.ts';
import { LINE_ITEM_TABLE } from '../reports/cost-schema.ts';
import type { CostStore } from '../reports/cost-store.ts';

export interface ClosePathParts {
  readonly periods: PeriodLedger;
  readonly charges: ChargeLedger;
  readonly taxes: readonly Tax[];
  readonly accountTagsOf: ClosingFacts['accountTagsOf'];
  readonly store: Pick<CostStore, 'query'>;
  /** Books the charges of a period that are on record. */
  readonly bookCharges: (period: string) => Promise<void>;
  /** Stores the usage so far; what comes later for periods before `firstOpenPeriod` goes there. */
  readonly seal: (firstOpenPeriod: string) => Promise<void>;
  readonly clock: Clock;
}

/**
 * The close of a billing period: begin > seal > book > sum > draw credits and add taxes > book > final. A close that is cut
 * off is taken up again, and comes to the same. Throws ValidationException for a period that cannot be closed now.
 */
export async function closePeriod(period: string, parts: ClosePathParts): Promise<void> {
  const { periods, charges, taxes, store, bookCharges, seal, clock } = parts;
  await periods.beginClose(period, clock());
  await seal(periods.firstOpen());
  await bookCharges(period);
  if (!periods.hasClosingCharges(period)) {
    const sums = await periodSums(period, store);
    const known = { credits: charges.credits(), charges: charges.charges(), taxes, accountTagsOf: parts.accountTagsOf };
    const facts = { period, nowMs: clock(), sums, ...known };
    await periods.recordClosingCharges(period, charges.changesFor(closingCharges(facts)));
  }
  await bookCharges(period);
  await periods.finish(period, clock());
}

interface StoredSum {
  readonly account_id: string;
  readonly service: string;
  readonly product_code: string;
  readonly billing_entity: BillingEntity;
  readonly record_type: RecordType;
  readonly is_correction: number;
  readonly gross: string;
  readonly net: string;
}

/** Everything on the bill of a period: of one account, or of all. */
export async function periodSums(
  period: string,
  store: Pick<CostStore, 'query'>,
  onlyAccountId?: string,
): Promise<PeriodSum[]> {
  const names = 'account_id, service, product_code, billing_entity, record_type, is_correction';
  const rows = await store.query<StoredSum>({
    sql: `SELECT ${names}, toString(sum(cost)) AS gross, toString(sum(net_cost)) AS net
      FROM ${LINE_ITEM_TABLE}
      WHERE bucket_start >= {start:UInt32} AND bucket_start < {end:UInt32}
        AND ({account:String} = '' OR account_id = {account:String})
      GROUP BY ${names} ORDER BY ${names}`,
    params: {
      start: billingPeriodStartMs(period) / 1_000,
      end: billingPeriodEndMs(period) / 1_000,
      account: onlyAccountId ?? '',
    },
  });
  return rows.map((row) => ({
    accountId: row.account_id,
    sold: { service: row.service, productCode: row.product_code, billingEntity: row.billing_entity },
    recordType: row.record_type,
    isCorrection: row.is_correction === 1,
    costPicoUsd: parsePicoUsd(row.gross),
    netCostPicoUsd: parsePicoUsd(row.net),
  }));
}

/** The period of the first line item; undefined while there is none. */
export async function firstBilledPeriod(store: Pick<CostStore, 'query'>): Promise<string | undefined> {
  const [row] = await store.query<{ first: string; lines: string }>({
    sql: `SELECT formatDateTime(min(bucket_start), '%Y-%m') AS first, count() AS lines FROM ${LINE_ITEM_TABLE}`,
    params: {},
  });
  return row && row.lines !== '0' ? row.first : undefined;
}
