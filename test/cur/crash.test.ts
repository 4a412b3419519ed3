import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { S3ObjectStore } from '../../src/adapters/s3-object-store.ts';
import type { ObjectStore } from '../../src/kernel/object-store.ts';
import type { ExportRecord } from '../../src/reports/export-registry.ts';
import { S3_CREDENTIALS } from '../s3/s3-credentials.ts';
import { S3Server } from '../s3/s3-server.ts';
import { removeFolders, temporaryFolder } from '../server.ts';
import { definition, Exporter, PAYER } from './exporter.ts';
import { pieces, ScriptedStore } from './scripted-store.ts';
import { type Step, WatchedDestination } from './watched-destination.ts';

const SQL = 'SELECT tags FROM COST_AND_USAGE_REPORT';
const BILLS = { name: 'bills', region: 'us-east-1' };
const MAY_HOUR = Date.parse('2026-05-01T00:00:00Z') / 3_600_000;
const MANIFEST = 'cur2/x/metadata/BILLING_PERIOD=2026-05/x-Manifest.json';

let s3: S3Server;
beforeAll(async () => {
  s3 = await S3Server.start('bills');
});
afterAll(async () => {
  await s3.close();
  removeFolders();
});

/** An export whose process can be ended before any step: from then on nothing reaches the destination any more. */
class MortalExporter {
  readonly store = new ScriptedStore();
  readonly destination: ObjectStore;
  readonly #exporter: Exporter;
  readonly steps: string[] = [];
  #stepsToLive = Number.POSITIVE_INFINITY;

