import type { Slice } from '../admission/budget-window.ts';
import type { LedgerRow, SpendLedger } from '../admission/spend-ledger.ts';
import { parsePicoUsd } from '../kernel/money.ts';
import { TOKEN_METERS } from '../rating/meter.ts';
import { LINE_ITEM_TABLE } from '../reports/cost-schema.ts';
import type { CostStore } from '../reports/cost-store.ts';

interface Row {
  readonly principal_arn: string;
  readonly account_id: string;
  readonly model_id: string;
  readonly tags: [string, string][];
  readonly bucket: string;
  readonly tokens: string;
  readonly requests: string;
  readonly cost: string;
}

/** Rows of one answer: principals times models times sets of tags. What is beyond is not known to budgets. */
const ROWS_MAX = 200_000;
/** The last second that the store's times can say. */
const END_OF_TIME = 2 ** 32 - 1;

/** What hard budgets ask the cost store, beside the requests. */
export class StoredSpendLedger implements SpendLedger {
  readonly #store: Pick<CostStore, 'query'>;

  constructor(store: Pick<CostStore, 'query'>) {
    this.#store = store;
  }

  spendSince(startMs: number, grain: 'total' | 'quarter-hour'): Promise<LedgerRow[]> {
    const bucket = grain === 'total' ? '{start:UInt32}' : 'toUnixTimestamp(bucket_start)';
    return this.#spend(bucket, { start: seconds(startMs), end: END_OF_TIME });
  }

  spendIn(slices: readonly Slice[]): Promise<LedgerRow[]> {
    return this.#spend('roundDown(toUnixTimestamp(bucket_start), {starts:Array(UInt32)})', {
      starts: slices.map(({ startMs }) => seconds(startMs)),
      start: seconds(slices[0]!.startMs),
      end: seconds(slices.at(-1)!.endMs),
    });
  }

  async #spend(
    bucket: string,
    range: { readonly start: number; readonly end: number; readonly starts?: readonly number[] },
  ): Promise<LedgerRow[]> {
    const rows = await this.#store.query<Row>({
      sql: `SELECT principal_arn, account_id, model_id, principal_tags::Array(Tuple(String, String)) AS tags,
          ${bucket} AS bucket, sumIf(quantity, meter IN {meters:Array(String)}) AS tokens, sum(requests) AS requests, sum(cost) AS cost
        FROM ${LINE_ITEM_TABLE}
        WHERE bucket_start >= toDateTime({start:UInt32}, 'UTC') AND bucket_start < toDateTime({end:UInt32}, 'UTC')
          AND record_type = 'Usage' AND is_correction = 0
        GROUP BY principal_arn, account_id, model_id, tags, bucket
        ORDER BY cost DESC
        LIMIT ${ROWS_MAX}`,
      params: { ...range, meters: TOKEN_METERS },
    });
    return rows.map((row) => ({
      principalArn: row.principal_arn,
      accountId: row.account_id,
      modelId: row.model_id,
      tags: new Map(row.tags),
      startMs: Number(row.bucket) * 1_000,
      tokens: BigInt(row.tokens),
      requests: BigInt(row.requests),
      costPicoUsd: parsePicoUsd(row.cost),
    }));
  }
}

function seconds(atMs: number): number {
  return Math.floor(atMs / 1_000);
}
