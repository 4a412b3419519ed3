import { mkdirSync, rmSync, writeSync } from 'node:fs';
import { type FileHandle, rm } from 'node:fs/promises';
import { Fault } from '../kernel/fault.ts';
import { PassingMap } from '../kernel/passing-map.ts';
import type { Admission, UsageEvent } from '../metering/usage-event.ts';
import type { JournalPosition, PastCalls, UsageJournal } from '../metering/usage-journal.ts';
import { endMark, type Recovery, recover } from './file-journal/recovery.ts';
import {
  createSegment,
  RECORD,
  RECORD_HEADER_BYTES,
  type RecordType,
  sealRecord,
  segmentPath,
} from './file-journal/segment.ts';
import { SharedSync } from './file-journal/shared-sync.ts';

/** `fsync`: survives power loss. `os`: survives the death of the process. `memory`: neither, for tests and trials. */
export type Durability = 'fsync' | 'os' | 'memory';

export interface FileJournalOptions {
  readonly folder: string;
  readonly durability: Durability;
  /** Size of one segment; two exist at any time. Default 32 MiB. */
  readonly segmentBytes?: number;
  /** Called whenever more records have become durable: everything before the position may be read. */
  readonly onDurable: (position: JournalPosition) => void;
}

/** What one outcome may need beyond its admission: usage with the vendor's raw object (2,000 bytes), times, status. */
const OUTCOME_EXTRA_BYTES = 3 * 1024;

/** Room for about 16,000 requests in flight: two segments, 4 KB kept free for each. */
const DEFAULT_SEGMENT_BYTES = 32 << 20;
const TAIL_BYTES = 1 << 20;
/** Kept at every segment's end for the mark that says where to go on. */
const END_MARK_BYTES = RECORD_HEADER_BYTES + 1;
const SETTLED_POLL_MS = 20;
const WRITTEN = Promise.resolve();
/** With `memory`, what is buffered reaches the file this often. */
const MEMORY_FLUSH_MS = 50;

interface OpenAdmission {
  readonly segment: number;
  /** Kept free for its outcome. */
  readonly reservedBytes: number;
  /** Absent for a call of an earlier process. */
  readonly tier: Admission['tier'] | undefined;
  /** As it was written. */
  readonly text: string;
}

/**
 * The usage journal in append-only files with group commit: records of one turn of the event loop share one write, and all
 * that gather share one sync. Writing is synchronous (a copy into the page cache); syncing is not.
 * Why not a database: docs/decisions/2026-11-22-journal.md.
 */
