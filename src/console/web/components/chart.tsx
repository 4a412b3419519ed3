import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { ChartCanvas } from './chart/chart-canvas.tsx';
import type { ChartData, ChartSeries } from './chart/chart-data.ts';
import { ChartTable } from './chart/chart-table.tsx';
import { pngOf } from './chart/picture.ts';
import { saveFile } from './download.ts';
import { Swatch } from './name-badge.tsx';

export type { ChartBand, ChartData, ChartKind, ChartNote, ChartSeries } from './chart/chart-data.ts';

export interface ChartProps extends Omit<ChartData, 'axisText'> {
  /** What the chart shows, read aloud with its largest series, and the name of downloaded files. */
  readonly title: string;
  /** First column of the table behind the chart: `Day`, `Model`. */
  readonly labelHeader: string;
  /** Writes a value for the tip and the table, in full. */
  readonly format: (value: string) => string;
  /** Writes a value in few characters. Absent: three digits that count, with K, M, B. */
  readonly axisText?: (value: number) => string;
  /** Pixels. */
  readonly height?: number;
  readonly legend?: boolean;
  /** A stretch was marked with the pointer; indexes of the first and the last label in it. */
  readonly onZoom?: (first: number, last: number) => void;
  /** A series was pressed, in the chart (with the index of the label) or in the legend (without). */
  readonly onSelect?: (series: ChartSeries, index?: number) => void;
  /** Whether the sum of the series at a place means something: not of ratios. Absent: yes. */
  readonly sums?: boolean;
  /** More buttons beside those of the chart. */
  readonly tools?: ReactNode;
}

const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

function summary({ title, labels, series }: ChartProps): string {
  const names = series.slice(0, 5).map(({ name }) => name);
  const more = series.length > names.length ? ` and ${series.length - names.length} more` : '';
  const span = labels.length > 1 ? `, ${labels[0]} to ${labels.at(-1)}` : '';
  return `${title}${span}. Series: ${names.join(', ')}${more}. The same figures are in the table behind the chart.`;
}

async function savePicture(drawing: SVGSVGElement, title: string, series: readonly ChartSeries[]): Promise<void> {
  const picture = await pngOf(drawing, title, series);
  if (picture) saveFile(`${title}.png`, picture);
}

/** A chart with its table behind it. */
export function Chart(props: ChartProps): ReactElement {
  const [asTable, setAsTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const drawing = useRef<SVGSVGElement>(null);
  const series = props.series.filter(({ key }) => !hidden.has(key));
  const sums = props.sums ?? true;

  // A series that is hidden by its key stays hidden only as long as it is there.
  useEffect(() => {
    setHidden((before) => {
      const left = [...before].filter((key) => props.series.some((one) => one.key === key));
      return left.length === before.size ? before : new Set(left);
    });
  }, [props.series]);

  return (
    <figure className="chart-figure">
      <div className="chart-tools">
        {props.tools}
        <Button look="ghost" small icon="table" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          Show as table
        </Button>
        {!asTable && (
          <Button
            look="ghost"
            small
            icon="image"
            aria-label="Save as picture"
            onClick={() =>
              drawing.current &&
              void savePicture(
                drawing.current,
                props.title,
                ['treemap', 'waterfall'].includes(props.kind) ? [] : series,
              )
            }
          />
        )}
      </div>
      {asTable ? (
        <ChartTable {...props} sums={sums} height={props.height ?? 300} />
      ) : (
        <>
          <ChartCanvas
            data={{
              kind: props.kind,
              labels: props.labels,
              series,
              ...(props.before && { before: props.before }),
              ...(props.band && { band: props.band }),
              ...(props.notes && { notes: props.notes }),
              axisText: props.axisText ?? short.format,
            }}
            summary={summary(props)}
            format={props.format}
            sums={sums}
            height={props.height ?? 300}
            drawing={drawing}
            onZoom={props.onZoom}
            onSelect={props.onSelect}
          />
          {(props.legend ?? true) && props.kind !== 'treemap' && props.kind !== 'waterfall' && (
            <Legend {...props} hidden={hidden} onHide={setHidden} />
          )}
        </>
      )}
    </figure>
  );
}

/** Press: what the chart does with a series; without that, hides it. The square before a name hides and shows it. */
function Legend(
  props: ChartProps & { readonly hidden: ReadonlySet<string>; readonly onHide: (hidden: ReadonlySet<string>) => void },
): ReactElement {
  const toggle = (key: string) => {
    const next = new Set(props.hidden);
    if (!next.delete(key)) next.add(key);
    props.onHide(next);
  };
  return (
    <div className="chart-legend">
      {props.series.map((series) => (
        <button
          key={series.key}
          type="button"
          aria-pressed={!props.hidden.has(series.key)}
          title={`${series.name}: show or hide`}
          onClick={() => toggle(series.key)}
        >
          <Swatch colour={series.colour} />
          <span className="legend-name">{series.name}</span>
        </button>
      ))}
    </div>
  );
}
