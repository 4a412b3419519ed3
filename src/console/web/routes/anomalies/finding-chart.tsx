import { type ReactElement, useMemo } from 'react';
import { Card } from '../../components/card.tsx';
import { Chart, type ChartBand, type ChartSeries } from '../../components/chart.tsx';
import { useTimeZone } from '../../display/time-zone.ts';
import { money } from '../../format/amounts.ts';
import { timeText } from '../../time/time-text.ts';
import type { ShownFinding } from './finding.ts';

/** Spend by the hour, beside what was expected by the hours before the finding. */
export function FindingChart({ shown }: { readonly shown: ShownFinding }): ReactElement {
  const zone = useTimeZone();
  const { Series: hours, Finding: finding } = shown;
  const labels = useMemo(() => hours.map(({ Start }) => timeText(Date.parse(Start), zone, 'minute')), [hours, zone]);
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
  return (
    <Card
      title="Spend by the hour"
      note={band ? 'The band is what its own past makes usual.' : 'Too little was known to say what is usual.'}
    >
      <Chart
        kind="line"
        title="Spend by the hour"
        labelHeader="Hour"
        format={(value) => money(value)}
        {...{ labels, series, notes, ...(band && { band }) }}
      />
    </Card>
  );
}
