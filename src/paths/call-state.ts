import { DAY_MS, SECOND_MS } from '../kernel/time.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import {
  NOT_BILLED,
  RECONCILIATION_TABLE,
  type ReconciledPeriod,
  type UsageState,
} from '../reports/reconciled-period.ts';
import type { ReportDeps } from './report-path.ts';

type Call = Pick<UsageEvent, 'requestId' | 'admittedAtMs' | 'principalArn' | 'modelId' | 'upstream' | 'usage'>;

/** How far each call is in becoming a bill, by request id: as the dimension `state` of reports says of its line items. */
export async function callStates(
  calls: readonly Call[],
  { store, costCatalog }: ReportDeps,
): Promise<Map<string, UsageState>> {
  const periods = costCatalog().reconciled ?? [];
  const compared = calls.flatMap((call) => {
    const period = periods.find((one) => isIn(call, one));
    return period ? [{ call, period }] : [];
  });
  const unbilled = compared.length === 0 ? new Set<string>() : await unbilledKeys(compared, store);
  const states = new Map(calls.map((call) => [call.requestId, metered(call)]));
  for (const { call, period } of compared) {
    if (!unbilled.has(keyOf(call, period))) states.set(call.requestId, period.isFinal ? 'closed' : 'billed');
  }
  return states;
}

function metered({ usage }: Call): UsageState {
  return usage.isEstimated ? 'estimated' : 'provider-reported';
}

function isIn({ admittedAtMs, upstream }: Call, { startMs, endMs, upstreams }: ReconciledPeriod): boolean {
  return admittedAtMs >= startMs && admittedAtMs < endMs && upstreams.includes(upstream);
}

/** Days, or the month where the bill knows no days. */
function keyOf({ admittedAtMs, principalArn, modelId }: Call, { sourceId, period, grain }: ReconciledPeriod): string {
  const day = grain === 'MONTH' ? 0 : Math.floor(admittedAtMs / DAY_MS);
  return JSON.stringify([sourceId, period, day, principalArn, modelId]);
}

/** Keys of which the bill lacks something. */
async function unbilledKeys(
  compared: readonly { readonly call: Call; readonly period: ReconciledPeriod }[],
  store: ReportDeps['store'],
): Promise<ReadonlySet<string>> {
  const rows = await store.query<{ source_id: string; period: number; atS: string; caller: string; model_id: string }>({
    sql: `SELECT DISTINCT source_id, period, toUnixTimestamp(toStartOfDay(at)) AS atS, caller, model_id
FROM ${RECONCILIATION_TABLE} ARRAY JOIN callers AS caller
WHERE ${NOT_BILLED} AND caller IN {callers:Array(String)} AND model_id IN {models:Array(String)} AND period IN {periods:Array(UInt32)}`,
    params: {
      callers: [...new Set(compared.map(({ call }) => call.principalArn))],
      models: [...new Set(compared.map(({ call }) => call.modelId))],
      periods: [...new Set(compared.map(({ period }) => period.period))],
    },
  });
  const grains = new Map(compared.map(({ period }) => [`${period.sourceId} ${period.period}`, period.grain]));
  return new Set(
    rows.map(({ source_id, period, atS, caller, model_id }) => {
      const isMonth = grains.get(`${source_id} ${period}`) === 'MONTH';
      return JSON.stringify([
        source_id,
        period,
        isMonth ? 0 : Math.floor((Number(atS) * SECOND_MS) / DAY_MS),
        caller,
        model_id,
      ]);
    }),
  );
}
