import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Admission, UsageEvent } from '../metering/usage-event.ts';
import type { JournalPosition } from '../metering/usage-journal.ts';
import { FileJournal } from './file-journal.ts';
import { FileJournalReader } from './file-journal-reader.ts';

const SEGMENT_BYTES = 64 * 1024;

let folder: string;
let durable: JournalPosition = { segment: 0, offset: 0 };
const opened: FileJournal[] = [];
/** For a disk that others use as well. */
const PATIENCE = { timeout: 20_000, interval: 10 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyline-journal-'));
});
afterEach(async () => {
  // A journal that a test left to "crash" still holds its files.
  for (const journal of opened.splice(0)) await journal.close().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

async function openJournal(options: Partial<Parameters<typeof FileJournal.open>[0]> = {}): Promise<FileJournal> {
  const journal = await FileJournal.open({
    folder,
    durability: 'fsync',
    segmentBytes: SEGMENT_BYTES,
    onDurable: (position) => {
      durable = position;
    },
    ...options,
  });
  opened.push(journal);
  return journal;
}

function admission(requestId: string): Admission {
  return {
    requestId,
    admittedAtMs: 1_780_000_000_000,
    accountId: '123456789012',
    principalArn: 'arn:aws:iam::123456789012:user/alice',
    principalId: 'AIDAEXAMPLE',
    accessKeyId: 'AKIAEXAMPLE',
    sourceIdentity: '',
    principalTags: [['team', 'dätä 🚀']],
    resourceTags: [],
    accountTags: [],
    operation: 'Converse',
    requestedModelId: 'anthropic.claude-sonnet-4-6',
    modelId: 'anthropic.claude-sonnet-4-6',
    resourceArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6',
    region: 'us-east-1',
    route: 'in_region',
    upstream: 'simulated',
    tier: 'standard',
    sourceIp: '127.0.0.1',
    userAgent: 'test',
    requestMetadata: [],
    isBatch: false,
    attemptOf: '',
    isRepeat: false,
    inputTokensEstimate: 10,
  };
}

function outcomeOf(one: Admission): UsageEvent {
  const usage = { inputTokens: 1, outputTokens: 2, isEstimated: false, raw: '{"a":1}' };
  return {
    ...one,
    endedAtMs: one.admittedAtMs + 5,
    status: 'completed',
    errorCode: '',
    usage,
    upstreamRequestId: '',
    upstreamPrincipalArn: '',
    isGatewayPrincipal: false,
    clientGone: false,
  };
}

/** While a slow disk owes the next segment the journal refuses, and whoever called comes again. */
async function record(journal: FileJournal, requestId: string): Promise<void> {
  const one = admission(requestId);
  await vi.waitFor(() => journal.admit(one), PATIENCE);
  await journal.settle(outcomeOf(one));
}

async function readAll(reader: FileJournalReader, until: JournalPosition): Promise<UsageEvent[]> {
  const events: UsageEvent[] = [];
  for (;;) {
    const batch = await reader.read(reader.position, until);
    if (!batch) return events;
    events.push(...batch.events);
    await reader.freeze(batch, '');
    await reader.shipped(batch);
  }
}

describe('FileJournal', () => {
  it('gives back what was settled, in order, across many segments', async () => {
    const journal = await openJournal();
    for (let i = 0; i < 500; i++) await record(journal, `r${i}`);
    const events = await readAll(new FileJournalReader(folder, journal.firstSegment), durable);
    expect(events.map((event) => event.requestId)).toEqual(Array.from({ length: 500 }, (_, i) => `r${i}`));
    expect(events[0]).toEqual(outcomeOf(admission('r0')));
    await journal.close();
  });

  it('shares one sync among requests that settle together and acknowledges all of them', async () => {
    const journal = await openJournal({ segmentBytes: 4 << 20 });
    await Promise.all(Array.from({ length: 100 }, (_, i) => record(journal, `r${i}`)));
    const events = await readAll(new FileJournalReader(folder, journal.firstSegment), durable);
    expect(new Set(events.map((event) => event.requestId)).size).toBe(100);
    await journal.close();
  });

  it('lists after a crash what was admitted and not settled, and nothing else', async () => {
    const journal = await openJournal();
    await record(journal, 'done');
    await journal.admit(admission('in-flight'));
    // No close: the process is gone.
    const next = await openJournal();
    expect(next.interrupted).toEqual([expect.objectContaining(admission('in-flight'))]);
    await next.settle({ ...outcomeOf(admission('in-flight')), status: 'interrupted' });
    await next.close();
    const third = await openJournal();
    expect(third.interrupted).toEqual([]);
    await third.close();
  });

  it('stops at a torn record and goes on behind it, losing nothing that was acknowledged', async () => {
    const journal = await openJournal();
    await record(journal, 'before');
    const path = join(folder, readdirSync(folder).filter((name) => name.endsWith('.journal'))[0]!);
    const bytes = readFileSync(path);
    // Half of another record, as a crash in the middle of a write leaves it.
    bytes.writeUInt32BE(5_000, durable.offset);
    bytes.fill(0x7b, durable.offset + 9, durable.offset + 900);
    writeFileSync(path, bytes);
    const next = await openJournal();
    await record(next, 'after');
    const events = await readAll(new FileJournalReader(folder, next.firstSegment), durable);
    expect(events.map((event) => event.requestId)).toEqual(['before', 'after']);
    await next.close();
  });

  it('deletes shipped segments oldest first and keeps one with an open admission', async () => {
    const journal = await openJournal();
    await journal.admit(admission('long'));
    for (let i = 0; i < 300; i++) await record(journal, `r${i}`);
    const before = readdirSync(folder).length;
    journal.release(durable);
    expect(readdirSync(folder).length).toBe(before);
    await journal.settle(outcomeOf(admission('long')));
    journal.release(durable);
    const segments = () => readdirSync(folder).filter((name) => name.endsWith('.journal')).length;
    await expect.poll(segments, PATIENCE).toBeLessThanOrEqual(2);
    await journal.close();
  });

  it('hands out a frozen batch with the same bounds until it is shipped', async () => {
    const journal = await openJournal();
    await record(journal, 'a');
    const before = new FileJournalReader(folder, journal.firstSegment);
    const first = (await before.read(before.position, durable))!;
    await before.freeze(first, '');
    await record(journal, 'b');
    const again = new FileJournalReader(folder, journal.firstSegment);
    const second = (await again.read(again.position, durable))!;
    expect(second).toEqual(first);
    await again.freeze(second, '');
    await again.shipped(second);
    expect((await again.read(again.position, durable))?.events.map((event) => event.requestId)).toEqual(['b']);
    await journal.close();
  });
});

/** A real full disk: a small tmpfs. Needs the right to mount, which CI has; elsewhere the test says that it did not run. */
const canMount = isMountAllowed();
if (!canMount) console.warn('SKIPPED: journal on a full disk: this user may not mount a tmpfs');

describe.skipIf(!canMount)('FileJournal on a full disk', () => {
  let disk: string;
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'tallyline-full-'));
    mountTmpfs(disk, '200k');
  });
  afterEach(() => {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });

  it('refuses new requests, settles the admitted ones, and recovers when there is room again', async () => {
    const journal = await openJournal({ folder: disk });
    writeFileSync(join(disk, 'hog'), Buffer.alloc(60 * 1024));
    const admitted: Admission[] = [];
    const fill = async () => {
      for (let i = 0; i < 200; i++) {
        const one = admission(`r${i}`);
        await journal.admit(one);
        admitted.push(one);
      }
    };
    await expect(fill()).rejects.toThrowError(expect.objectContaining({ code: 'ServiceUnavailableException' }));
    expect(admitted.length).toBeGreaterThan(3);
    for (const one of admitted) await journal.settle(outcomeOf(one));
    const reader = new FileJournalReader(disk, journal.firstSegment);
    expect((await readAll(reader, durable)).length).toBe(admitted.length);

    rmSync(join(disk, 'hog'));
    journal.release(reader.position);
    await expect.poll(() => tryAdmit(journal)).toBe(true);
    await journal.close();
  });
});

async function tryAdmit(journal: FileJournal): Promise<boolean> {
  try {
    await journal.admit(admission(`again-${Math.random()}`));
    return true;
  } catch {
    return false;
  }
}

function isMountAllowed(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'tallyline-mount-'));
  const isMounted = mountTmpfs(probe, '1m');
  if (isMounted) execFileSync('umount', [probe]);
  rmSync(probe, { recursive: true });
  return isMounted;
}

function mountTmpfs(path: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
