import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../audit/audit-record.ts';
import { FileAuditLog } from './file-audit-log.ts';

const KEY = Buffer.alloc(32, 7);
const DAY = '2026-11-24';

let folder: string;
let trouble: string[];
let unwritten: AuditRecord[];
let nowMs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyline-audit-'));
  trouble = [];
  unwritten = [];
  nowMs = Date.parse(`${DAY}T12:00:00Z`);
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(options: { readonly isNewKey?: boolean; readonly key?: Buffer } = {}): Promise<FileAuditLog> {
  return FileAuditLog.open({
    folder: join(folder, 'audit'),
    key: KEY,
    isNewKey: false,
    durability: 'os',
    clock: () => nowMs,
    onTrouble: (message) => trouble.push(message),
    onUnwritten: (record) => unwritten.push(record),
    ...options,
  });
}

function record(name: string, time = `${DAY}T12:00:00Z`): AuditRecord {
  return {
    eventVersion: '1.11',
    userIdentity: { type: 'IAMUser', userName: 'alice' },
    eventTime: time,
    eventSource: 'iam.amazonaws.com',
    eventName: name,
    awsRegion: 'us-east-1',
    sourceIPAddress: '127.0.0.1',
    userAgent: 'test "quoted" ünïcode',
    requestParameters: { userName: 'alice', note: ',"tallylineChain":{"sequence":1,"chain":"x"}}' },
    responseElements: null,
    requestID: `request-${name}`,
    eventID: `event-${name}`,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '123456789012',
    eventCategory: 'Management',
  };
}

/** A log with the records a, b, c, ... and its segment's path. */
async function written(names: string, time?: string): Promise<string> {
  const log = await open({ isNewKey: true });
  for (const name of names) await log.append(record(name, time));
  await log.close();
  return segment();
}

function segment(day = DAY): string {
  return join(folder, 'audit', `${day}.jsonl`);
}

