import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isBucketName, isObjectKey } from '../kernel/object-store.ts';
import { FolderObjectStore } from './folder-object-store.ts';

const BILLS = { name: 'bills', region: 'us-east-1' };

let root: string;
let destination: FolderObjectStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tallyline-folder-'));
  destination = new FolderObjectStore(join(root, 'buckets'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function* bytes(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

function read(key: string): string {
  return readFileSync(join(root, 'buckets/bills', key), 'utf8');
}

describe('an object', () => {
  test('says when it was written last', async () => {
    const beforeMs = Date.now() - 1_000;
    await destination.put(BILLS, 'a/data.csv', 'one');
    expect(await destination.modifiedAtMs(BILLS, 'a/data.csv')).toBeGreaterThan(beforeMs);
    expect(await destination.modifiedAtMs(BILLS, 'a/none.csv')).toBeUndefined();
  });

  test('is a file under its bucket’s folder, replaced as a whole', async () => {
    await destination.put(BILLS, 'a/b/data.csv', 'one\ntwo');
    expect(read('a/b/data.csv')).toBe('one\ntwo');
    await destination.put(BILLS, 'a/b/data.csv', '');
    expect(read('a/b/data.csv')).toBe('');
    expect(readdirSync(join(root, 'buckets/bills/a/b'))).toEqual(['data.csv']);
  });

  test('stays what it was while a new version is written, and when that fails', async () => {
    await destination.put(BILLS, 'data.csv', 'old');
    const failing = async function* () {
      yield* bytes('new');
      expect(read('data.csv')).toBe('old');
      throw new Error('no more rows');
    };
    await expect(destination.stage(BILLS, 'data.csv', failing())).rejects.toThrow('no more rows');
    expect(read('data.csv')).toBe('old');
    expect(readdirSync(join(root, 'buckets/bills'))).toEqual(['data.csv']);
  });

  test('is seen when it is published, and never when it is discarded', async () => {
    const staged = await destination.stage(BILLS, 'a/data.csv', bytes('new'));
    const other = await destination.stage(BILLS, 'a/other.csv', bytes('other'));
    expect(await destination.list(BILLS, 'a/')).toEqual([]);
    expect(await destination.read(BILLS, 'a/data.csv')).toBeUndefined();
    await staged.publish();
    await other.discard();
    expect(await destination.list(BILLS, 'a/')).toEqual(['a/data.csv']);
    expect(await destination.read(BILLS, 'a/data.csv')).toBe('new');
    expect(readdirSync(join(root, 'buckets/bills/a'))).toEqual(['data.csv']);
    await destination.remove(BILLS, 'a/data.csv');
    await destination.remove(BILLS, 'a/data.csv');
    expect(await destination.list(BILLS, 'a/')).toEqual([]);
    expect(await destination.list(BILLS, 'none/')).toEqual([]);
  });

  test('that a killed process has staged is given up by the next one', async () => {
    await destination.stage(BILLS, 'a/b/data.csv', bytes('new'));
    await destination.put(BILLS, 'a/b/good.csv', 'good');
    await destination.discardStaged(BILLS, 'a/');
    expect(readdirSync(join(root, 'buckets/bills/a/b'))).toEqual(['good.csv']);
  });

  test('takes the place of what a killed process left behind', async () => {
    await destination.put(BILLS, 'data.csv', 'old');
    writeFileSync(join(root, 'buckets/bills/.data.csv.unfinished'), 'a longer piece of another attempt');
    await destination.put(BILLS, 'data.csv', 'new');
    expect(read('data.csv')).toBe('new');
    expect(readdirSync(join(root, 'buckets/bills'))).toEqual(['data.csv']);
  });

  test('cannot be put where a folder is', async () => {
    mkdirSync(join(root, 'buckets/bills/data.csv'), { recursive: true });
    await expect(destination.put(BILLS, 'data.csv', 'x')).rejects.toThrow();
    expect(readdirSync(join(root, 'buckets/bills'))).toEqual(['data.csv']);
  });
});

describe('names', () => {
  test.each(['bills', 'my-bills.2026', 'abc', '1bucket'])('%s is a bucket', (name) => {
    expect(isBucketName(name)).toBe(true);
  });

  test.each([
    '',
    'ab',
    'Bills',
    '..',
    'a/b',
    'a\\b',
    '-ab',
    'ab-',
    'a..b',
    '10.0.0.1',
    'a'.repeat(64),
    'bills\n',
    'a\u0000b',
  ])('%j is no bucket', (name) => expect(isBucketName(name)).toBe(false));

  test.each(['a/b/c', 'BILLING_PERIOD=2026-05/x-00001.csv.gz', 'ä/日本', '.hidden', 'a..b'])('%s is a key', (key) => {
    expect(isObjectKey(key)).toBe(true);
  });

  test.each([
    '',
    '/a',
    'a/',
    'a//b',
    '..',
    'a/../b',
    './a',
    'a/.',
    'a\\..\\b',
    'a\u0000',
    'a\nb',
    'é'.repeat(101),
    'a/'.repeat(600),
  ])('%j is no key', (key) => expect(isObjectKey(key)).toBe(false));

  test('never lead out of the bucket’s folder', async () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '/', '\\', 'a', '\u0000', '%2e%2e'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), fc.array(part, { maxLength: 6 }), async (left, right) => {
        await destination.put({ name: left.join(''), region: 'us-east-1' }, right.join('/'), 'x').catch(() => {});
        expect(readdirSync(root).filter((name) => name !== 'buckets')).toEqual([]);
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });
});
