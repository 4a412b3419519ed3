import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCache, writeCache } from './cache-file.ts';
import { refreshAtMs, type WorkloadCredentials } from './workload-credentials.ts';

const CREDENTIALS: WorkloadCredentials = {
  accessKeyId: 'ASIA',
  secretAccessKey: 'secret',
  sessionToken: 'token',
  issuedAtMs: 0,
  expiresAtMs: 3_600_000,
  sessionArn: 'arn:aws:sts::123456789012:assumed-role/App/job',
};

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyline-cache-'));
  file = join(folder, 'deep', 'app.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a cache file', () => {
  it('gives back what was put under the same key, to its owner alone', () => {
    expect(readCache(file, 'a')).toBeUndefined();
    writeCache(file, 'a', CREDENTIALS);
    expect(readCache(file, 'a')).toEqual(CREDENTIALS);
    expect(readCache(file, 'b')).toBeUndefined();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700);
    writeCache(file, 'b', CREDENTIALS);
    expect(readCache(file, 'a')).toBeUndefined();
  });

  it('is not believed when others can read or write it, or when it is a link', () => {
    writeCache(file, 'a', CREDENTIALS);
    for (const mode of [0o640, 0o604, 0o620, 0o602]) {
      chmodSync(file, mode);
      expect(() => readCache(file, 'a')).toThrow('others can read it: chmod 600');
    }
    chmodSync(file, 0o600);
    const link = join(folder, 'link');
    symlinkSync(file, link);
    expect(() => readCache(link, 'a')).toThrow('cannot be used');
  });

  it('holds nothing when it was cut off', () => {
    writeCache(file, 'a', CREDENTIALS);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 40));
    expect(readCache(file, 'a')).toBeUndefined();
  });
});

describe('refreshAtMs', () => {
  it('is a quarter of the life before the end, and no more than 16 minutes', () => {
    const minutes = (life: number) =>
      (refreshAtMs({ ...CREDENTIALS, expiresAtMs: life * 60_000 }) / 60_000 - life) * -1;
    expect([15, 60, 64, 720].map(minutes)).toEqual([3.75, 15, 16, 16]);
  });
});
