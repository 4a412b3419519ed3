import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesAt } from '../kernel/file-bytes.ts';
import type { JournalBatch, JournalReader } from '../metering/journal-batch.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { JournalPosition } from '../metering/usage-journal.ts';
import { callIn } from './file-journal/call-record.ts';
import { RECORD, recordAt, segmentPath } from './file-journal/segment.ts';

/** A batch ends at whichever comes first. Bounds memory, and the time until the first of its events can be queried. */
const BATCH_BYTES_MAX = 16 << 20;
const BATCH_EVENTS_MAX = 20_000;

/** What the reader must remember across restarts, in `shipped.json` beside the segments. */
interface ReaderState {
  /** Tells this journal from every other one, in batch tokens. */
  readonly journalId: string;
  readonly shipped: JournalPosition;
  /** End of the batch that was handed out last, while it is not known to be in the store. */
  readonly frozenTo?: JournalPosition;
  /** First open billing period when that batch was frozen. Absent in files of before periods were closed: none was. */
  readonly frozenInPeriod?: string;
}

/** Reads the files that FileJournal writes, from another thread; touches nothing that the writer owns. */
export class FileJournalReader implements JournalReader {
  readonly #folder: string;
  #state: ReaderState;

  /** `firstSegment`: where to begin when nothing was ever shipped. */
  constructor(folder: string, firstSegment: number) {
    this.#folder = folder;
    this.#state = readState(folder) ?? { journalId: randomUUID(), shipped: { segment: firstSegment, offset: 0 } };
  }

  get journalId(): string {
    return this.#state.journalId;
  }

  get position(): JournalPosition {
    return this.#state.shipped;
  }

  async read(from: JournalPosition, durable: JournalPosition): Promise<JournalBatch | undefined> {
    const { shipped, frozenTo } = this.#state;
    const isFrozen = frozenTo !== undefined && isSamePosition(from, shipped);
    const read = await this.#read(from, isFrozen ? frozenTo : durable, isFrozen);
    return isSamePosition(read.to, from) ? undefined : { from, ...read };
  }

  async freeze(batch: JournalBatch, firstOpenPeriod: string): Promise<string> {
    const { shipped, frozenTo, frozenInPeriod = '' } = this.#state;
    if (!isSamePosition(batch.from, shipped)) throw new Error('a batch was frozen before its turn');
    if (frozenTo) return frozenInPeriod;
    await this.#save({ ...this.#state, frozenTo: batch.to, frozenInPeriod: firstOpenPeriod });
    return firstOpenPeriod;
  }

  async shipped(batch: JournalBatch): Promise<void> {
    await this.#save({ journalId: this.#state.journalId, shipped: batch.to });
  }

  async #read(
    from: JournalPosition,
    until: JournalPosition,
    isFrozen: boolean,
  ): Promise<{ to: JournalPosition; events: UsageEvent[] }> {
    const events: UsageEvent[] = [];
    let at = from;
    let bytesLeft = BATCH_BYTES_MAX;
    while (at.segment < until.segment || (at.segment === until.segment && at.offset < until.offset)) {
      if (!isFrozen && (bytesLeft <= 0 || events.length >= BATCH_EVENTS_MAX)) break;
      const limit = at.segment === until.segment ? until.offset : Number.POSITIVE_INFINITY;
      const stretch = await readStretch(this.#folder, at, limit, isFrozen ? Number.POSITIVE_INFINITY : bytesLeft);
      const end = collect(stretch, at, events, isFrozen ? Number.POSITIVE_INFINITY : BATCH_EVENTS_MAX);
      if (end.isSegmentEnd) {
        at = { segment: at.segment + 1, offset: 0 };
        continue;
      }
      if (end.offset === at.offset) {
        // The writer says this is durable: a hole here means that the file was changed from outside.
        throw new Error(`journal segment ${at.segment} is damaged at byte ${at.offset}`);
      }
      bytesLeft -= end.offset - at.offset;
      at = { segment: at.segment, offset: end.offset };
    }
    return { to: at, events };
  }

  async #save(state: ReaderState): Promise<void> {
    const path = join(this.#folder, 'shipped.json');
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(state));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    this.#state = state;
  }
}

function isSamePosition(one: JournalPosition, other: JournalPosition): boolean {
  return one.segment === other.segment && one.offset === other.offset;
}

/** Adds the outcomes in `bytes` to `events`; says where it stopped. */
function collect(
  bytes: Buffer,
  at: JournalPosition,
  events: UsageEvent[],
  eventsMax: number,
): { offset: number; isSegmentEnd: boolean } {
  let cursor = 0;
  while (events.length < eventsMax) {
    const record = recordAt(bytes, cursor, at.segment, at.offset);
    if (!record) break;
    if (record.type === RECORD.segmentEnd) return { offset: record.offset, isSegmentEnd: true };
    if (record.type === RECORD.outcome) events.push(callIn<UsageEvent>(record.payload));
    cursor = record.endOffset - at.offset;
  }
  return { offset: at.offset + cursor, isSegmentEnd: false };
}

async function readStretch(folder: string, at: JournalPosition, limit: number, bytesMax: number): Promise<Buffer> {
  const file: FileHandle = await open(segmentPath(folder, at.segment), 'r');
  try {
    const { size } = await file.stat();
    // One record more than asked for, at most: a batch never stops inside one.
    const length = Math.max(0, Math.min(size, limit, at.offset + Math.max(bytesMax, 1 << 20)) - at.offset);
    return await bytesAt(file, at.offset, length);
  } finally {
    await file.close();
  }
}

function readState(folder: string): ReaderState | undefined {
  const path = join(folder, 'shipped.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ReaderState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    // Beginning anew would count twice what is in the store already.
    throw new Error(`\`${path}\` is damaged: restore it from a backup, do not delete it (${(error as Error).message})`);
  }
}
