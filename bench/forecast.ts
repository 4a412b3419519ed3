// How far forecasts of spend are off, next to the naive ones, and how often outcomes lie within their intervals.
//
//   npm run bench:forecast           (or: node bench/forecast.ts [series of each shape])
//
// Generated series are repeatable; public ones are in `forecast/public-series.json` with their sources and licences. Errors
// are those of single days: MASE is the mean absolute error over the mean step from a day to the same day a week later in the
// history, so 1 is what the seasonal naive forecast had there. Intervals are of 80 %.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BackTest, backTest, mean } from './forecast/back-test.ts';
import { GENERATED, randomOf } from './forecast/generated-series.ts';

const SEEDS = Number(process.argv[2] ?? 40);
/** Days of history and days that are foreseen. */
const SPANS = [
  [60, 14],
  [150, 30],
  [300, 90],
] as const;
/** Public series are foreseen from every week of them. */
const PUBLIC_SPAN = [90, 28] as const;
const WEEK = 7;

const METHODS = ['forecast', 'seasonal naive', 'naive'] as const;

interface PublicSeries {
  readonly name: string;
  readonly values: readonly number[];
}

function row(name: string, tests: readonly BackTest[]): string {
  const of = (read: (test: BackTest) => number) => mean(tests.map(read)).toFixed(2);
  const cells = [
    ...METHODS.map((method) => of(({ outcomes }) => outcomes[method].mase)),
    ...METHODS.map((method) => of(({ outcomes }) => outcomes[method].smape)),
    of(({ dayCoverage }) => dayCoverage),
    of(({ sumIsCovered }) => Number(sumIsCovered)),
  ];
  return `| ${[name.padEnd(18), `${tests.length}`.padStart(4), ...cells.map((cell) => cell.padStart(5))].join(' | ')} |`;
}

function table(title: string, groups: ReadonlyMap<string, readonly BackTest[]>): void {
  console.log(`\n${title}\n`);
  console.log(
    '| series | n | MASE: forecast | seasonal naive | naive | sMAPE: forecast | seasonal naive | naive | days inside | sums inside |',
  );
  console.log(`|---|${'--:|'.repeat(9)}`);
  for (const [name, tests] of groups) console.log(row(name, tests));
  console.log(row('all', [...groups.values()].flat()));
}

for (const [history, horizon] of SPANS) {
  const groups = Object.entries(GENERATED).map(([name, make]) => {
    const tests = Array.from({ length: SEEDS }, (_, seed) => {
      return backTest(make(randomOf(seed * 7919 + history), history + horizon), horizon);
    });
    return [name, tests] as const;
  });
  table(`Generated: ${horizon} days ahead from ${history} days`, new Map(groups));
}

const file = join(import.meta.dirname, 'forecast', 'public-series.json');
const series = JSON.parse(readFileSync(file, 'utf8')) as readonly PublicSeries[];
const [history, horizon] = PUBLIC_SPAN;
const groups = series.map(({ name, values }) => {
  const tests: BackTest[] = [];
  for (let end = history + horizon; end <= values.length; end += WEEK)
    tests.push(backTest(values.slice(0, end), horizon));
  return [name, tests] as const;
});
table(`Public: ${horizon} days ahead from ${history} days and more`, new Map(groups));
