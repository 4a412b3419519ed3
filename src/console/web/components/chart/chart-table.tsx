import type { ReactElement } from 'react';
import { add } from '../../format/decimal.ts';
import { type Column, DataTable } from '../data-table.tsx';
import type { ChartData } from './chart-data.ts';

/** The figures of a chart, a row for every place on its axis. */
export function ChartTable(
  props: Pick<ChartData, 'labels' | 'series' | 'before' | 'band'> & {
    readonly title: string;
    readonly labelHeader: string;
    readonly format: (value: string) => string;
    readonly sums: boolean;
    /** Pixels. */
    readonly height: number;
  },
): ReactElement {
  const { labels, series, before, band, format } = props;
  const shown = (value: string) => (value === '' ? '–' : format(value));
  const number = (id: string, header: string, text: (index: number) => string): Column<number> => ({
    id,
    header,
    kind: 'number',
    text,
    cell: (index) => shown(text(index)),
  });
  const columns: Column<number>[] = [
    { id: 'label', header: props.labelHeader, text: (index) => labels[index]! },
    ...(props.sums && series.length > 1
      ? [number('total', 'Total', (index) => add(...series.map(({ values }) => values[index] ?? '0')))]
      : []),
    ...series.map(({ key, name, values }) => number(`series:${key}`, name, (index) => values[index] ?? '')),
    ...(before ? [number('before', 'Period before', (index) => before[index] ?? '')] : []),
    ...(band
      ? [
          number('band-mean', band.name, (index) => band.mean[index] ?? ''),
          number('band-lower', `${band.name}, at least`, (index) => band.lower[index] ?? ''),
          number('band-upper', `${band.name}, at most`, (index) => band.upper[index] ?? ''),
        ]
      : []),
  ];
  return (
    <DataTable
      label={props.title}
      columns={columns}
      rows={labels.map((_, index) => index)}
      rowId={String}
      empty={null}
      download={props.title}
      maxHeight={`${props.height + 40}px`}
    />
  );
}
