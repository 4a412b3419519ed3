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
import { brier, type PassingTest, passingTest } from './forecast/passing.ts';
import { SUBJECTS } from './forecast/subject-series.ts';

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

/** A person, an application, a model: about a month ahead, from half a year. */
const SUBJECT_SPAN = [150, 30] as const;
{
  const [past, ahead] = SUBJECT_SPAN;
  const seriesOf = (name: string, seed: number) => SUBJECTS[name]!(randomOf(seed * 7919 + past), past + ahead);
  const tests = Object.keys(SUBJECTS).map((name) => {
    const series = Array.from({ length: SEEDS }, (_, seed) => seriesOf(name, seed));
    // One that was never used before cannot be foreseen, and is not.
    return [
      name,
      series
        .filter((values) => values.some((value, day) => value > 0 && day <= past - 28))
        .map((values) => backTest(values, ahead)),
    ] as const;
  });
  table(`Subjects: ${ahead} days ahead from ${past} days`, new Map(tests));
}

/** Limits between half and twice of what came, so that some are passed and some are not. */
const ROOMS = [0.5, 0.8, 0.95, 1.05, 1.25, 2];
const BINS = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0001];
{
  const [past, ahead] = SUBJECT_SPAN;
  const passed = (shapes: typeof GENERATED, title: string) => {
    const tests = Object.values(shapes).flatMap((make) =>
      Array.from({ length: SEEDS }, (_, seed) => make(randomOf(seed * 104_729 + past), past + ahead)).flatMap(
        (values, seed) => {
          // A room that says nothing of what came: of the month before.
          const before = values.slice(past - ahead, past).reduce((a, b) => a + b, 0);
          const room = Math.max(before, 1) * ROOMS[seed % ROOMS.length]!;
          return passingTest(values, ahead, room) ?? [];
        },
      ),
    );
    passingTable(title, tests);
  };
  passed(GENERATED, 'Will a limit be passed: totals');
  passed(SUBJECTS, 'Will a limit be passed: subjects');
}

function passingTable(title: string, tests: readonly PassingTest[]): void {
  console.log(`\n${title}\n\n| chance said | n | passed |\n|---|--:|--:|`);
  for (const [index, from] of BINS.slice(0, -1).entries()) {
    const to = BINS[index + 1]!;
    const inside = tests.filter(({ chance }) => chance >= from && chance < to);
    const share = inside.length === 0 ? '-' : mean(inside.map(({ hasPassed }) => Number(hasPassed))).toFixed(2);
    console.log(
      `| ${Math.round(from * 100)} to ${Math.min(100, Math.round(to * 100))} % | ${inside.length} | ${share} |`,
    );
  }
  const dated = tests.filter(({ isDated }) => isDated !== undefined);
  const base = mean(tests.map(({ hasPassed }) => Number(hasPassed)));
  console.log(
    `\nBrier score ${brier(tests).toFixed(3)} (always saying ${base.toFixed(2)}: ${(base * (1 - base)).toFixed(3)}); of ${dated.length} that passed, ${mean(dated.map(({ isDated }) => Number(isDated))).toFixed(2)} between earliest and latest`,
  );
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
