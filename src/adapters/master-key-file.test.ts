import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MasterKeyFile, readKeyFile } from './master-key-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyline-key-'));
  file = join(folder, 'master.key');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('MasterKeyFile', () => {
  it('makes a key for its owner alone and reads it from then on', () => {
    const key = new MasterKeyFile(file).current();
    expect(key).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(new MasterKeyFile(file).current()).toEqual(key);
    expect(readFileSync(file)).toEqual(key);
    expect(readdirSync(folder)).toEqual(['master.key']);
  });

  it('refuses a file that others can read or that is not a key', () => {
    const keys = new MasterKeyFile(file);
    writeFileSync(file, Buffer.alloc(31), { mode: 0o600 });
    expect(() => keys.current()).toThrow(/does not have 32 bytes/);
    writeFileSync(file, Buffer.alloc(32));
    chmodSync(file, 0o644);
    expect(() => keys.current()).toThrow(/chmod 600/);
    expect(() => readKeyFile(join(folder, 'none'))).toThrow(/there is no master key file/);
  });

  it('puts a new key in place and keeps the one before until it is dropped', () => {
    const keys = new MasterKeyFile(file);
    const first = keys.current();
    expect(keys.previous()).toEqual([]);
    keys.keepCurrent('first');
    expect(keys.current()).toEqual(first);
    const second = keys.replace();
    expect(second).not.toEqual(first);
    expect(keys.current()).toEqual(second);
    expect(keys.previous().map(({ bytes }) => bytes)).toEqual([first]);
    expect(statSync(join(`${file}.previous`, 'first.key')).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}.previous`).mode & 0o777).toBe(0o700);
    // A crash in the middle of a write leaves a draft.
    writeFileSync(join(`${file}.previous`, 'second.key.0123456789ab'), 'half');
    expect(keys.previous()).toHaveLength(1);
    keys.dropPrevious();
    expect(keys.previous()).toEqual([]);
    expect(keys.current()).toEqual(second);
  });
});
