import { describe, expect, it } from 'vitest';
import { findDeliveries } from './delivery-finder.ts';
import type { SourceFile, SourceFiles } from './source-files.ts';

const FOLDER = 'cur/data/BILLING_PERIOD=2026-05';
const LATEST = 'cur/metadata/BILLING_PERIOD=2026-05/cur-Manifest.json';

/** Files by path: those with a text are manifests, the others hold data. */
function sourceOf(files: Readonly<Record<string, string>>): SourceFiles {
  const list = Object.keys(files).map(
    (path): SourceFile => ({ path, sizeBytes: 1_000, modifiedAtMs: 0, version: '1' }),
  );
  const none = () => Promise.reject(new Error('not read'));
  return { list: async () => list, readText: async (path) => files[path]!, look: none, readEnd: none, open: none };
}

function manifestOf(executionId: string, ...files: readonly string[]): string {
  const dataFiles = files.map((file) => `s3://bills/some/prefix/${file}`);
  return JSON.stringify({ executionId, exportArn: 'arn', columns: [], dataFiles, additionalOutputFiles: [] });
}

describe('findDeliveries', () => {
  it('takes what the manifest names, wherever the bucket was copied to, and says what it leaves', async () => {
    const [first, second, old] = [1, 2, 3].map((chunk) => `${FOLDER}/cur-0000${chunk}.snappy.parquet`);
    const source = sourceOf({ [first!]: '', [second!]: '', [old!]: '', [LATEST]: manifestOf('e1', first!, second!) });
    const { deliveries, ignored, problems } = await findDeliveries(source);
    expect(problems).toEqual([]);
    expect(deliveries).toMatchObject([
      { exportName: 'cur', period: '2026-05', executionId: 'e1', layout: 'overwrite' },
    ]);
    expect(deliveries[0]!.files.map(({ path }) => path)).toEqual([first, second]);
    expect(ignored).toEqual([{ path: old, reason: `\`${LATEST}\` does not name it` }]);
  });

  it('takes one execution of several: the one that the period itself names', async () => {
    const executions = ['2026-05-02T01:00:00.000Z-a', '2026-05-03T01:00:00.000Z-b'];
    const [old, latest] = executions.map((execution) => `${FOLDER}/${execution}/cur-00001.snappy.parquet`);
    const [oldManifest, ownManifest] = executions.map((execution) => {
      return `cur/metadata/BILLING_PERIOD=2026-05/${execution}/cur-Manifest.json`;
    });
    const source = sourceOf({
      ...{ [old!]: '', [latest!]: '', [oldManifest!]: manifestOf('a', old!) },
      ...{ [ownManifest!]: manifestOf('b', latest!), [LATEST]: manifestOf('b', latest!) },
    });
    const { deliveries, ignored } = await findDeliveries(source);
    expect(deliveries).toMatchObject([{ executionId: 'b', layout: 'create-new', files: [{ path: latest }] }]);
    expect(ignored.map(({ path }) => path)).toEqual([oldManifest, old]);
  });

  it('names every file that is missing or there twice', async () => {
    const named = `${FOLDER}/cur-00001.snappy.parquet`;
    const copy = `${FOLDER}/copy/cur-00001.snappy.parquet`;
    const missing = `${FOLDER}/cur-00002.snappy.parquet`;
    const source = sourceOf({ [named]: '', [copy]: '', [LATEST]: manifestOf('e1', named, copy, missing) });
    const { problems } = await findDeliveries(source);
    expect(problems.map(({ file }) => file)).toEqual([missing, copy]);
  });

  it('takes one assembly of a legacy report, as CSV or for Athena', async () => {
    const folder = 'report/20260501-20260601';
    const ids = ['1', '2'].map((digit) => `9b6b32ef-2b70-3d10-9448-07e23ebce6b${digit}`);
    const [old, latest] = ids.map((id) => `${folder}/${id}/report-00001.csv.gz`);
    const legacy = (assemblyId: string, ...files: readonly string[]) =>
      JSON.stringify({ assemblyId, reportKeys: files.map((file) => `some/prefix/${file}`), bucket: 'bills' });
    const csv = sourceOf({
      ...{ [old!]: '', [latest!]: '', [`${folder}/${ids[0]}/report-Manifest.json`]: legacy(ids[0]!, old!) },
      [`${folder}/report-Manifest.json`]: legacy(ids[1]!, latest!),
    });
    expect(await findDeliveries(csv)).toMatchObject({
      deliveries: [{ period: '2026-05', layout: 'legacy', executionId: ids[1], files: [{ path: latest }] }],
      problems: [],
    });
    const parquet = 'report/report/year=2026/month=5/report-00001.snappy.parquet';
    const athena = sourceOf({ [parquet]: '', [`${folder}/report-Manifest.json`]: legacy('a', parquet) });
    expect((await findDeliveries(athena)).deliveries).toMatchObject([
      { period: '2026-05', files: [{ path: parquet }] },
    ]);
    const bare = await findDeliveries(sourceOf({ [old!]: '', [latest!]: '' }));
    expect(bare.problems).toMatchObject([{ text: expect.stringContaining('2 executions') }]);
  });

  it('refuses formats that are mixed, and executions that no manifest tells apart', async () => {
    const mixed = sourceOf({ 'a.parquet': '', 'b.csv.gz': '' });
    expect((await findDeliveries(mixed)).problems).toMatchObject([
      { text: expect.stringContaining('different formats') },
    ]);
    const ids = ['1', '2'].map((digit) => `2026-05-0${digit}T01:00:00.000Z-9b6b32ef-2b70-3d10-9448-07e23ebce6b9`);
    const executions = sourceOf(Object.fromEntries(ids.map((id) => [`${FOLDER}/${id}/cur-00001.snappy.parquet`, ''])));
    expect((await findDeliveries(executions)).problems).toMatchObject([
      { text: expect.stringContaining('2 executions and no manifest') },
    ]);
  });

  it('takes a folder without a manifest as it is, and says when there is no bill', async () => {
    const { deliveries } = await findDeliveries(sourceOf({ 'b.parquet': '', 'a.parquet': '', 'notes.txt': '' }));
    expect(deliveries).toMatchObject([{ layout: 'plain', files: [{ path: 'a.parquet' }, { path: 'b.parquet' }] }]);
    expect(deliveries[0]!.period).toBeUndefined();
    const { problems } = await findDeliveries(sourceOf({ 'notes.txt': '' }));
    expect(problems).toMatchObject([{ text: expect.stringContaining('there is no bill here') }]);
  });
});
