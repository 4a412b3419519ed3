import { createSecretKey, type KeyObject } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { AuditLog, AuditPage, AuditQuery, AuditVerdict } from '../audit/audit-log.ts';
import type { AuditRecord } from '../audit/audit-record.ts';
import { Fault } from '../kernel/fault.ts';
import { type Clock, SECOND_MS } from '../kernel/time.ts';
import { type ChainEnd, chained, lineOf } from './file-audit-log/chain.ts';
import { type Head, HeadFile } from './file-audit-log/head-file.ts';
import { readPage, verifyChain } from './file-audit-log/log-reader.ts';
import { recoverLog } from './file-audit-log/recovery.ts';
import { chainEndOf, listDays, segmentPath } from './file-audit-log/segment.ts';

export interface FileAuditLogOptions {
  readonly folder: string;
  /** 32 bytes; the same at every start. */
  readonly key: Buffer;
  /** True when the key was made just now: there can be no records yet. */
  readonly isNewKey: boolean;
  /** `fsync`: a record survives power loss before its call is answered; else only the death of the process. */
  readonly durability: 'fsync' | 'os' | 'memory';
  readonly clock: Clock;
  /** Told when writing begins to fail, and what was found damaged at the start. */
  readonly onTrouble: (message: string) => void;
  /** Told of records that could not be written, so that they are somewhere. */
  readonly onUnwritten: (record: AuditRecord) => void;
}

interface Waiting {
  readonly record: AuditRecord;
  readonly resolve: () => void;
  readonly reject: (error: Fault) => void;
}

/** Records kept for another try while the log cannot be written; what is more is told to `onUnwritten` alone. */
const UNWRITTEN_MAX = 1_000;
/** While the log cannot be written, it is tried again so often at most. */
const RETRY_MS = SECOND_MS;

/**
 * The audit log in one file of JSON lines a day, each line chained to the one before (`chain.ts`). Lines that gather while a
 * sync runs share the next one. Nothing is ever written into the middle: after a failed write the file is cut back to its
 * last sound line, and what was not written is kept and written first when there is room again.
 */
export class FileAuditLog implements AuditLog {
  readonly #options: FileAuditLogOptions;
  readonly #key: KeyObject;
  readonly #headFile: HeadFile;
  /** The last record that retention deleted. */
  #before: ChainEnd;
  #end: ChainEnd;
  #day: string;
  #file: FileHandle | undefined;
  /** Bytes of the current segment that are sound. */
  #sizeBytes: number;
  #queue: Waiting[] = [];
  #unwritten: AuditRecord[] = [];
  #flushing: Promise<void> | undefined;
  #trouble: string | undefined;
  #triedAtMs = 0;
  #isClosed = false;

  private constructor(options: FileAuditLogOptions, key: KeyObject, head: Head, day: string) {
    this.#options = options;
    this.#key = key;
    this.#before = head.before;
    this.#end = head.last;
    this.#day = day;
    this.#sizeBytes = sizeOf(options.folder, day);
    this.#headFile = new HeadFile(options.folder, key);
    this.#headFile.write(head);
  }

