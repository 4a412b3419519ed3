import type { Notice, NoticeOutbox } from '../kernel/notice.ts';
import { type RecordChange, RecordConflict, type RecordStore } from '../kernel/record-store.ts';
import type { Clock } from '../kernel/time.ts';
import { type NoticeRecord, noticeOrder, pendingNotice, refusedNotice } from './notice-record.ts';

const NOTICE = 'notice';

/** Notices that wait; a budget has at most 110 subscribers. What comes on top is on record as failed. */
const MAX_PENDING = 10_000;
/** Of those, one account's, so that no account keeps the others from being told. */
const MAX_PENDING_OF_ACCOUNT = 2_000;
/** Notices that are kept after they were sent or given up. */
const MAX_FINISHED = 5_000;
/** Of those, how many are forgotten at once. */
const FORGET_AT_ONCE = 100;

/** The outbox on the record store: every notice with what came of it. */
export class NoticeBook implements NoticeOutbox {
  readonly #records: RecordStore;
  readonly #clock: Clock;
  readonly #pending = new Map<string, NoticeRecord>();
  readonly #finished = new Map<string, NoticeRecord>();
  #onPending = () => {};

  constructor(records: RecordStore, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
    for (const { body } of records.all<NoticeRecord>(NOTICE)) this.#index(body.notice.id, body);
    records.watch((changes) => {
      const before = this.#pending.size;
      for (const { kind, key, body } of changes) {
        if (kind === NOTICE) this.#index(key, body as NoticeRecord | undefined);
      }
      if (this.#pending.size > before) this.#onPending();
    });
  }

  /** Calls back after new notices were written. */
  onPending(callback: () => void): void {
    this.#onPending = callback;
  }

  async post(notices: readonly Notice[]): Promise<void> {
    const changes = this.changesFor(notices);
    if (changes.length === 0) return;
    try {
      await this.#records.write(changes);
    } catch (error) {
      // Somebody else has posted one of them meanwhile.
      if (!(error instanceof RecordConflict)) throw error;
      await this.post(notices);
    }
  }

  changesFor(notices: readonly Notice[]): RecordChange[] {
    const nowMs = this.#clock();
    const unknown = notices.filter(({ id }) => !this.#pending.has(id) && !this.#finished.has(id));
    const waiting = countByAccount(this.#pending.values());
    let waitingInAll = this.#pending.size;
    return unknown.map((notice) => {
      const ofAccount = waiting.get(notice.accountId) ?? 0;
      const isFull = waitingInAll >= MAX_PENDING || ofAccount >= MAX_PENDING_OF_ACCOUNT;
      if (!isFull) {
        waiting.set(notice.accountId, ofAccount + 1);
        waitingInAll += 1;
      }
      const body = isFull ? refusedNotice(notice, TOO_MANY, nowMs) : pendingNotice(notice, nowMs);
      return { kind: NOTICE, key: notice.id, body, expectedVersion: 0 };
    });
  }

  /** Writes what an attempt came to, and forgets the oldest of those that are finished. */
  async advance(record: NoticeRecord): Promise<void> {
    const excess = this.#finished.size - MAX_FINISHED;
    const forgotten = excess > 0 ? this.#oldestFinished(excess + FORGET_AT_ONCE) : [];
    await this.#records.write([
      { kind: NOTICE, key: record.notice.id, body: record },
      ...forgotten.map(({ notice }) => ({ kind: NOTICE, key: notice.id })),
    ]);
  }

  /** Notices that are to be tried by then, the longest waiting first. */
  due(nowMs: number): NoticeRecord[] {
    const due = [...this.#pending.values()].filter(({ nextAttemptAtMs }) => nextAttemptAtMs! <= nowMs);
    return due.sort((a, b) => a.nextAttemptAtMs! - b.nextAttemptAtMs!);
  }

  /** When the next one is to be tried; undefined when none waits. */
  nextDueAtMs(): number | undefined {
    let nextMs: number | undefined;
    for (const { nextAttemptAtMs } of this.#pending.values()) nextMs = Math.min(nextMs ?? Infinity, nextAttemptAtMs!);
    return nextMs;
  }

  /** Undefined for one that was never posted, and for one that is forgotten. */
  find(id: string): NoticeRecord | undefined {
    return this.#pending.get(id) ?? this.#finished.get(id);
  }

  /** Newest first. */
  list(): NoticeRecord[] {
    const all = [...this.#pending.values(), ...this.#finished.values()];
    return all.sort((a, b) => (noticeOrder(a) > noticeOrder(b) ? -1 : 1));
  }

  /** The oldest of whichever account has the most, so that many of one do not push out what is on record of the others. */
  #oldestFinished(count: number): NoticeRecord[] {
    const oldestFirst = [...this.#finished.values()].sort((a, b) => a.finishedAtMs! - b.finishedAtMs!);
    const left = countByAccount(oldestFirst);
    const byAccount = Map.groupBy(oldestFirst, ({ notice }) => notice.accountId);
    return Array.from({ length: Math.min(count, oldestFirst.length) }, () => {
      const [accountId, most] = [...left].reduce((one, other) => (other[1] > one[1] ? other : one));
      left.set(accountId, most - 1);
      const own = byAccount.get(accountId)!;
      return own[own.length - most]!;
    });
  }

  #index(id: string, record: NoticeRecord | undefined): void {
    this.#pending.delete(id);
    this.#finished.delete(id);
    if (record) (record.state === 'pending' ? this.#pending : this.#finished).set(id, record);
  }
}

const TOO_MANY = `more than ${MAX_PENDING} notices are waiting to be sent, or ${MAX_PENDING_OF_ACCOUNT} of the account`;

function countByAccount(records: Iterable<NoticeRecord>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { notice } of records) counts.set(notice.accountId, (counts.get(notice.accountId) ?? 0) + 1);
  return counts;
}
