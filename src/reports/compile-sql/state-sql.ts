import { SECOND_MS } from '../../kernel/time.ts';
import type { Book } from '../book.ts';
import { NOT_BILLED, RECONCILIATION_TABLE, type ReconciledPeriod } from '../reconciled-period.ts';
import type { Parameters } from './parameters.ts';

/**
 * `UsageState` of a line. Where the bill lacks some usage of a caller's day, model and meter, the whole of that counts as not
 * billed: rather too little than too much. Charges that are no usage have none in the ledger.
 */
export function stateSql(periods: readonly ReconciledPeriod[], book: Book, parameters: Parameters): string {
  if (book === 'bill') {
    const isFinal = periods.filter((one) => one.isFinal).map((one) => ofSource(one, parameters));
    return isFinal.length === 0 ? "'billed'" : `if(${isFinal.join(' OR ')}, 'closed', 'billed')`;
  }
  const arms = (['closed', 'billed'] as const).flatMap((state) => {
    const conditions = periods.filter(({ isFinal }) => isFinal === (state === 'closed'));
    return conditions.length === 0
      ? []
      : [conditions.map((one) => isBilled(one, parameters)).join(' OR '), `'${state}'`];
  });
  const all = ["record_type != 'Usage'", "''", ...arms, 'is_estimated = 1', "'estimated'", "'provider-reported'"];
  return `multiIf(${all.join(', ')})`;
}

/** The clause ARRAY JOIN in such a subquery makes the engine lose columns of the question around it. */
function isBilled(one: ReconciledPeriod, parameters: Parameters): string {
  const seconds = (atMs: number) => parameters.add('UInt32', atMs / SECOND_MS);
  const time = (column: string) => (one.grain === 'MONTH' ? `toStartOfMonth(${column})` : `toDate(${column})`);
  const key = (at: string, caller: string) => `(${time(at)}, toString(${caller}), toString(model_id), toString(meter))`;
  return `(bucket_start >= ${seconds(one.startMs)} AND bucket_start < ${seconds(one.endMs)}
    AND upstream IN ${parameters.add('Array(String)', one.upstreams)}
    AND ${key('bucket_start', 'principal_arn')} NOT IN (
      SELECT ${key('at', 'arrayJoin(callers)')} FROM ${RECONCILIATION_TABLE}
      WHERE ${ofSource(one, parameters)} AND ${NOT_BILLED}))`;
}

function ofSource({ sourceId, period }: ReconciledPeriod, parameters: Parameters): string {
  return `(source_id = ${parameters.add('String', sourceId)} AND period = ${parameters.add('UInt32', period)})`;
}
