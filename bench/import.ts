// A bill into the store, beside DuckDB and ClickHouse reading the same Parquet into a table, in one run.
//
//   npm run bench:import             (or: node bench/import.ts [rows] [files])
//
// Default: 1,000,000 rows of CUR 2.0 in 4 files, written by DuckDB: 117 columns, 2,000 principals, all channels. `import` is
// `StartBillImport` on a server with the embedded engine, until reports can be asked. `DuckDB` is CREATE TABLE AS SELECT of
// all columns, `ClickHouse` an INSERT into a plain table of the columns that the import reads, on the embedded engine with its
// default settings. Both stop where the import begins to understand. Processor time counts on a busy machine.
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { ChdbEngine } from '../src/adapters/chdb-engine.ts';
import { TallylineClient } from '../src/cli/client.ts';
import { readProfile } from '../src/cli/profile.ts';
import { CUR2 } from '../src/reports/bill-columns/cur2.ts';
import type { LandedKind } from '../src/reports/bill-row.ts';
import { COMMON_COLUMNS, writeDelivery } from '../test/bill/delivery.ts';
import { openDuckDb } from '../test/cur/duckdb.ts';
import { startServer } from '../test/server.ts';
import { childrenOf, cpuSeconds, peakBytes } from './import/process-figures.ts';

const rows = Number(process.argv[2] ?? process.env.ROWS ?? 1_000_000);
const files = Number(process.argv[3] ?? process.env.FILES ?? Math.max(4, Math.ceil(rows / 1_000_000)));
const folder = mkdtempSync(join(tmpdir(), 'tallyline-bench-import-'));

interface Figures {
  readonly seconds: number;
  readonly cpu: number;
  readonly peaks: string;
}

const duck = await openDuckDb();
const written = await writeDelivery(duck, { folder, period: '2026-05', rows, files, principals: 2_000 });
await duck.run('DROP TABLE bill_rows');

const figures: (readonly [string, Figures])[] = [
  ['import', await importFigures()],
  ['ClickHouse', await clickHouseFigures()],
  ['DuckDB', await duckFigures()],
];
console.log(
  `${rows.toLocaleString('en')} rows in ${files} files, ${megabytes(written.files.reduce((sum, file) => sum + readFileSync(file).length, 0))}`,
);
for (const [name, { seconds, cpu, peaks }] of figures) {
  const rate = Math.round(rows / seconds).toLocaleString('en');
  console.log(
    `${name.padEnd(12)} ${seconds.toFixed(1).padStart(8)} s  ${rate.padStart(10)} rows/s  ${cpu.toFixed(1).padStart(8)} s of processors  ${peaks}`,
  );
}
const [[, ours], [, clickHouse], [, duckDb]] = figures as [
  (typeof figures)[0],
  (typeof figures)[0],
  (typeof figures)[0],
];
console.log(
  `import takes ${(ours.cpu / clickHouse.cpu).toFixed(1)} times the processor time of ClickHouse, ${(ours.cpu / duckDb.cpu).toFixed(1)} of DuckDB`,
);
duck.close();
rmSync(folder, { recursive: true, force: true });

async function importFigures(): Promise<Figures> {
  const server = await startServer({ config: { import: { folders: [folder] } } });
  const client = new TallylineClient(readProfile(server.data, {}), Date.now);
  const [engine] = childrenOf(server.process.pid!).filter((pid) => commandOf(pid).includes('chdb-engine'));
  const before = cpuSeconds(server.process.pid!) + cpuSeconds(engine!);
  const startMs = performance.now();
  const { Import } = await client.call<{ Import: { ImportId: string } }>('StartBillImport', { Location: written.path });
  let steps = '';
  let lastStep = '';
  for (;;) {
    const answer = await client.call<{ Import: { State: string; Problems: unknown }; Progress?: { Step: string } }>(
      'GetBillImport',
      Import,
    );
    const step = answer.Progress?.Step ?? '';
    if (step !== lastStep) {
      const cpu = cpuSeconds(server.process.pid!) + cpuSeconds(engine!) - before;
      steps += ` ${step || 'end'} ${((performance.now() - startMs) / 1_000).toFixed(1)}/${cpu.toFixed(1)}`;
      lastStep = step;
    }
    if (answer.Import.State === 'failed') throw new Error(JSON.stringify(answer.Import.Problems));
    if (answer.Import.State === 'done') break;
    await new Promise((settle) => setTimeout(settle, 100));
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const cpu = cpuSeconds(server.process.pid!) + cpuSeconds(engine!) - before;
  const peaks = `server ${megabytes(peakBytes(server.process.pid!))}, engine ${megabytes(peakBytes(engine!))};${steps}`;
  await server.stop();
  rmSync(server.data, { recursive: true, force: true });
  return { seconds, cpu, peaks };
}

async function clickHouseFigures(): Promise<Figures> {
  const store = join(folder, 'store');
  const engine = await ChdbEngine.start({ folder: store });
  const client = createClient({ ...(await engine.connection()), request_timeout: 3_600_000, log: { level: 127 } });
  const types: Readonly<Record<LandedKind, string>> = {
    text: 'Nullable(String)',
    number: 'Nullable(Float64)',
    instant: "Nullable(DateTime64(3, 'UTC'))",
    textMap: 'Map(String, Nullable(String))',
    numberMap: 'Map(String, Nullable(Float64))',
  };
  const columns = COMMON_COLUMNS.flatMap((name) => {
    const kind = CUR2.kindOf(name);
    return kind === undefined ? [] : [`${name} ${types[kind]}`];
  });
  await client.command({ query: `CREATE TABLE plain (${columns.join(', ')}) ENGINE = MergeTree ORDER BY tuple()` });
  const before = cpuSeconds(engine.pid);
  const startMs = performance.now();
  for (const file of written.files) {
    const { stream } = await client.exec({ query: 'INSERT INTO plain FORMAT Parquet', values: createReadStream(file) });
    for await (const _ of stream);
  }
  const figures = {
    seconds: (performance.now() - startMs) / 1_000,
    cpu: cpuSeconds(engine.pid) - before,
    peaks: `engine ${megabytes(peakBytes(engine.pid))}`,
  };
  await client.close();
  await engine.close();
  rmSync(store, { recursive: true, force: true });
  return figures;
}

async function duckFigures(): Promise<Figures> {
  const before = process.cpuUsage();
  const startMs = performance.now();
  await duck.run(
    `CREATE TABLE plain AS SELECT * FROM read_parquet([${written.files.map((file) => `'${file}'`).join(', ')}])`,
  );
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - startMs) / 1_000, cpu: (user + system) / 1e6, peaks: 'in memory' };
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}