  constructor(kind: 'folder' | 's3') {
    const watch = (inner: ObjectStore) => new WatchedDestination(inner, (step, key) => this.#before(step, key));
    const make = (folder: ObjectStore) => {
      if (kind === 'folder') return watch(folder);
      return watch(new S3ObjectStore({ endpoint: s3.url, pathStyle: true, credentials: S3_CREDENTIALS }));
    };
    this.#exporter = new Exporter(this.store, make, 1);
    this.destination = this.#exporter.destination;
  }

  create(overwrite: 'OVERWRITE_REPORT' | 'CREATE_NEW_REPORT'): Promise<string> {
    return this.#exporter.create(definition('x', SQL, undefined, { overwrite }));
  }

  /** Delivers `fileCount` files that say their version and number. */
  async deliver(arn: string, version: number, fileCount: number, stepsToLive = Number.POSITIVE_INFINITY) {
    this.#stepsToLive = stepsToLive;
    this.steps.length = 0;
    this.store.hours = Array.from({ length: fileCount }, (_, index) => MAY_HOUR + index);
    let file = 0;
    this.store.pieces = () => {
      file += 1;
      return pieces(`v${version} `, `${file}/${fileCount}`);
    };
    this.#exporter.nowMs += 1_000;
    return this.#exporter.runner.run(arn);
  }

  select(arn: string, queryStatement: string): Promise<void> {
    const change = ({ definition }: ExportRecord) => ({ definition: { ...definition, queryStatement } });
    return this.#exporter.registry.change(PAYER, arn, change);
  }

  /** What a reader finds who follows the manifest. */
  async read(): Promise<string[]> {
    const text = await this.destination.read(BILLS, MANIFEST);
    const { dataFiles } = JSON.parse(text!) as { dataFiles: string[] };
    const contents = dataFiles.map((uri) => this.destination.read(BILLS, uri.replace('s3://bills/', '')));
    return (await Promise.all(contents)).map((content) => content ?? 'gone');
  }

  /** Every object but the views, and what is staged. */
  async everything(kind: 'folder' | 's3'): Promise<string[]> {
    const keys = await this.destination.list(BILLS, 'cur2/');
    const staged = kind === 's3' ? s3.uploads('bills') : globSync('**/.*', { cwd: this.#exporter.folder });
    return [...keys, ...staged].filter((key) => !key.endsWith('.sql'));
  }

  async close(): Promise<void> {
    this.#stepsToLive = Number.POSITIVE_INFINITY;
    for (const key of await this.destination.list(BILLS, 'cur2/')) await this.destination.remove(BILLS, key);
    this.#exporter.close();
  }

  #before(step: Step, key: string): void {
    this.steps.push(`${step} ${key.slice(key.lastIndexOf('/') + 1)}`);
    if (this.steps.length > this.#stepsToLive) throw new Error('the process is dead');
  }
}

function version(number: number, fileCount: number): string[] {
  return Array.from({ length: fileCount }, (_, index) => `v${number} ${index + 1}/${fileCount}`);
}

let exporter: MortalExporter;
afterEach(() => exporter.close());

describe.each(['folder', 's3'] as const)('a delivery to a %s', (kind) => {
  test.each([
    ['OVERWRITE_REPORT', 3, 2],
    ['OVERWRITE_REPORT', 1, 3],
    ['OVERWRITE_REPORT', 1, 1],
    ['CREATE_NEW_REPORT', 2, 3],
  ] as const)(
    'that ends at any step leaves a whole one: %s, %i files and then %i',
    async (overwrite, before, after) => {
      exporter = new MortalExporter(kind);
      const arn = await exporter.create(overwrite);
      expect(await exporter.deliver(arn, 1, before)).toMatchObject({ status: 'DELIVERY_SUCCESS' });
      let number = 1;
      let good = version(1, before);
      for (let stepsToLive = 0; ; stepsToLive += 1) {
        number += 1;
        const fileCount = number % 2 === 0 ? after : before;
        const { status } = await exporter.deliver(arn, number, fileCount, stepsToLive);
        const found = await exporter.read();
        if (found.join() !== good.join()) {
          expect(found).toEqual(version(number, fileCount));
          good = found;
        }
        if (status === 'DELIVERY_SUCCESS') break;
      }
      expect(number).toBeGreaterThan(8);
      expect(good).toEqual(version(number, good.length));
      // Nothing that the runs before have left is there any more.
      const everything = await exporter.everything(kind);
      const manifests = everything.filter((key) => key.endsWith('Manifest.json'));
      if (overwrite === 'OVERWRITE_REPORT') expect(manifests).toEqual([MANIFEST]);
      const named = await Promise.all(manifests.map((key) => exporter.destination.read(BILLS, key)));
      const files = named.flatMap((text) => (JSON.parse(text!) as { dataFiles: string[] }).dataFiles);
      const expected = [...manifests, ...new Set(files.map((uri) => uri.replace('s3://bills/', '')))];
      expect(everything.sort()).toEqual(expected.sort());
    },
  );

  test('shows its files together, then the manifest, then takes the old ones away', async () => {
    exporter = new MortalExporter(kind);
    const arn = await exporter.create('OVERWRITE_REPORT');
    await exporter.deliver(arn, 1, 2);
    await exporter.deliver(arn, 2, 2);
    const of = (step: string, ...numbers: readonly number[]) => numbers.map((n) => `${step} x-0000${n}.snappy.parquet`);
    expect(exporter.steps.filter((step) => !/^(bytes|discardStaged)|\.sql$/.test(step))).toEqual([
      ...of('stage', 3, 4),
      ...of('publish', 3, 4),
      'put x-Manifest.json',
      ...of('remove', 1, 2),
    ]);
  });
});

test('a delivery of one file takes the place of the one before, and does not where the columns changed', async () => {
  exporter = new MortalExporter('folder');
  const arn = await exporter.create('OVERWRITE_REPORT');
  const uris = ['s3://bills/cur2/x/data/BILLING_PERIOD=2026-05/x-00001.snappy.parquet'];
  expect((await exporter.deliver(arn, 1, 1)).dataFiles).toEqual(uris);
  expect((await exporter.deliver(arn, 2, 1)).dataFiles).toEqual(uris);
  await exporter.select(arn, 'SELECT bill_bill_type FROM COST_AND_USAGE_REPORT');
  expect((await exporter.deliver(arn, 3, 1)).dataFiles).toEqual([uris[0]!.replace('00001', '00002')]);
  expect((await exporter.deliver(arn, 4, 1)).dataFiles).toEqual([uris[0]!.replace('00001', '00002')]);
});

test('a process that is killed while it uploads leaves the last delivery, and an upload that the next one gives up', async () => {
  exporter = new MortalExporter('s3');
  const folder = temporaryFolder('killed');
  const child = fileURLToPath(new URL('./killed-delivery.ts', import.meta.url));
  const killed = spawn(process.execPath, [child, folder, join(folder, 'records.sqlite'), 'data', s3.url]);
  const [, signal] = (await once(killed, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  const manifest = s3.object('bills', 'killed/metadata/BILLING_PERIOD=2026-05/killed-Manifest.json');
  expect(JSON.parse(manifest.toString()).dataFiles).toEqual([
    's3://bills/killed/data/BILLING_PERIOD=2026-05/killed-00001.csv.gz',
  ]);
  const data = s3.object('bills', 'killed/data/BILLING_PERIOD=2026-05/killed-00001.csv.gz');
  expect(gunzipSync(data).toString()).toBe('first\n');
  expect(s3.uploads('bills')).toEqual(['killed/data/BILLING_PERIOD=2026-05/killed-00001.csv.gz']);
  await exporter.destination.discardStaged(BILLS, 'killed/data/BILLING_PERIOD=2026-05/');
  expect(s3.uploads('bills')).toEqual([]);
});
