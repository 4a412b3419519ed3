import { formatUsd, type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { nameUuid } from '../kernel/name-uuid.ts';

export type AnomalyFeedback = 'YES' | 'NO' | 'PLANNED_ACTIVITY';

/** Spend of one UTC day that was out of the ordinary. Amounts are exact decimal USD, as records keep them. */
export interface AnomalousDay {
  readonly dayMs: number;
  readonly actualUsd: string;
  readonly expectedUsd: string;
  /** 0 to 1; 0.5 is where alarms begin. */
  readonly score: number;
}

/** One reason for an anomaly. Without keys: all the reasons together that are too small to be listed. */
export interface RootCause {
  /** Service, region, account and usage type; or the principal alone. */
  readonly keys?: readonly string[];
  /** Exact decimal USD. */
  readonly contributionUsd: string;
}

/** Consecutive days on which a monitored value cost far more than expected. Kept up to date while they go on. */
export interface Anomaly {
  /** Made of monitor, value and first day, so that every evaluation comes to the same. */
  readonly id: string;
  readonly monitorArn: string;
  readonly accountId: string;
  /** Of the monitor's dimension; empty for a custom monitor, which watches its values together. */
  readonly value: string;
  /** In order, without a gap; never empty. */
  readonly days: readonly AnomalousDay[];
  /** Highest score that any evaluation came to. */
  readonly maxScore: number;
  /** Contributions sum to the total impact. */
  readonly rootCauses: readonly RootCause[];
  /** The same impact by who called. */
  readonly principals: readonly RootCause[];
  readonly feedback?: AnomalyFeedback;
  /** ARNs of the subscriptions that were told at once. */
  readonly toldSubscriptions: readonly string[];
  readonly detectedAtMs: number;
  readonly updatedAtMs: number;
}

/** The size of an anomaly, in doubles as the API gives it. */
export interface Impact {
  /** Of the worst day. */
  readonly maxUsd: number;
  readonly totalUsd: number;
  readonly actualUsd: number;
  readonly expectedUsd: number;
  /** Absent when nothing was expected. */
  readonly percentage?: number;
}

export function anomalyId(monitorArn: string, value: string, firstDayMs: number): string {
  return nameUuid(monitorArn, value, firstDayMs);
}

export function firstDayMs({ days }: Anomaly): number {
  return days[0]!.dayMs;
}

export function lastDayMs({ days }: Anomaly): number {
  return days.at(-1)!.dayMs;
}

/** Exact sums over the days. */
export function spendOf(days: readonly AnomalousDay[]): { readonly actual: PicoUsd; readonly expected: PicoUsd } {
  let [actual, expected] = [0n, 0n];
  for (const day of days) {
    actual += parsePicoUsd(day.actualUsd);
    expected += parsePicoUsd(day.expectedUsd);
  }
  return { actual, expected };
}

export function impactOf({ days }: Pick<Anomaly, 'days'>): Impact {
  const { actual, expected } = spendOf(days);
  const usd = (amount: PicoUsd) => Number(formatUsd(amount));
  return {
    maxUsd: Math.max(
      ...days.map(({ actualUsd, expectedUsd }) => usd(parsePicoUsd(actualUsd) - parsePicoUsd(expectedUsd))),
    ),
    totalUsd: usd(actual - expected),
    actualUsd: usd(actual),
    expectedUsd: usd(expected),
    ...(expected > 0n && { percentage: (usd(actual - expected) / usd(expected)) * 100 }),
  };
}
