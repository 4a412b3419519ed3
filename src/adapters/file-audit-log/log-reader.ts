import type { KeyObject } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { AuditPage, AuditQuery, AuditVerdict } from '../../audit/audit-log.ts';
import type { AuditRecord } from '../../audit/audit-record.ts';
import { Fault } from '../../kernel/fault.ts';
import { bytesAt } from '../../kernel/file-bytes.ts';
import { DAY_MS } from '../../kernel/time.ts';
import { type ChainEnd, type ChainedLine, isChainedTo, readLine } from './chain.ts';
import type { Head } from './head-file.ts';
import { type Line, linesBackwards, linesForwards, listDays, segmentPath } from './segment.ts';

/** Read for one page; one that needs more ends there, and the next goes on. */
const PAGE_BYTES = 16 << 20;
const FINDINGS_MAX = 100;
const NEWLINE = 0x0a;

/** Where a page goes on: in front of the last line of the page before. */
interface Start {
  readonly day: string;
  readonly offset: number;
}

/** Bytes of a segment that are to be read; undefined: all. */
type Sizes = (day: string) => number | undefined;

/** One page of records, newest first. Files are read in blocks, so that the event loop is never held for long. */
export async function readPage(folder: string, query: AuditQuery, sizes: Sizes): Promise<AuditPage> {
  const { fromMs = 0, toMs = Number.POSITIVE_INFINITY, matches, limit } = query;
  const start = query.before === undefined ? undefined : readPosition(query.before);
  const days = daysBetween(folder, fromMs, toMs).filter((day) => !start || day <= start.day);
  const records: AuditRecord[] = [];
  let bytesLeft = PAGE_BYTES;
  for (const day of days.reverse()) {
    await using file = await open(segmentPath(folder, day), 'r');
    const end = start?.day === day ? await lineStart(file, start.offset) : (sizes(day) ?? (await file.stat()).size);
    for await (const lines of linesBackwards(file, end)) {
      for (const { text, offset } of lines) {
        const record = recordIn(text);
        bytesLeft -= text.length;
        const atMs = record ? Date.parse(record.eventTime) : Number.NaN;
        if (record && atMs >= fromMs && atMs <= toMs && matches(record)) records.push(record);
        if (records.length >= limit || bytesLeft < 0) return { records, next: `${day}/${offset}` };
      }
    }
  }
  return { records };
}

/** Follows the chain from the first record that is kept to `head.last`; what was written since is not looked at. */
export async function verifyChain(folder: string, key: KeyObject, head: Head, sizes: Sizes): Promise<AuditVerdict> {
  const check = new ChainCheck(key, head);
  for (const day of listDays(folder)) {
    await using file = await open(segmentPath(folder, day), 'r');
    for await (const lines of linesForwards(file, sizes(day) ?? (await file.stat()).size)) {
      for (const line of lines) check.line(line, day);
      if (check.isDone) return check.verdict();
    }
  }
  return check.verdict();
}

/** Walks along a chain and notes where it is broken. */
class ChainCheck {
  readonly #key: KeyObject;
  readonly #head: Head;
  #end: ChainEnd;
  #records = 0;
  readonly #findings: string[] = [];

  constructor(key: KeyObject, head: Head) {
    this.#key = key;
    this.#head = head;
    this.#end = head.before;
  }

  get isDone(): boolean {
    return this.#end.sequence >= this.#head.last.sequence || this.#findings.length >= FINDINGS_MAX;
  }

  line({ text, offset }: Line, day: string): void {
    if (this.isDone) return;
    const line = readLine(text);
    const place = `in ${day}.jsonl at byte ${offset}`;
    if (!line) this.#find(`a line ${place} is none that was written here`);
    // Else deleted by retention, but for the file: a crash came between.
    else if (line.sequence > this.#head.before.sequence) this.#follow(line, place);
  }

  #follow(line: ChainedLine, place: string): void {
    const expected = this.#end.sequence + 1;
    this.#records += 1;
    if (line.sequence > expected) {
      const missing = line.sequence - 1 > expected ? `${expected} to ${line.sequence - 1}` : `${expected}`;
      this.#find(`missing before record ${line.sequence} ${place}: ${missing}`);
    } else if (line.sequence < expected) {
      this.#find(`record ${line.sequence} ${place} is out of order`);
    } else if (!isChainedTo(this.#key, this.#end.chain, line)) {
      this.#find(`record ${line.sequence} ${place} was changed, or the one before it was`);
    }
    this.#end = { sequence: line.sequence, chain: line.chain };
  }

  verdict(): AuditVerdict {
    const { last } = this.#head;
    if (this.#findings.length < FINDINGS_MAX && this.#end.sequence < last.sequence) {
      this.#find(
        `the log ends at record ${this.#end.sequence}, but ${last.sequence} were written: the end was cut off`,
      );
    } else if (this.#end.sequence === last.sequence && this.#end.chain !== last.chain) {
      this.#find(`record ${last.sequence} is not the one that was written last`);
    }
    return { records: this.#records, head: last, findings: this.#findings };
  }

  #find(finding: string): void {
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push(finding);
  }
}

/** A record is in the segment of its day, or of the day after, where a clock was set back over midnight. */
function daysBetween(folder: string, fromMs: number, toMs: number): string[] {
  const dayOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);
  const first = dayOf(Math.max(0, fromMs));
  const last = toMs + DAY_MS < MAX_TIME_MS ? dayOf(toMs + DAY_MS) : '9999-12-31';
  return listDays(folder).filter((day) => day >= first && day <= last);
}

/** Last day that a segment's name can say. */
const MAX_TIME_MS = Date.UTC(9999, 11, 31);

/** Undefined for a line that somebody else wrote: `verify` tells of it. */
function recordIn(line: string): AuditRecord | undefined {
  const read = readLine(line);
  try {
    return read && (JSON.parse(read.text) as AuditRecord);
  } catch {
    return undefined;
  }
}

function readPosition(text: string): Start {
  const [, day, offset] = /^(\d{4}-\d{2}-\d{2})\/(\d{1,15})$/.exec(text) ?? [];
  if (!day || !offset) throw invalidPosition();
  return { day, offset: Number(offset) };
}

/** The offset, when a line begins there. */
async function lineStart(file: FileHandle, offset: number): Promise<number> {
  if (offset === 0) return 0;
  const [before] = await bytesAt(file, offset - 1, 1);
  if (before !== NEWLINE) throw invalidPosition();
  return offset;
}

function invalidPosition(): Fault {
  return new Fault('InvalidNextTokenException', 'The next token is not valid.');
}