  /** Throws DataFolderUnusable when the folder cannot be written. A damaged log is told of and goes on, with a gap. */
  static async open(options: FileAuditLogOptions): Promise<FileAuditLog> {
    const { folder } = options;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const key = createSecretKey(options.key);
      const { head, damage } = await recoverLog(folder, key, options.isNewKey);
      if (damage !== undefined) options.onTrouble(`the audit log was tampered with or damaged: ${damage}`);
      return new FileAuditLog(options, key, head, listDays(folder).at(-1) ?? '');
    } catch (error) {
      const reason = (error as Error).message;
      throw new Fault('DataFolderUnusable', `the audit log cannot write to \`${folder}\`: ${reason}`);
    }
  }

  /** Why records cannot be written now; undefined while they can. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  async requireWritable(): Promise<void> {
    if (this.#trouble !== undefined && this.#options.clock() - this.#triedAtMs >= RETRY_MS) await this.#flush();
    if (this.#trouble !== undefined || this.#isClosed) throw unwritable();
  }

  append(record: AuditRecord): Promise<void> {
    if (this.#isClosed) return Promise.reject(unwritable());
    return new Promise((resolve, reject) => {
      this.#queue.push({ record, resolve, reject });
      // Later in this turn of the event loop: what comes until then shares the write.
      setImmediate(() => void this.#flush());
    });
  }

  lookup(query: AuditQuery): Promise<AuditPage> {
    return readPage(this.#options.folder, query, this.#sizes);
  }

  async verify(): Promise<AuditVerdict> {
    await this.#flushing;
    const { folder } = this.#options;
    const head = { before: this.#before, last: this.#end };
    const extraBytes = sizeOf(folder, this.#day) - this.#sizeBytes;
    const verdict = await verifyChain(folder, this.#key, head, this.#sizes);
    if (extraBytes <= 0) return verdict;
    const extra = `${extraBytes} bytes stand behind the last record in ${this.#day}.jsonl`;
    return { ...verdict, findings: [...verdict.findings, extra] };
  }

  /** Deletes the segments of the days before `day`, but never the one that is written to. Returns the days. */
  async deleteBefore(day: string): Promise<string[]> {
    const { folder } = this.#options;
    const old = listDays(folder).filter((one) => one < day && one !== this.#day);
    for (const one of old) {
      const end = chainEndOf(folder, one);
      if (end && end.sequence > this.#before.sequence) this.#before = end;
      // On disk first: a chain that begins later than this says is broken.
      this.#headFile.write({ before: this.#before, last: this.#end }, true);
      await rm(segmentPath(folder, one));
    }
    return old;
  }

  /** Writes what is waiting and ends. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#flush();
    for (const record of this.#unwritten) this.#options.onUnwritten(record);
    await this.#file?.close();
    this.#headFile.close();
  }

  /** The current segment's size is ours to say; whatever else stands in the file was not written here. */
  readonly #sizes = (day: string): number | undefined => (day === this.#day ? this.#sizeBytes : undefined);

  /** One after the other; who comes while one runs waits for the next. */
  async #flush(): Promise<void> {
    while (this.#flushing) await this.#flushing;
    if (this.#queue.length === 0 && this.#unwritten.length === 0) return;
    this.#flushing = this.#write().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  async #write(): Promise<void> {
    const waiting = this.#queue.splice(0);
    this.#triedAtMs = this.#options.clock();
    const records = [...this.#unwritten, ...waiting.map(({ record }) => record)];
    let written = 0;
    try {
      while (written < records.length) written += await this.#writeDay(records.slice(written));
      this.#unwritten = [];
      this.#trouble = undefined;
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      const message = `the audit log cannot be written: ${(error as Error).message}`;
      if (this.#trouble === undefined) this.#options.onTrouble(message);
      this.#trouble = message;
      const left = records.slice(written);
      this.#unwritten = left.slice(0, UNWRITTEN_MAX);
      for (const record of left.slice(UNWRITTEN_MAX)) this.#options.onUnwritten(record);
      for (const { reject } of waiting) reject(unwritable());
    }
  }

  /** Writes the first of these records that belong into one segment, and returns how many. */
  async #writeDay(records: readonly AuditRecord[]): Promise<number> {
    const day = laterDay(this.#day, records[0]!);
    const file = await this.#segment(day);
    let end = this.#end;
    let text = '';
    let count = 0;
    for (const record of records) {
      if (laterDay(day, record) !== day) break;
      const line = chained(this.#key, end, JSON.stringify(record));
      text += `${lineOf(line)}\n`;
      end = { sequence: line.sequence, chain: line.chain };
      count += 1;
    }
    const bytes = Buffer.from(text);
    try {
      await writeAll(file, bytes, this.#sizeBytes);
      if (this.#options.durability === 'fsync') await file.datasync();
    } catch (error) {
      // After a failed sync what was written cannot be trusted: it is cut off, and written anew by the next try.
      await file.truncate(this.#sizeBytes).catch(() => undefined);
      throw error;
    }
    this.#sizeBytes += bytes.length;
    this.#end = end;
    this.#noteHead();
    return count;
  }

  /** The records are safe without it: it may be behind them, and the next one brings it up to date. */
  #noteHead(): void {
    try {
      this.#headFile.write({ before: this.#before, last: this.#end });
    } catch (error) {
      this.#options.onTrouble(`the head of the audit log cannot be written: ${(error as Error).message}`);
    }
  }

  /** The open segment of a day; a new day closes the one before, which is complete. */
  async #segment(day: string): Promise<FileHandle> {
    if (day === this.#day && this.#file) return this.#file;
    const { folder, durability } = this.#options;
    const isNew = day !== this.#day;
    const file = await open(segmentPath(folder, day), isNew ? 'w' : 'r+', 0o600);
    try {
      if (isNew && durability === 'fsync') await syncFolder(folder);
      await this.#file?.close();
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    this.#sizeBytes = isNew ? 0 : this.#sizeBytes;
    this.#day = day;
    return file;
  }
}

/** A clock that was set back over midnight writes on in the later segment, so that order in the files is the order of writing. */
function laterDay(day: string, { eventTime }: AuditRecord): string {
  const own = eventTime.slice(0, 10);
  return own > day ? own : day;
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

function sizeOf(folder: string, day: string): number {
  return day === '' ? 0 : (statSync(segmentPath(folder, day), { throwIfNoEntry: false })?.size ?? 0);
}

function unwritable(): Fault {
  const message = 'The audit log cannot be written. Nothing is changed until it can.';
  return new Fault('ServiceUnavailableException', message);
}