export class FileJournal implements UsageJournal, PastCalls {
  readonly #options: Required<FileJournalOptions>;
  readonly #tail = Buffer.allocUnsafe(TAIL_BYTES);
  /** Bytes in `#tail` that are not in the file yet. */
  #tailBytes = 0;
  #segment: number;
  #offset = 0;
  #file: FileHandle;
  #next: { segment: number; file: FileHandle } | undefined;
  #preparing: Promise<void> | undefined;
  /** Finished segments that the next sync must include. */
  #finishedFiles: FileHandle[] = [];
  #writing: PromiseWithResolvers<void> | undefined;
  readonly #syncs = new SharedSync(
    () => this.#sync(),
    () => this.#open.size,
  );
  #failure: Error | undefined;
  readonly #open = new PassingMap<string, OpenAdmission>();
  #reservedBytes = 0;
  /** Of the records so far, at most: so much may stay empty at a segment's end, for a record that fits only into the next. */
  #longestBytes = 0;
  /** Segments on disk with the number of their open admissions, oldest first. */
  readonly #segments = new Map<number, number>();
  #memoryTimer: NodeJS.Timeout | undefined;

  /** Admissions of an earlier process that were never settled. The caller settles each one as interrupted. */
  readonly interrupted: readonly Admission[];
  /** Where this process began to write: everything before it is an earlier process's, and may be read. */
  readonly start: JournalPosition;

  private constructor(options: FileJournalOptions, recovery: Recovery, file: FileHandle) {
    this.#options = { segmentBytes: DEFAULT_SEGMENT_BYTES, ...options };
    for (const segment of recovery.segments) this.#segments.set(segment, 0);
    for (const { admission, segment } of recovery.interrupted) {
      this.#noteOpen(admission.requestId, { segment, reservedBytes: 0, tier: undefined, text: '' });
    }
    this.interrupted = recovery.interrupted.map(({ admission }) => admission);
    this.#segment = recovery.nextSegment;
    this.start = { segment: recovery.nextSegment, offset: 0 };
    this.#segments.set(this.#segment, 0);
    this.#file = file;
    if (options.durability === 'memory') {
      this.#memoryTimer = setInterval(() => this.#writeTail(), MEMORY_FLUSH_MS).unref();
    }
  }

  static async open(options: FileJournalOptions): Promise<FileJournal> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const recovery = recover(options.folder);
    try {
      const file = await createSegment(
        options.folder,
        recovery.nextSegment,
        options.segmentBytes ?? DEFAULT_SEGMENT_BYTES,
        { inSteps: false },
      );
      const journal = new FileJournal(options, recovery, file);
      await journal.#prepareNext();
      return journal;
    } catch (error) {
      const text = `the journal cannot write to \`${options.folder}\`: ${(error as Error).message}; free some space and start again`;
      throw new Fault('DataFolderUnusable', text);
    }
  }

  admit(admission: Admission): Promise<void> {
    if (this.#failure) return Promise.reject(journalUnavailable());
    const payload = JSON.stringify(admission);
    const reservedBytes = Buffer.byteLength(payload) + OUTCOME_EXTRA_BYTES;
    const longestBytes = Math.max(this.#longestBytes, reservedBytes);
    if (this.#freeBytes(longestBytes) < 2 * reservedBytes) {
      void this.#prepareNext();
      return Promise.reject(journalUnavailable());
    }
    this.#longestBytes = longestBytes;
    this.#append(RECORD.admission, payload);
    this.#noteOpen(admission.requestId, { segment: this.#segment, reservedBytes, tier: admission.tier, text: payload });
    return this.#options.durability === 'memory' ? WRITTEN : this.#nextWrite();
  }

  settle(event: UsageEvent): Promise<void> {
    if (this.#failure) return Promise.reject(journalUnavailable());
    const open = this.#open.get(event.requestId);
    if (!open) throw new Error(`settled a request that was never admitted: ${event.requestId}`);
    this.#append(RECORD.outcome, open.tier === event.tier ? goneOn(open.text, event) : JSON.stringify(event));
    this.#noteSettled(event.requestId, open);
    return this.#options.durability === 'memory' ? WRITTEN : this.#syncs.ended();
  }

  async note(event: UsageEvent): Promise<void> {
    if (this.#failure) throw journalUnavailable();
    const payload = JSON.stringify(event);
    const bytes = recordBytes(payload);
    this.#longestBytes = Math.max(this.#longestBytes, bytes);
    if (this.#freeBytes(this.#longestBytes) < 2 * bytes) await this.#prepareNext();
    if (this.#freeBytes(this.#longestBytes) < 2 * bytes) throw journalUnavailable();
    this.#append(RECORD.outcome, payload);
    if (this.#options.durability === 'memory') return;
    await this.#syncs.ended();
  }

  /** Deletes the segments before `shipped` whose admissions are all settled, oldest first and without gaps. */
  release(shipped: JournalPosition): void {
    for (const [segment, openAdmissions] of this.#segments) {
      if (segment >= shipped.segment || segment >= this.#segment || openAdmissions > 0) return;
      // Giving 32 MiB back to the file system takes milliseconds, for which no call should wait.
      void rm(segmentPath(this.#options.folder, segment), { force: true });
      this.#segments.delete(segment);
    }
  }

  /** Oldest segment on disk: where a reader without a position begins. */
  get firstSegment(): number {
    return this.#segments.keys().next().value ?? this.#segment;
  }

  /** Requests that are admitted and not settled yet. */
  get openRequests(): number {
    return this.#open.size;
  }

  /** Waits until every admitted request is settled, at most `graceMs`; also for those whose client has gone. */
  async settled(graceMs: number): Promise<void> {
    const expired = AbortSignal.timeout(graceMs);
    while (this.#open.size > 0 && !expired.aborted)
      await new Promise((resolve) => setTimeout(resolve, SETTLED_POLL_MS));
  }

  async close(): Promise<void> {
    clearInterval(this.#memoryTimer);
    this.#writeTail();
    await this.#syncs.ended();
    this.#failure = new Error('closed');
    await this.#preparing;
    await this.#file.close();
    await this.#next?.file.close();
    if (this.#next) rmSync(segmentPath(this.#options.folder, this.#next.segment), { force: true });
  }

  #noteOpen(requestId: string, open: OpenAdmission): void {
    this.#open.set(requestId, open);
    this.#reservedBytes += open.reservedBytes;
    this.#segments.set(open.segment, (this.#segments.get(open.segment) ?? 0) + 1);
  }

  #noteSettled(requestId: string, { segment, reservedBytes }: OpenAdmission): void {
    this.#open.delete(requestId);
    this.#reservedBytes -= reservedBytes;
    this.#segments.set(segment, (this.#segments.get(segment) ?? 1) - 1);
  }

  /** Bytes that may still be promised: what is left here and in the segment that is ready, less what is promised already. */
  #freeBytes(longestBytes: number): number {
    const { segmentBytes } = this.#options;
    const here = segmentBytes - this.#offset - END_MARK_BYTES;
    const next = this.#next ? segmentBytes - END_MARK_BYTES - longestBytes : 0;
    return here + next - this.#reservedBytes;
  }

  #append(type: RecordType, payload: string): void {
    const boundBytes = RECORD_HEADER_BYTES + payload.length * 3;
    const mayFill = this.#offset + boundBytes + END_MARK_BYTES > this.#options.segmentBytes;
    if (mayFill && this.#offset + recordBytes(payload) + END_MARK_BYTES > this.#options.segmentBytes) this.#roll();
    if (this.#tailBytes + boundBytes > TAIL_BYTES) this.#writeTail();
    const start = this.#tailBytes;
    const payloadBytes = this.#tail.write(payload, start + RECORD_HEADER_BYTES, 'utf8');
    sealRecord(this.#tail, start, payloadBytes, type, this.#segment, this.#offset);
    this.#tailBytes += RECORD_HEADER_BYTES + payloadBytes;
    this.#offset += RECORD_HEADER_BYTES + payloadBytes;
  }

  #writeTail(): void {
    if (this.#tailBytes === 0) return;
    const position = this.#offset - this.#tailBytes;
    let written = 0;
    while (written < this.#tailBytes) {
      written += writeSync(this.#file.fd, this.#tail, written, this.#tailBytes - written, position + written);
    }
    this.#tailBytes = 0;
    if (this.#options.durability !== 'fsync') this.#options.onDurable({ segment: this.#segment, offset: this.#offset });
  }

  /** Ends this segment and goes on in the one that was prepared. Admission has seen to it that there is one. */
  #roll(): void {
    if (!this.#next) throw journalUnavailable();
    this.#writeTail();
    const mark = endMark(this.#segment, this.#offset);
    writeSync(this.#file.fd, mark, 0, mark.length, this.#offset);
    this.#finishedFiles.push(this.#file);
    this.#segment = this.#next.segment;
    this.#file = this.#next.file;
    this.#offset = 0;
    this.#next = undefined;
    this.#segments.set(this.#segment, 0);
    void this.#prepareNext();
  }

  /** Keeps one empty segment ready. While there is none, requests that do not fit are refused before the model is called. */
  #prepareNext(): Promise<void> {
    if (this.#next || this.#failure) return Promise.resolve();
    const { folder, segmentBytes } = this.#options;
    const segment = this.#segment + 1;
    // The first one is made before anybody calls.
    const inSteps = segment > this.start.segment + 1;
    this.#preparing ??= createSegment(folder, segment, segmentBytes, { inSteps })
      .then(
        (file) => {
          this.#next = { segment, file };
        },
        // No space: what was begun goes, and the next admission tries again.
        () => rmSync(segmentPath(folder, segment), { force: true }),
      )
      .finally(() => {
        this.#preparing = undefined;
      });
    return this.#preparing;
  }

  /** Resolves when everything appended in this turn of the event loop is in the file. */
  #nextWrite(): Promise<void> {
    if (!this.#writing) {
      const writing = Promise.withResolvers<void>();
      this.#writing = writing;
      setImmediate(() => {
        this.#writing = undefined;
        try {
          this.#writeTail();
          writing.resolve();
        } catch (error) {
          this.#failure = error as Error;
          writing.reject(journalUnavailable());
        }
      });
    }
    return this.#writing.promise;
  }

  /** Makes durable what was appended so far. */
  async #sync(): Promise<void> {
    const finished = this.#finishedFiles.splice(0);
    try {
      this.#writeTail();
      const position = { segment: this.#segment, offset: this.#offset };
      if (this.#options.durability !== 'fsync') return;
      for (const file of [...finished, this.#file]) await file.datasync();
      this.#options.onDurable(position);
    } catch (error) {
      // After a failed sync the kernel may have dropped the pages: nothing written since can be trusted.
      this.#failure = error as Error;
      throw journalUnavailable();
    } finally {
      for (const file of finished) await file.close();
    }
  }
}

/** The event as JSON. It begins as its admission did, which is not put into words a second time. */
function goneOn(admissionText: string, event: UsageEvent): string {
  const { endedAtMs, firstTokenMs, status, errorCode, usage, clientGone } = event;
  const { upstreamRequestId, upstreamPrincipalArn, isGatewayPrincipal } = event;
  const ending: Omit<UsageEvent, keyof Admission> = {
    endedAtMs,
    status,
    errorCode,
    usage,
    upstreamRequestId,
    upstreamPrincipalArn,
    isGatewayPrincipal,
    clientGone,
    ...(firstTokenMs !== undefined && { firstTokenMs }),
  };
  return `${admissionText.slice(0, -1)},${JSON.stringify(ending).slice(1)}`;
}

function recordBytes(payload: string): number {
  return RECORD_HEADER_BYTES + Buffer.byteLength(payload);
}

function journalUnavailable(): Fault {
  return new Fault('ServiceUnavailableException', 'Bedrock is unable to process your request.');
}
