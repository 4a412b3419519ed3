// How well findings name what is planted in generated histories, next to a plain threshold and a z-score that were given
// their best settings.
//
//   npm run bench:detection           (or: node bench/detection.ts [histories] [file for the table])
//
// Everything is repeatable. Our own constants and the settings of the others were chosen on training seeds, which no figure
// of the table comes from. `detection/organisation.ts` and `detection/work.ts` make up how people and programs spend,
// `detection/incidents.ts` what goes wrong and what only looks so; the detector knows nothing of them.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { INCIDENTS } from './detection/incidents.ts';
import { type Outcome, type Scores, scoresOf } from './detection/score.ts';
import { METHODS, type Method, OTHERS, type Share } from './detection/share.ts';

const HISTORIES = Number(process.argv[2] ?? 1_200);
const FILE = process.argv[3];
/** Training seeds begin at 1: 200 of them choose the settings of the other methods. */
const TRAIN = { from: 1, to: Math.min(201, 1 + Math.ceil(HISTORIES / 6)) };
const REPORT = { from: 100_001, to: 100_001 + HISTORIES };
/** Histories that a thread works on before it is asked for more. */
const AT_A_TIME = 10;

type Outcomes = Map<string, Outcome[]>;

async function outcomesOf(seeds: { from: number; to: number }, methods: readonly Method[], what: string) {
  const all: Outcomes = new Map();
  let next = seeds.from;
  let done = 0;
  const threads = Array.from({ length: availableParallelism() }, () => {
    const worker = new Worker(new URL('./detection/share.ts', import.meta.url));
    return new Promise<void>((resolve, reject) => {
      const ask = () => {
        if (next >= seeds.to) {
          worker.postMessage(undefined);
          resolve();
          return;
        }
        const share: Share = { from: next, to: Math.min(next + AT_A_TIME, seeds.to), methods };
        next = share.to;
        worker.postMessage(share);
      };
      worker.on('error', reject);
      worker.on('message', (outcomes: readonly (readonly [string, Outcome])[]) => {
        for (const [method, outcome] of outcomes) all.set(method, [...(all.get(method) ?? []), outcome]);
        done += AT_A_TIME;
        process.stderr.write(`\r${what}: ${Math.min(done, seeds.to - seeds.from)} of ${seeds.to - seeds.from}`);
        ask();
      });
      ask();
    });
  });
  await Promise.all(threads);
  process.stderr.write('\n');
  return all;
}

/** The harmonic mean of precision and recall. */
function balanced({ precision, recall }: Scores): number {
  return (2 * precision * recall) / Math.max(precision + recall, Number.EPSILON);
}

const COLUMNS = [
  ['incidents', ({ incidents }: Scores) => `${incidents}`],
  ['precision', ({ precision }: Scores) => precision.toFixed(2)],
  ['recall', ({ recall }: Scores) => recall.toFixed(2)],
  ['delay, min: median', ({ delayMinutes }: Scores) => numberText(delayMinutes.median, 0)],
  ['p90', ({ delayMinutes }: Scores) => numberText(delayMinutes.p90, 0)],
  ['top-1 cause', ({ top1 }: Scores) => numberText(top1, 2)],
  ['top-3', ({ top3 }: Scores) => numberText(top3, 2)],
  ['false alarms per 100 subject-days', (scores: Scores) => scores.falsePer100SubjectDays.toFixed(2)],
] as const;

function numberText(value: number, digits: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(digits);
}

function table(
  first: string,
  rows: readonly (readonly [string, Scores])[],
  columns = COLUMNS.map(([name]) => name),
): string {
  const shown = COLUMNS.filter(([name]) => (columns as readonly string[]).includes(name));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line([first, ...shown.map(([name]) => name)]),
    `|---|${'--:|'.repeat(shown.length)}`,
    ...rows.map(([name, scores]) => line([name, ...shown.map(([, text]) => text(scores))])),
  ].join('\n');
}

const trained = await outcomesOf(TRAIN, OTHERS, 'training');
const best = ['yesterday', 'z-score'].map((family) => {
  const own = OTHERS.filter((method) => method.family === family);
  return own.reduce((a, b) => {
    return balanced(scoresOf(trained.get(b.name)!)) > balanced(scoresOf(trained.get(a.name)!)) ? b : a;
  });
});
const methods = METHODS.filter(({ family }) => family === 'findings').concat(best);
const reported = await outcomesOf(REPORT, methods, 'reporting');
const own = reported.get('findings')!;
const grains = ['15m', '1h', '6h', '1d'];
const text = [
  `${HISTORIES} histories, seeds ${REPORT.from} to ${REPORT.to - 1}; settings from seeds ${TRAIN.from} to ${TRAIN.to - 1}.`,
  table(
    'method',
    methods.map(({ name }) => [name, scoresOf(reported.get(name)!)]),
  ),
  table(
    'incident',
    INCIDENTS.map((kind) => [kind, scoresOf(own.filter(({ label }) => label?.kind === kind))]),
    COLUMNS.map(([name]) => name).filter((name) => name !== 'precision' && !name.startsWith('false')),
  ),
  table(
    'grain of the finding',
    grains.map((grain) => [
      grain,
      scoresOf(
        own.map((outcome) => ({
          ...outcome,
          found: outcome.found?.grain === grain ? outcome.found : undefined,
          falseAlarms: outcome.falseAlarms.filter((alarm) => alarm.grain === grain),
        })),
      ),
    ]),
    COLUMNS.map(([name]) => name).filter((name) => name !== 'incidents'),
  ),
  falseAlarmsText(own),
].join('\n\n');
console.log(text);
if (FILE) writeFileSync(FILE, `${text}\n`);

/** Whose false alarms they are, by what changed in the history. */
function falseAlarmsText(outcomes: readonly Outcome[]): string {
  const groups = Map.groupBy(outcomes, ({ label, harmless }) => (label ? 'an incident' : (harmless ?? 'nothing')));
  const rows = [...groups].map(([what, group]) => {
    const alarms = group.reduce((sum, { falseAlarms }) => sum + falseAlarms.length, 0);
    return [what, group.length, alarms, (alarms / group.length).toFixed(2)] as const;
  });
  rows.sort((a, b) => b[1] - a[1]);
  return [
    '| what changed | histories | false alarms | a history |',
    '|---|--:|--:|--:|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}
