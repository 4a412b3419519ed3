import { type ReactElement, useMemo } from 'react';
import { DAY_MS } from '../../../../kernel/time.ts';
import { Card } from '../../components/card.tsx';
import { Chart, type ChartBand, type ChartSeries } from '../../components/chart.tsx';
import { useTimeZone } from '../../display/time-zone.ts';
import { compactMoney, money } from '../../format/amounts.ts';
import { timeText } from '../../time/time-text.ts';
import type { ShownFinding } from './finding.ts';

/** Spend by the hour, or by what the bill tells apart, beside what was expected by the time before the finding. */
export function FindingChart({ shown }: { readonly shown: ShownFinding }): ReactElement {
  const zone = useTimeZone();
  const { Series: hours, Finding: finding } = shown;
  const isByDay = hours.length > 1 && Date.parse(hours[1]!.Start) - Date.parse(hours[0]!.Start) >= DAY_MS;
  const labels = useMemo(
    () => hours.map(({ Start }) => timeText(Date.parse(Start), zone, isByDay ? 'date' : 'minute')),
    [hours, zone, isByDay],
  );
  const series = useMemo<ChartSeries[]>(
    () => [{ key: 'spend', name: 'Spend', colour: '--name-3', values: hours.map(({ CostUsd }) => CostUsd) }],
    [hours],
  );
  const band = useMemo<ChartBand | undefined>(() => {
    if (!hours.some(({ ExpectedUsd }) => ExpectedUsd !== undefined)) return undefined;
    return {
      name: 'Usual',
      mean: hours.map(({ ExpectedUsd }) => ExpectedUsd ?? null),
      lower: hours.map(({ ExpectedUsd }) => (ExpectedUsd === undefined ? null : '0')),
      upper: hours.map(({ UpperUsd }) => UpperUsd ?? null),
    };
  }, [hours]);
  const notes = useMemo(() => {
    const index = hours.findLastIndex(({ Start }) => Date.parse(Start) <= Date.parse(finding.Since));
    return index === -1 ? [] : [{ index, text: 'It began' }];
  }, [hours, finding.Since]);
  const title = `Spend by the ${isByDay ? 'day' : 'hour'}`;
  return (
    <Card
      title={title}
      note={band ? 'The band is what its own past makes usual.' : 'Too little was known to say what is usual.'}
    >
      <Chart
        kind="line"
        title={title}
        labelHeader={isByDay ? 'Day' : 'Hour'}
        format={(value) => money(value)}
        axisText={(value) => compactMoney(String(value))}
        {...{ labels, series, notes, ...(band && { band }) }}
      />
    </Card>
  );
}
