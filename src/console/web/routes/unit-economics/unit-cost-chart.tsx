import { type ReactElement, useMemo } from 'react';
import { Chart, type ChartSeries } from '../../components/chart.tsx';
import { usePreferences } from '../../display/preferences.ts';
import { compactMoney, money } from '../../format/amounts.ts';
import { compare } from '../../format/decimal.ts';
import { colourIndexesOf } from '../../format/name-colour.ts';
import type { UnitCosts, UnitGranularity } from './unit-cost-calls.ts';

const KEYS_SHOWN = 8;

/** Cost per unit over time: of all, and of the keys that cost most. Days without a count are gaps, not zeros. */
export function UnitCostChart({
  answer,
  granularity,
}: {
  readonly answer: UnitCosts;
  readonly granularity: UnitGranularity;
}): ReactElement {
  const { currency } = usePreferences();
  const { starts, series } = useMemo(() => linesOf(answer), [answer]);
  const labels = useMemo(
    () => starts.map((at) => at.slice(0, granularity === 'MONTHLY' ? 7 : 10)),
    [starts, granularity],
  );
  return (
    <Chart
      kind="line"
      title={`Cost per ${answer.Metric.Unit}`}
      labelHeader={granularity === 'MONTHLY' ? 'Month' : 'Day'}
      labels={labels}
      series={series}
      sums={false}
      format={(value) => money(value, currency)}
      axisText={(value) => compactMoney(String(value), currency)}
      height={260}
    />
  );
}

function linesOf({ Rows, Metric }: UnitCosts): {
  readonly starts: readonly string[];
  readonly series: readonly ChartSeries[];
} {
  const starts = [...new Set(Rows.map(({ Start }) => Start))];
  const largest = new Map<string, string>();
  for (const { Key, IsTotal, CoveredCostUsd, Units } of Rows) {
    if (IsTotal || Units === undefined) continue;
    if (compare(CoveredCostUsd, largest.get(Key) ?? '-1') > 0) largest.set(Key, CoveredCostUsd);
  }
  const keys = [...largest].sort(([, a], [, b]) => compare(b, a)).map(([key]) => key);
  const shown = Metric.By ? keys.slice(0, KEYS_SHOWN) : [];
  const colours = colourIndexesOf(shown);
  const byId = new Map(
    Rows.map((row) => [`${row.IsTotal ? 'all' : `=${row.Key}`} ${row.Start}`, row.UnitCostUsd ?? null]),
  );
  const valuesOf = (id: string) => starts.map((start) => byId.get(`${id} ${start}`) ?? null);
  const named = shown.map((key, index): ChartSeries => {
    const isNone = key === '';
    return {
      ...{ key: `=${key}`, name: isNone ? 'unassigned' : key, values: valuesOf(`=${key}`) },
      colour: isNone ? '--untagged' : `--name-${colours[index]! + 1}`,
    };
  });
  return { starts, series: [{ key: 'all', name: 'all', colour: '--other', values: valuesOf('all') }, ...named] };
}
