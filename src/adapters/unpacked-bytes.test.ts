import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type ZipOptions, zipFile } from '../../test/bill/zip-file.ts';
import type { Packing } from '../imports/packing.ts';
import { readZipDirectory } from '../imports/zip-directory.ts';
import { unpackedBytes } from './unpacked-bytes.ts';

/** Written by Python's zipfile to a stream that cannot seek, which puts sizes behind the entry. */
const OF_PYTHON = Buffer.from(
  'UEsDBBQACAAIAIMYolwAAAAAAAAAAAAAAAAQAAAAcmVwb3J0LTAwMDAxLmNzdjXQO27DQBRD0d5rcWKR9E+1KwNps4FAUwhwlCJqsvsM9ajuYhqeN/PUlnVe/04f89Kea/t+TsdX8vS5fL3aMrXp8fO7Hvz8NhyH96ESPVHJnqxUT1Wee54rLz0vldee18pbz1vlvee9cuw5ZsJz2Pe2wSzCk8gmPIqswrPILjyMLMPTyDY8jqzD88g+DEAEtIAR0ALuN29HR0ALGAEtYAS0gBHQAkZACxgBLWAEtIARyAJFIAsUgSzQ/u/bx0cgCxSBLFAEskARyAJFIAsUgSzQePgHUEsHCACR6X3UAAAAHwIAAFBLAQIUAxQACAAIAIMYolwAkel91AAAAB8CAAAQAAAAAAAAAAAAAACAAQAAAAByZXBvcnQtMDAwMDEuY3N2UEsFBgAAAAABAAEAPgAAABIBAAAAAA==',
  'base64',
);

const CSV = 'identity/LineItemId,lineItem/UnblendedCost\nline-1,0.5\n';

async function* inPieces(bytes: Buffer, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function textOf(bytes: Buffer, packing: Packing, pieceBytes = 1_000): Promise<string> {
  const plain: Uint8Array[] = [];
  for await (const chunk of unpackedBytes(inPieces(bytes, pieceBytes), packing)) plain.push(chunk);
  return Buffer.concat(plain).toString('utf8');
}

function unzipped(bytes: Buffer, pieceBytes?: number): Promise<string> {
  const entry = readZipDirectory(bytes, bytes.length);
  if (typeof entry === 'string') return Promise.reject(new Error(entry));
  return textOf(bytes, { kind: 'zip', entry }, pieceBytes);
}

describe('ZIP', () => {
  it('is read as others write it, in pieces of any size', async () => {
    for (const pieceBytes of [1, 7, 31, 100_000]) {
      const text = await unzipped(OF_PYTHON, pieceBytes);
      expect(text.split('\n').slice(0, 2)).toEqual([CSV.split('\n')[0], 'line-0,0.0']);
      expect(text.split('\n')).toHaveLength(42);
    }
    expect(await unzipped(zipFile({ text: CSV, flags: 0 }))).toBe(CSV);
    expect(await unzipped(zipFile({ text: CSV, method: 0 }))).toBe(CSV);
  });

  it.each<[string, Partial<ZipOptions>]>([
    ['it is encrypted', { flags: 9 }],
    ['it has 2 entries', { entries: 2 }],
    ['it is packed by method 12', { method: 12 }],
    ['it is ZIP64', { plainBytes: 0xffffffff }],
    ['it holds `run.sh`', { name: 'run.sh' }],
    ['it unpacks to more than 200 times its size', { plainBytes: 0xfffffff0 }],
    ['it is torn: its entry', { checksum: 1 }],
    ['it is torn: its entry', { plainBytes: 5 }],
    ['it is torn: its entry', { plainBytes: CSV.length + 1 }],
  ])('is refused by name: %s', async (reason, options) => {
    await expect(unzipped(zipFile({ text: CSV, ...options }))).rejects.toThrow(reason);
  });

  it('is refused where it ends too soon', async () => {
    const whole = zipFile({ text: CSV });
    await expect(unzipped(whole.subarray(0, -1))).rejects.toThrow('it is torn');
    const entry = readZipDirectory(whole, whole.length);
    if (typeof entry === 'string') throw new Error(entry);
    await expect(textOf(whole.subarray(0, 60), { kind: 'zip', entry })).rejects.toThrow(/torn|unexpected end/);
  });
});

describe('gzip', () => {
  it('is read, and given up where it becomes far larger than any bill', async () => {
    expect(await textOf(gzipSync(CSV), { kind: 'gzip' })).toBe(CSV);
    const bomb = gzipSync(Buffer.alloc(80 * 2 ** 20));
    let plainBytes = 0;
    const read = async () => {
      for await (const chunk of unpackedBytes(inPieces(bomb, 10_000), { kind: 'gzip' })) plainBytes += chunk.length;
    };
    await expect(read()).rejects.toThrow('it unpacks to more than 200 times its size');
    expect(plainBytes).toBeLessThan(65 * 2 ** 20);
  });
});
