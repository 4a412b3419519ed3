import type { TimeZone } from '../../../../kernel/time-zone.ts';
import type { ChartBand, ChartSeries } from '../../components/chart.tsx';
import { add, compare, subtract } from '../../format/decimal.ts';
import { shortModel } from '../../format/model-name.ts';
import { colourIndexesOf } from '../../format/name-colour.ts';
import type { ReportRow } from '../../report/get-report.ts';
import { dayText } from '../../time/day-text.ts';
import type { Outlook, Overview } from './answer.ts';

export interface MonthPicture {
  readonly labels: readonly string[];
  readonly series: readonly ChartSeries[];
  readonly before?: readonly (string | null)[];
  readonly band?: ChartBand;
}

/** A month as a chart: what was spent up to today, the month before beside it, what is expected for the days that are left. */
export function monthPicture(parts: {
  readonly rows: readonly ReportRow[];
  /** The days of the month before; empty: there was none. */
  readonly before: readonly ReportRow[];
  readonly overview: Overview;
  readonly zone: TimeZone;
  /** Adds the days up. */
  readonly isSum: boolean;
  /** What to call a lack of the value. */
  readonly none: string;
}): MonthPicture {
  const { rows, overview, zone, isSum } = parts;
  const days = daysOf(overview, zone);
  const place = new Map(days.map((startMs, index) => [startMs, index]));
  const today = days.findLastIndex((startMs) => startMs < Date.parse(overview.MonthToDate.End));
  const course = (own: readonly ReportRow[]) => {
    const values = Array<string>(today + 1).fill('0');
    for (const { Start, CostUsd = '0' } of own) {
      const index = place.get(Date.parse(Start));
      if (index !== undefined) values[index] = add(values[index]!, CostUsd);
    }
    return isSum ? addedUp(values) : values;
  };
  const padded = (values: readonly string[]) => days.map((_, index) => values[index] ?? null);
  const groups = Map.groupBy(rows, ({ Keys, IsOther }) => (IsOther ? OTHER : `name:${Keys[0] ?? ''}`));
  const totals = [...groups].map(([key, own]) => ({
    key,
    own,
    cost: add('0', ...own.map(({ CostUsd = '0' }) => CostUsd)),
  }));
  totals.sort((a, b) => Number(a.key === OTHER) - Number(b.key === OTHER) || compare(b.cost, a.cost));
  const colours = colourIndexesOf(totals.map(({ key }) => key.slice('name:'.length)));
  const series = totals.map(
    ({ key, own }, index): ChartSeries => ({
      key,
      ...look(key, parts.none, colours[index]!),
      values: padded(course(own)),
    }),
  );
  const before = parts.before.map(({ CostUsd = '0' }) => CostUsd);
  return {
    labels: days.map((startMs) => dayText(startMs, zone)),
    series,
    ...(before.length > 0 && { before: padded(isSum ? addedUp(before) : before) }),
    ...bandOf(overview, days, isSum),
  };
}

const OTHER = 'other';

function look(key: string, none: string, colour: number): Pick<ChartSeries, 'name' | 'colour' | 'striped'> {
  if (key === OTHER) return { name: 'other', colour: '--other', striped: true };
  const name = key.slice('name:'.length);
  if (name === '') return { name: none, colour: '--untagged', striped: true };
  return { name: shortModel(name), colour: `--name-${colour + 1}` };
}

/** Begins of the days of the month. */
function daysOf({ MonthToDate: month, MonthEnd: end }: Overview, zone: TimeZone): number[] {
  const days: number[] = [];
  for (let startMs = Date.parse(month.Start); startMs < Date.parse(end); startMs = zone.nextDayMs(startMs)) {
    days.push(startMs);
  }
  return days;
}

function addedUp(values: readonly string[]): string[] {
  let sum = '0';
  return values.map((value) => {
    sum = add(sum, value);
    return sum;
  });
}

/** What is expected of each day that is left; of this one, what was spent so far is in it. */
function bandOf(overview: Overview, days: readonly number[], isSum: boolean): { readonly band?: ChartBand } {
  const { Forecast: forecast, MonthToDate: month, Days: latest } = overview;
  if (!forecast) return {};
  const spentToday = latest.at(-1)?.CostUsd ?? '0';
  const at = new Map<number, Outlook>();
  for (const [index, day] of forecast.Days.entries()) {
    const place = days.findLastIndex((startMs) => startMs <= Date.parse(day.Start));
    const beginsToday = index === 0 && days[place] !== Date.parse(day.Start);
    at.set(place, isSum ? day.Month : beginsToday ? raised(day, spentToday) : day);
    // The line begins where what is known ends.
    if (isSum && index === 0 && place > 0)
      at.set(place - 1, known(beginsToday ? subtract(month.CostUsd, spentToday) : month.CostUsd));
  }
  const values = (of: keyof Outlook) => days.map((_, index) => at.get(index)?.[of] ?? null);
  const name = `Expected, ${forecast.LevelPercent} %`;
  return { band: { name, mean: values('MeanUsd'), lower: values('LowerUsd'), upper: values('UpperUsd') } };
}

function raised({ MeanUsd, LowerUsd, UpperUsd }: Outlook, by: string): Outlook {
  return { MeanUsd: add(MeanUsd, by), LowerUsd: add(LowerUsd, by), UpperUsd: add(UpperUsd, by) };
}

function known(usd: string): Outlook {
  return { MeanUsd: usd, LowerUsd: usd, UpperUsd: usd };
}
