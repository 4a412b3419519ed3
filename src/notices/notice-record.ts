import type { Notice } from '../kernel/notice.ts';
import { HOUR_MS, SECOND_MS } from '../kernel/time.ts';

/** One notice and what came of it. */
export interface NoticeRecord {
  readonly notice: Notice;
  readonly state: NoticeState;
  /** Attempts that have ended. */
  readonly attempts: number;
  readonly createdAtMs: number;
  /** `pending` only: when it is tried (again). */
  readonly nextAttemptAtMs?: number;
  /** `sent` and `failed` only. */
  readonly finishedAtMs?: number;
  /** Why the last attempt failed; absent when it did not. */
  readonly failure?: string;
}

export type NoticeState = 'pending' | 'sent' | 'failed';

const FIRST_RETRY_MS = 5 * SECOND_MS;
const LONGEST_RETRY_MS = HOUR_MS;
/** Ten within 1.4 hours, then one an hour: a receiver may be away for a day. */
export const MAX_ATTEMPTS = 34;

const FAILURE_CHARACTERS_MAX = 500;

export function pendingNotice(notice: Notice, nowMs: number): NoticeRecord {
  return { notice, state: 'pending', attempts: 0, createdAtMs: nowMs, nextAttemptAtMs: nowMs };
}

export function afterSuccess(record: NoticeRecord, nowMs: number): NoticeRecord {
  const { notice, attempts, createdAtMs } = record;
  return { notice, state: 'sent', attempts: attempts + 1, createdAtMs, finishedAtMs: nowMs };
}

/** Tried again after twice the time, until it has been tried often enough. */
export function afterFailure(record: NoticeRecord, reason: string, nowMs: number): NoticeRecord {
  const { notice, createdAtMs } = record;
  const attempts = record.attempts + 1;
  const failure = reason.slice(0, FAILURE_CHARACTERS_MAX);
  const common = { notice, attempts, createdAtMs, failure };
  if (attempts >= MAX_ATTEMPTS) return { ...common, state: 'failed', finishedAtMs: nowMs };
  const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
  return { ...common, state: 'pending', nextAttemptAtMs: nowMs + waitMs };
}

/** One that was never tried. */
export function refusedNotice(notice: Notice, reason: string, nowMs: number): NoticeRecord {
  return { notice, state: 'failed', attempts: 0, createdAtMs: nowMs, finishedAtMs: nowMs, failure: reason };
}

/** Text that sorts as notices came about; the id decides between those of one millisecond. */
export function noticeOrder({ notice, createdAtMs }: NoticeRecord): string {
  return `${new Date(createdAtMs).toISOString()} ${notice.id}`;
}
