import { describe, expect, it } from 'vitest';
import { findLog, isLogFile, logHours } from './log-layout.ts';
import { marked, mayHaveNews, newFiles } from './log-marks.ts';
import type { SourceFile, SourceFiles } from './source-files.ts';

const REGION = 'AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1';

/** Files by their paths; what is looked into is noted. */
function sourceOf(paths: readonly string[], looked: string[] = []): SourceFiles {
  const none = () => Promise.reject(new Error('not read'));
  const look = async (folder: string) => {
    looked.push(folder);
    const below = folder === '' ? [...paths] : paths.flatMap((path) => (path.startsWith(`${folder}/`) ? [path] : []));
    const rest = below.map((path) => path.slice(folder === '' ? 0 : folder.length + 1));
    return {
      folders: [...new Set(rest.flatMap((path) => (path.includes('/') ? [path.split('/')[0]!] : [])))].sort(),
      files: below.filter((_, index) => !rest[index]!.includes('/')).map(fileOf),
    };
  };
  return { look, list: none, readText: none, readEnd: none, open: none };
}

function fileOf(path: string): SourceFile {
  return { path, sizeBytes: 1, modifiedAtMs: 0, version: '1' };
}

async function pathsOf(source: SourceFiles, location = '/logs'): Promise<string[]> {
  const paths: string[] = [];
  for await (const { files } of logHours(source, location, await findLog(source, location), () => true)) {
    paths.push(...files.map(({ path }) => path));
  }
  return paths;
}

describe('the layout of a model invocation log', () => {
  it('is found wherever its prefix is, by account, region and time, without bodies and other logs', async () => {
    const looked: string[] = [];
    const files = [
      `logs/eu/${REGION}/2026/05/01/12/b.json.gz`,
      `logs/eu/${REGION}/2026/05/01/12/a.json.gz`,
      `logs/eu/${REGION}/2026/05/01/12/data/x_input.json.gz`,
      `logs/eu/${REGION}/2025/12/31/23/z.json.gz`,
      `logs/eu/${REGION}/amazon-bedrock-logs-permission-check`,
      'logs/eu/AWSLogs/123456789012/CloudTrail/us-east-1/2026/05/01/c.json.gz',
    ];
    const paths = await pathsOf(sourceOf(files, looked));
    expect(paths).toEqual([files[3], files[0], files[1]]);
    expect(looked.filter((folder) => /CloudTrail|data/.test(folder))).toEqual([]);
  });

  it('is known by its place where a source is a part of it', async () => {
    expect(await pathsOf(sourceOf(['12/a.json.gz']), `s3://bucket/${REGION}/2026/05/01/`)).toEqual(['12/a.json.gz']);
    expect(await pathsOf(sourceOf(['a.json.gz']), `/logs/${REGION}/2026/05/01/12/a.json.gz`)).toEqual(['a.json.gz']);
    expect(await pathsOf(sourceOf(['2026/05/01/12/a.json.gz']), '/elsewhere')).toEqual([]);
  });

  it('is where it was in what was sent, whatever the name of that is', async () => {
    const path = `${REGION}/2026/05/01/12/a.json.gz`;
    for (const name of ['AWSLogs', 'prod', 'a.json.gz']) {
      expect(await pathsOf(sourceOf([path]), `upload://${name}`)).toEqual([path]);
    }
  });

  it('has files in the folders of hours alone', () => {
    const hour = `${REGION}/2026/05/01/12`;
    for (const path of [`${hour}/a.json.gz`, `prod/${hour}/a.json`]) expect(isLogFile(path)).toBe(true);
    const others = [
      `${hour}/data/a.json.gz`,
      `${REGION}/2026/05/01/a.json`,
      `${hour}/a.txt`,
      `x${hour}/a.json`,
      'a.json',
    ];
    for (const path of others) expect(isLogFile(path)).toBe(false);
  });

  it('names bills beside it', async () => {
    const mixed = sourceOf([`${REGION}/2026/05/01/12/a.json.gz`, 'cur/data/BILLING_PERIOD=2026-05/x.parquet']);
    expect(await findLog(mixed, '/logs')).toEqual({ folders: [REGION], bills: ['cur/data/BILLING_PERIOD=2026-05'] });
  });
});

describe('what is remembered of a log', () => {
  const hourAt = (day: number, hour: number, ...names: readonly string[]) => {
    const fromMs = Date.UTC(2026, 4, day, hour);
    const place = { accountId: '1', region: 'us-east-1', fromMs, toMs: fromMs + 3_600_000, isHour: true };
    return { ...place, files: names.map(fileOf) };
  };
  const readAll = (...hours: readonly ReturnType<typeof hourAt>[]) =>
    hours.reduce((marks, hour) => marked(hour, hour.files, marks), {});
  const names = (files: readonly SourceFile[]) => files.map(({ path }) => path);

  it('tells new files of the latest hours from those that were read, and a file that changed', () => {
    const marks = readAll(hourAt(1, 12, 'h/a', 'h/b'));
    expect(names(newFiles(hourAt(1, 12, 'h/a', 'h/b', 'h/c'), marks))).toEqual(['h/c']);
    const changed = { ...hourAt(1, 12), files: [{ ...fileOf('h/a'), version: '2' }] };
    expect(names(newFiles(changed, marks))).toEqual(['h/a']);
    expect(names(newFiles(hourAt(1, 13, 'h/a'), marks))).toEqual(['h/a']);
  });

  it('reads an hour of before anew when something has arrived there, and nothing that is older', () => {
    const marks = readAll(hourAt(1, 0, 'h/a', 'h/b'), hourAt(3, 0, 'h/d'));
    expect(newFiles(hourAt(1, 0, 'h/b', 'h/a'), marks)).toEqual([]);
    expect(names(newFiles(hourAt(1, 0, 'h/a', 'h/b', 'h/late'), marks))).toEqual(['h/a', 'h/b', 'h/late']);
    expect(mayHaveNews(hourAt(1, 0), marks)).toBe(true);
    const later = readAll(hourAt(1, 0, 'h/a'), hourAt(9, 0, 'h/d'));
    expect(mayHaveNews(hourAt(1, 0), later)).toBe(false);
    expect(mayHaveNews({ ...hourAt(1, 0), region: 'eu-west-1' }, later)).toBe(true);
    expect(Object.keys(later)).toHaveLength(1);
  });

  it('stays small however long the log is', () => {
    const ofHour = (hour: number) => hourAt(1, hour, ...Array.from({ length: 300 }, (_, file) => `${hour}/${file}`));
    const marks = readAll(...Array.from({ length: 24 * 30 }, (_, hour) => ofHour(hour)));
    expect(JSON.stringify(marks).length).toBeLessThan(50_000);
  });
});
