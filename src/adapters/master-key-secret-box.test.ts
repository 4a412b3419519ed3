import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MasterKeySecretBox, masterKeyFile, parseMasterKey } from './master-key-secret-box.ts';

const box = new MasterKeySecretBox(Buffer.alloc(32, 1));

describe('MasterKeySecretBox', () => {
  it('opens what it sealed, and seals differently every time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, purpose) => {
        const sealed = box.seal(purpose, text);
        expect(box.open(purpose, sealed)).toBe(text);
        expect(box.seal(purpose, text)).not.toBe(sealed);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('opens for the same purpose and under the same key only', () => {
    const sealed = box.seal('access-key', 'secret');
    expect(() => box.open('session-token', sealed)).toThrow();
    expect(() => new MasterKeySecretBox(Buffer.alloc(32, 2)).open('access-key', sealed)).toThrow();
  });

  it('opens no text that was changed anywhere or spelled otherwise', () => {
    const sealed = box.seal('access-key', 'a secret of some length');
    const bytes = Buffer.from(sealed, 'base64url');
    for (let n = 0; n < bytes.length; n++) {
      for (const flip of [1, 0x80]) {
        const changed = Buffer.from(bytes);
        changed[n]! ^= flip;
        expect(() => box.open('access-key', changed.toString('base64url'))).toThrow();
      }
    }
    for (const other of [
      `${sealed}=`,
      ` ${sealed}`,
      `${sealed}\n`,
      sealed.slice(0, -1),
      '',
      'AQ',
      bytes.toString('hex'),
    ]) {
      expect(() => box.open('access-key', other)).toThrow();
    }
  });

  it('takes a key of 32 bytes', () => {
    expect(() => new MasterKeySecretBox(Buffer.alloc(31))).toThrow(RangeError);
    expect(parseMasterKey(Buffer.alloc(32, 3).toString('base64'), 'KEY')).toEqual(Buffer.alloc(32, 3));
    expect(() => parseMasterKey('c2hvcnQ=', 'KEY')).toThrow(/`KEY` is not 32 bytes in base64/);
    expect(() => parseMasterKey('c2hvcnQ=', 'KEY')).not.toThrow(/c2hvcnQ/);
    expect(() => parseMasterKey(undefined, 'KEY')).toThrow(/`KEY`, which is not set/);
  });
});

describe('masterKeyFile', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tallyline-key-'));
    file = join(folder, 'master.key');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes a key for its owner alone and reads it from then on', () => {
    const key = masterKeyFile(file);
    expect(key).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(masterKeyFile(file)).toEqual(key);
    expect(readFileSync(file)).toEqual(key);
    expect(readdirSync(folder)).toEqual(['master.key']);
  });

  it('refuses a file that others can read or that is not a key', () => {
    writeFileSync(file, Buffer.alloc(31), { mode: 0o600 });
    expect(() => masterKeyFile(file)).toThrow(/does not have 32 bytes/);
    writeFileSync(file, Buffer.alloc(32));
    chmodSync(file, 0o644);
    expect(() => masterKeyFile(file)).toThrow(/chmod 600/);
  });
});