function edit(path: string, change: (lines: string[]) => string[]): void {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  writeFileSync(
    path,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

async function names(log: FileAuditLog, query: Partial<Parameters<FileAuditLog['lookup']>[0]> = {}): Promise<string> {
  const { records } = await log.lookup({ matches: () => true, limit: 1_000, ...query });
  return records.map(({ eventName }) => eventName).join('');
}

async function findings(log: FileAuditLog): Promise<readonly string[]> {
  return (await log.verify()).findings;
}

describe('FileAuditLog', () => {
  it('keeps records over a restart, newest first, and finds nothing wrong with them', async () => {
    const path = await written('abc');
    const log = await open();
    await log.append(record('d'));
    expect(await names(log)).toBe('dcba');
    expect((await log.lookup({ matches: () => true, limit: 1 })).records[0]).toEqual(record('d'));
    expect(await log.verify()).toMatchObject({ records: 4, head: { sequence: 4 }, findings: [] });
    expect(trouble).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'audit')).mode & 0o777).toBe(0o700);
    await log.close();
  });

  it('pages through records of several days, and through a time range', async () => {
    const log = await open({ isNewKey: true });
    const all = [...Array(2_000).keys()];
    await Promise.all(all.map((n) => log.append(record(`${n}`, `2026-11-2${Math.floor(n / 500)}T00:00:0${n % 10}Z`))));
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = await log.lookup({ matches: () => true, limit: 77, ...(before && { before }) });
      seen.push(...page.records.map(({ eventName }) => eventName));
      before = page.next;
    } while (before);
    expect(seen).toEqual(all.map(String).reverse());
    const day = { fromMs: Date.parse('2026-11-21T00:00:00Z'), toMs: Date.parse('2026-11-21T23:59:59Z') };
    expect((await log.lookup({ matches: () => true, limit: 1_000, ...day })).records).toHaveLength(500);
    expect(await findings(log)).toEqual([]);
    await expect(log.lookup({ matches: () => true, limit: 1, before: '2026-11-21/3' })).rejects.toThrow(/token/);
    await expect(log.lookup({ matches: () => true, limit: 1, before: '../x/3' })).rejects.toThrow(/token/);
    await log.close();
  });

  it('ends a page after so many bytes, and goes on in the next', async () => {
    const log = await open({ isNewKey: true });
    const long = { ...record('x'), errorMessage: 'x'.repeat(200_000) };
    for (let n = 0; n < 100; n++) await log.append({ ...long, eventName: `${n}` });
    const first = await log.lookup({ matches: ({ eventName }) => eventName === '0', limit: 10 });
    expect(first.records).toEqual([]);
    const second = await log.lookup({ matches: ({ eventName }) => eventName === '0', limit: 10, before: first.next! });
    expect(second.records.map(({ eventName }) => eventName)).toEqual(['0']);
    await log.close();
  });

  it('forgets a torn last line, which was never acknowledged', async () => {
    const path = await written('ab');
    appendFileSync(path, '{"eventVersion":"1.11","torn');
    const log = await open();
    await log.append(record('c'));
    expect(await names(log)).toBe('cba');
    expect(await findings(log)).toEqual([]);
    expect(trouble).toEqual([]);
    await log.close();
  });

  it('goes on behind records that the head does not know yet', async () => {
    await written('a');
    const head = readFileSync(join(folder, 'audit', 'head.json'));
    const log = await open();
    for (const name of 'bc') await log.append(record(name));
    await log.close();
    writeFileSync(join(folder, 'audit', 'head.json'), head);
    const again = await open();
    expect(trouble).toEqual([]);
    expect(await again.verify()).toMatchObject({ records: 3, findings: [] });
    await again.close();
  });

  it.each<[string, (lines: string[]) => string[], RegExp]>([
    [
      'changed',
      (lines) => lines.map((line, n) => (n === 1 ? line.replace('alice', 'mallo') : line)),
      /record 2 .*changed/,
    ],
    ['taken out', (lines) => lines.filter((_, n) => n !== 1), /missing before record 3 .*: 2$/],
    ['put in another order', ([a, b, c]) => [a!, c!, b!], /missing before record 3/],
    ['added', ([a, b, c]) => [a!, b!, '{"eventName":"x"}', c!], /none that was written here/],
    ['made up', ([a, b, c]) => [a!, b!, c!.replaceAll('"c"', '"x"')], /record 3 .*changed/],
    // Nothing but that: what is not in the file is not read as a line of it.
    ['cut off', ([a]) => [a!], /^the log ends at record 1, but 3 were written: the end was cut off$/],
  ])('finds a record that was %s while it runs', async (_, change, finding) => {
    const log = await open({ isNewKey: true });
    for (const name of 'abc') await log.append(record(name));
    edit(segment(), change);
    expect((await findings(log)).join('\n')).toMatch(finding);
    await log.close();
  });

  it.each<[string, (path: string) => void]>([
    ['the end was cut off', (path) => edit(path, ([a]) => [a!])],
    ['a record was made up', (path) => appendFileSync(path, `${readFileSync(path, 'utf8').split('\n')[0]}\n`)],
    ['the head is gone', () => rmSync(join(folder, 'audit', 'head.json'))],
    ['everything is gone', () => rmSync(join(folder, 'audit'), { recursive: true })],
  ])('tells at the start that %s, and finds it for good', async (_, damage) => {
    damage(await written('ab'));
    const log = await open();
    expect(trouble.join()).toMatch(/tampered with or damaged/);
    for (const name of 'cde') await log.append(record(name));
    expect(await findings(log)).not.toEqual([]);
    await log.close();
    trouble = [];
    const again = await open();
    expect(trouble).toEqual([]);
    expect(await findings(again)).not.toEqual([]);
    expect(await names(again)).toContain('edc');
    await again.close();
  });

  it('finds a record that was changed while it was closed', async () => {
    edit(await written('ab'), ([a, b]) => [a!, b!.replace('alice', 'mallo')]);
    const log = await open();
    await log.append(record('c'));
    expect((await findings(log)).join()).toMatch(/record 2 .*was changed/);
    await log.close();
  });

  it('finds that everything was written anew by somebody without the key', async () => {
    await written('abc');
    rmSync(join(folder, 'audit'), { recursive: true });
    const forger = await open({ isNewKey: true, key: Buffer.alloc(32, 8) });
    for (const name of 'xyz') await forger.append(record(name));
    await forger.close();
    const log = await open();
    expect(trouble.join()).toMatch(/tampered with or damaged/);
    expect(await findings(log)).not.toEqual([]);
    await log.close();
  });

  it('deletes whole days and still verifies what is left', async () => {
    const log = await open({ isNewKey: true });
    for (const day of ['20', '21', '22']) await log.append(record(day, `2026-11-${day}T00:00:00Z`));
    expect(await log.deleteBefore('2026-11-22')).toEqual(['2026-11-20', '2026-11-21']);
    expect(await log.verify()).toMatchObject({ records: 1, head: { sequence: 3 }, findings: [] });
    await log.close();
    const again = await open();
    expect(trouble).toEqual([]);
    expect(await again.deleteBefore('2030-01-01')).toEqual([]);
    expect(await again.verify()).toMatchObject({ records: 1, findings: [] });
    // Who deletes a day by hand is found.
    await again.append(record('e', '2026-11-25T00:00:00Z'));
    rmSync(segment('2026-11-22'));
    expect((await findings(again)).join()).toMatch(/missing before record 4/);
    await again.close();
  });

  it('writes on in the later segment when the clock goes back over midnight', async () => {
    const log = await open({ isNewKey: true });
    await log.append(record('a', '2026-11-25T00:00:01Z'));
    await log.append(record('b', '2026-11-24T23:59:59Z'));
    expect(readdirSync(join(folder, 'audit'))).toEqual(['2026-11-25.jsonl', 'head.json']);
    expect(await names(log, { toMs: Date.parse('2026-11-24T23:59:59Z') })).toBe('b');
    await log.close();
  });

  it('refuses changes while it cannot write, and writes what is owed when it can again', async () => {
    const log = await open({ isNewKey: true });
    await log.append(record('a'));
    // A folder where the next day's segment would be.
    mkdirSync(segment('2026-11-25'));
    nowMs = Date.parse('2026-11-25T00:00:00Z');
    await expect(log.append(record('b', '2026-11-25T00:00:00Z'))).rejects.toThrow(/audit log cannot be written/);
    await expect(log.requireWritable()).rejects.toThrow(/Nothing is changed/);
    expect(log.trouble).toMatch(/EISDIR/);
    rmSync(segment('2026-11-25'), { recursive: true });
    nowMs += 1_000;
    await log.requireWritable();
    expect(await names(log)).toBe('ba');
    expect(await findings(log)).toEqual([]);
    expect(trouble).toHaveLength(1);
    await log.close();
    expect(unwritten).toEqual([]);
  });
});
