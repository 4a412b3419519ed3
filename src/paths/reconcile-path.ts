import { isLogUpstream } from '../imports/log-source.ts';
import { Fault } from '../kernel/fault.ts';
import { formatUsd, type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { BUCKET_MS, billingPeriodEndMs, billingPeriodStartMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import { isCauseCode } from '../reconciliation/cause-code.ts';
import { comparisonSteps, leftAfter, linesByHour, scopeQueries, TOTALS } from '../reconciliation/compare-sql.ts';
import type { Comparison, Grain } from '../reconciliation/comparison.ts';
import {
  type CodeTotal,
  completeCodes,
  type OutOfScope,
  type ReconciliationResult,
} from '../reconciliation/reconciliation.ts';
import { type HourLines, stretchesOf } from '../reconciliation/stretches.ts';
import { BILL_LINE_TABLE } from '../reports/bill-schema.ts';
import type { CompiledQuery, CostStore } from '../reports/cost-store.ts';

export interface ReconcileDeps {
  readonly store: CostStore;
  readonly clock: () => number;
  /** Names of the upstreams that are Amazon Bedrock. */
  readonly upstreams: readonly string[];
  /** Aborted: it ends before the next statement. */
  readonly signal?: AbortSignal;
  /** Keys of tags that sessions at all of them carry as the callers do. */
  readonly sentTagKeys: 'all' | readonly string[];
}

/** Usage reaches the store within seconds; a batch's, and what a node had to keep, somewhat later. */
const SETTLED_AFTER_MS = 2 * MINUTE_MS;
/** Comparisons that usage came into meanwhile. */
const TRIES = 3;

/**
 * The reconcile path: describe > compare > check > keep. Throws ResourceNotFoundException where there is no such bill,
 * ReconciliationUnbalanced when its own sums are off: a bug, and nothing is kept.
 */
export async function reconcile(
  { sourceId, period }: { readonly sourceId: string; readonly period: string },
  deps: ReconcileDeps,
): Promise<ReconciliationResult> {
  for (let attempt = 1; ; attempt += 1) {
    const comparison = await describeBill({ sourceId, period, isQuiet: attempt > 1 }, deps);
    try {
      return await compare(comparison, deps);
    } catch (error) {
      if (!(error instanceof UsageCameIn) || attempt === TRIES) throw error;
    }
  }
}

class UsageCameIn extends Error {}

async function compare(comparison: Comparison, { store, signal }: ReconcileDeps): Promise<ReconciliationResult> {
  const { sourceId, period, grain, isFinal, billThroughMs, ledgerThroughMs, upstreams } = comparison;
  let result: ReconciliationResult | undefined;
  await store.replaceReconciliation({ sourceId, period }, async (run) => {
    await runSteps(comparison, store, async (statement) => {
      signal?.throwIfAborted();
      await run(statement);
    });
    const codes = (await store.query<StoredTotal>(TOTALS)).map(codeTotal);
    const scopes = await sides(comparison, store);
    const ofCodes = (side: 'billUsd' | 'ledgerUsd') => codes.reduce((sum, one) => sum + parsePicoUsd(one[side]), 0n);
    const isOff = ofCodes('billUsd') !== scopes.bill.compared || ofCodes('ledgerUsd') !== scopes.ledger.compared;
    if (isOff) {
      const again = await sides(comparison, store);
      if (again.ledger.compared !== scopes.ledger.compared || again.ledger.lines !== scopes.ledger.lines) {
        throw new UsageCameIn('usage came in');
      }
      throw new Fault(
        'ReconciliationUnbalanced',
        `the differences of \`${sourceId}\` do not add up: the bill has ${formatUsd(scopes.bill.compared)} USD and they have ${formatUsd(ofCodes('billUsd'))}, the ledger has ${formatUsd(scopes.ledger.compared)} USD and they have ${formatUsd(ofCodes('ledgerUsd'))}; report this bug`,
      );
    }
    result = {
      ...{ grain, isFinal, billThroughMs, ledgerThroughMs, upstreams },
      billUsd: formatUsd(scopes.bill.compared),
      ledgerUsd: formatUsd(scopes.ledger.compared),
      codes: completeCodes(codes),
      outOfScope: [...scopes.bill.others, ...scopes.ledger.others],
    };
  });
  return result!;
}

async function runSteps(
  comparison: Comparison,
  store: CostStore,
  run: (statement: CompiledQuery) => Promise<void>,
): Promise<void> {
  const hours = await store.query<HourLines>(linesByHour(comparison));
  const { exact, looser, last } = comparisonSteps(comparison, stretchesOf(comparison, hours));
  for (const statement of exact) await run(statement);
  let steps = 0;
  for (const statements of looser) {
    const [left] = await store.query<{ bill: string; ledger: string }>(leftAfter(steps));
    if (left!.bill === '0' || left!.ledger === '0') break;
    for (const statement of statements) await run(statement);
    steps += 1;
  }
  for (const statement of last(steps)) await run(statement);
}

interface StoredTotal {
  readonly code: string;
  readonly lines: string;
  readonly bill_quantity: string;
  readonly ledger_quantity: string;
  /** 1e-12 USD. */
  readonly bill: string;
  readonly ledger: string;
  readonly apart: string;
}

function codeTotal({ code, lines, bill_quantity, ledger_quantity, bill, ledger, apart }: StoredTotal): CodeTotal {
  if (!isCauseCode(code)) throw new RangeError(`a row with the code ${code}`);
  return {
    code,
    rows: Number(lines),
    billUsd: formatUsd(BigInt(bill)),
    ledgerUsd: formatUsd(BigInt(ledger)),
    differenceUsd: formatUsd(BigInt(bill) - BigInt(ledger)),
    apartUsd: formatUsd(BigInt(apart)),
    billQuantity: bill_quantity,
    ledgerQuantity: ledger_quantity,
  };
}

interface Side {
  readonly compared: PicoUsd;
  readonly lines: number;
  readonly others: readonly OutOfScope[];
}

async function sides(
  comparison: Comparison,
  store: CostStore,
): Promise<{ readonly bill: Side; readonly ledger: Side }> {
  const queries = scopeQueries(comparison);
  const side = async (name: 'bill' | 'ledger'): Promise<Side> => {
    const rows = await store.query<{ reason: string; cost: string; lines: string }>(queries[name]);
    const compared = rows.find(({ reason }) => reason === '');
    return {
      compared: parsePicoUsd(compared?.cost ?? '0'),
      lines: Number(compared?.lines ?? 0),
      others: rows
        .filter(({ reason }) => reason !== '')
        .map(({ reason, cost, lines }) => ({
          side: name,
          reason,
          usd: formatUsd(parsePicoUsd(cost)),
          lines: Number(lines),
        })),
    };
  };
  return { bill: await side('bill'), ledger: await side('ledger') };
}

interface StoredBill {
  readonly lines: string;
  readonly longest: string;
  readonly through: string;
  readonly unfinal: string;
  readonly accounts: readonly string[];
}

/** `isQuiet`: leave out what usage may still come into, although the bill has some of it. */
async function describeBill(
  { sourceId, period, isQuiet }: { readonly sourceId: string; readonly period: string; readonly isQuiet: boolean },
  deps: ReconcileDeps,
): Promise<Comparison> {
  const { store, clock, upstreams, sentTagKeys } = deps;
  const number = Number(period.replace('-', ''));
  const [startMs, endMs] = [billingPeriodStartMs(period), billingPeriodEndMs(period)];
  const isUsage = `record_type = 'Usage' AND channel NOT IN ('other', 'agentcore')`;
  const [bill] = await store.query<StoredBill>({
    sql: `SELECT count() AS lines, maxIf(dateDiff('second', bucket_start, usage_end), ${isUsage} AND is_recognised) AS longest,
  toUnixTimestamp(maxIf(usage_end, ${isUsage})) AS through, countIf(${isUsage} AND invoice_id = '') AS unfinal,
  groupUniqArray(account_id) AS accounts
FROM ${BILL_LINE_TABLE} WHERE source_id = {source:String} AND period = {period:UInt32}`,
    params: { source: sourceId, period: number },
  });
  if (!bill || Number(bill.lines) === 0) {
    throw new Fault('ResourceNotFoundException', `no bill of \`${sourceId}\` for \`${period}\` was imported`);
  }
  const [tags] = await store.query<{ keys: readonly string[] }>({
    sql: `SELECT arraySort(groupUniqArrayArray(mapKeys(principal_tags))) AS keys
FROM ${BILL_LINE_TABLE} WHERE source_id = {source:String}`,
    params: { source: sourceId },
  });
  const nowMs = clock();
  const billThroughMs = Math.min(Number(bill.through) * SECOND_MS, endMs);
  const settledMs = Math.floor((nowMs - SETTLED_AFTER_MS) / BUCKET_MS) * BUCKET_MS;
  return {
    ...{ sourceId, startMs, endMs, upstreams, period: number },
    logUpstreams: upstreams.filter(isLogUpstream),
    grain: grainOf(Number(bill.longest)),
    billThroughMs,
    isFinal: nowMs >= endMs && Number(bill.unfinal) === 0,
    ledgerThroughMs: Math.min(endMs, isQuiet ? settledMs : Math.max(settledMs, billThroughMs)),
    accounts: bill.accounts,
    tagKeys: (tags?.keys ?? []).filter((key) => sentTagKeys === 'all' || sentTagKeys.includes(key)),
  };
}

function grainOf(longestSeconds: number): Grain {
  const longestMs = longestSeconds * SECOND_MS;
  return longestMs <= HOUR_MS ? 'HOUR' : longestMs <= 24 * HOUR_MS ? 'DAY' : 'MONTH';
}
