import { type ReactElement, useMemo } from 'react';
import { MINUTE_MS } from '../../../../kernel/time.ts';
import { Card } from '../../components/card.tsx';
import { Chart, type ChartSeries } from '../../components/chart.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { useTimeZone } from '../../display/time-zone.ts';
import { count, money } from '../../format/amounts.ts';
import { add, isZero, subtract } from '../../format/decimal.ts';
import { colourIndexesOf } from '../../format/name-colour.ts';
import { timeText } from '../../time/time-text.ts';
import type { Live } from './answers.ts';

/** Principals that have a colour of their own in the chart of spend. */
const NAMED = 6;
const HEIGHT = 190;

/** Calls of the last minute by the second; those that were refused beside them. */
export function CallsChart({ live }: { readonly live: Live }): ReactElement {
  const zone = useTimeZone();
  const labels = useMemo(
    () => live.Seconds.map(({ Start }) => timeText(Date.parse(Start), zone, 'second').slice(11)),
    [live.Seconds, zone],
  );
  const series = useMemo<ChartSeries[]>(
    () => [
      ...[
        { key: 'calls', name: 'Ended', colour: '--name-3', values: live.Seconds.map(({ Calls }) => String(Calls)) },
        {
          ...{ key: 'refused', name: 'Refused', colour: '--unpriced', striped: true },
          values: live.Seconds.map(({ Refused }) => String(Refused)),
        },
      ],
    ],
    [live.Seconds],
  );
  return (
    <Card title="Calls per second">
      <Chart
        kind="bars"
        title="Calls per second"
        labelHeader="Second"
        height={HEIGHT}
        format={(value) => count(value)}
        {...{ labels, series }}
      />
    </Card>
  );
}

/** Spend of the last hour by the minute, and whose it was. */
export function SpendChart({ live }: { readonly live: Live }): ReactElement {
  const zone = useTimeZone();
  const known = useMemo(() => sinceStart(live), [live]);
  const labels = useMemo(
    () => known.Minutes.map(({ Start }) => timeText(Date.parse(Start), zone, 'minute').slice(11)),
    [known, zone],
  );
  const series = useMemo(() => spendSeries(known), [known]);
  return (
    <Card title="Spend per minute">
      <Chart
        kind="bars"
        title="Spend per minute"
        labelHeader="Minute"
        height={HEIGHT}
        format={(value) => money(value)}
        {...{ labels, series }}
      />
    </Card>
  );
}

/** Without the minutes before the server was started: of these it knows nothing, which is not the same as no spend. */
function sinceStart(live: Live): Pick<Live, 'Principals' | 'Minutes'> {
  const unknown = live.Minutes.filter(({ Start }) => Date.parse(Start) + MINUTE_MS <= Date.parse(live.Since)).length;
  return {
    Minutes: live.Minutes.slice(unknown),
    Principals: live.Principals.map((one) => ({ ...one, MinuteCostsUsd: one.MinuteCostsUsd.slice(unknown) })),
  };
}

/** The dearest by name and the rest as one, which add up to the whole. */
function spendSeries({ Principals, Minutes }: Pick<Live, 'Principals' | 'Minutes'>): ChartSeries[] {
  const named = Principals.slice(0, NAMED).filter(({ CostUsd }) => !isZero(CostUsd));
  const colours = colourIndexesOf(named.map(({ Principal }) => Principal));
  const rest = Minutes.map(({ CostUsd }, index) =>
    subtract(CostUsd, add(...named.map(({ MinuteCostsUsd }) => MinuteCostsUsd[index] ?? '0'))),
  );
  return [
    ...named.map(({ Principal, MinuteCostsUsd }, index) => ({
      ...{ key: Principal, name: shortName(Principal), colour: `--name-${colours[index]! + 1}` },
      values: MinuteCostsUsd,
    })),
    ...(rest.every(isZero) ? [] : [{ key: '', name: 'Other', colour: '--other', striped: true, values: rest }]),
  ];
}
