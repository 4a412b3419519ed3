import { Fault } from '../../../kernel/fault.ts';
import { bucketEndMs, DAY_MS } from '../../../kernel/time.ts';
import type { TimeZone } from '../../../kernel/time-zone.ts';
import type { LatestPeriods } from '../../../paths/change-path.ts';
import { type Anomaly, firstDayMs, lastDayMs } from '../../../reports/anomaly.ts';
import { monitorScope } from '../../../reports/anomaly-monitor.ts';
import type { AnomalyRegistry } from '../../../reports/anomaly-registry.ts';
import {
  besideEachOther,
  besideTheOneBefore,
  besideTheWeeksBefore,
  type ComparedPeriods,
  monthsBeside,
} from '../../../reports/compared-periods.ts';
import type { ReportFilter } from '../../../reports/report-query.ts';
import { type RangeInput, readRange } from '../report-input.ts';

/** Which periods are compared: ranges, months, or an anomaly; absent: what `LatestPeriods` are. */
export interface PeriodsInput {
  readonly After?: RangeInput;
  /** Absent: as long a time before `After`. */
  readonly Before?: RangeInput;
  /** `2026-11`. */
  readonly Month?: string;
  /** Absent: the month before. */
  readonly BeforeMonth?: string;
  readonly AnomalyId?: string;
}

export interface AskedPeriods extends ComparedPeriods {
  readonly anomaly?: Anomaly;
  /** Lets the anomaly's usage through. */
  readonly filter?: ReportFilter;
}

/** Whether the input says what is looked at, so that the latest periods need not be known. */
export function namesPeriods({ After, Month, AnomalyId }: PeriodsInput): boolean {
  return [After, Month, AnomalyId].some((one) => one !== undefined);
}

/**
 * `latest`: where none are named; undefined: some are. `accountId`: whose anomalies may be asked about; undefined: nobody's. Throws QueryInvalid and
 * ValidationException.
 */
export function askedPeriods(
  input: PeriodsInput,
  {
    nowMs,
    latest,
    zone,
  }: { readonly nowMs: number; readonly latest: LatestPeriods | undefined; readonly zone: TimeZone },
  anomalies: { readonly registry: AnomalyRegistry; readonly accountId: string | undefined },
): AskedPeriods {
  const { After, Before, Month, BeforeMonth, AnomalyId } = input;
  if ([After, Month, AnomalyId].filter((one) => one !== undefined).length > 1) {
    throw new Fault('QueryInvalid', 'ask about `After`, a `Month` or an `AnomalyId`, one of them');
  }
  if (AnomalyId !== undefined) return ofAnomaly(AnomalyId, { nowMs, zone }, anomalies);
  if (Month !== undefined) return monthsBeside(Month, BeforeMonth, nowMs, zone);
  if (!After) {
    if (!latest) throw new Error('no periods are named, and the latest are not known');
    return besideEachOther(Before ? readRange(Before) : latest.before, latest.after, zone);
  }
  const after = readRange(After);
  if (after.startMs >= after.endMs) throw new Fault('QueryInvalid', 'the start of `After` must be before its end');
  return Before ? besideEachOther(readRange(Before), after, zone) : besideTheOneBefore(after, zone);
}

function ofAnomaly(
  id: string,
  { nowMs, zone }: { readonly nowMs: number; readonly zone: TimeZone },
  { registry, accountId }: { readonly registry: AnomalyRegistry; readonly accountId: string | undefined },
): AskedPeriods {
  const anomaly =
    accountId === undefined ? undefined : registry.accountAnomalies(accountId).find((one) => one.id === id);
  const monitor = anomaly && registry.monitors(accountId!).find(({ arn }) => arn === anomaly.monitorArn);
  if (!anomaly || !monitor) {
    throw new Fault(
      'ResourceNotFoundException',
      `there is no anomaly \`${id}\`: the overview and GetAnomalies list them`,
    );
  }
  const endMs = Math.min(lastDayMs(anomaly) + DAY_MS, bucketEndMs(nowMs + 1));
  const { each, filter } = monitorScope(monitor);
  const usage: ReportFilter = { key: { dimension: 'recordType' }, equalsAny: ['Usage'] };
  const ofValue: ReportFilter[] = each ? [{ key: each, equalsAny: [anomaly.value] }] : [];
  return {
    ...besideTheWeeksBefore({ startMs: firstDayMs(anomaly), endMs }, zone),
    anomaly,
    filter: { and: [usage, ...ofValue, ...(filter ? [filter] : [])] },
  };
}
