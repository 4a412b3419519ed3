import { createHash } from 'node:crypto';
import { isoSeconds, MINUTE_MS } from '../kernel/time.ts';
import type { AuditRecord } from './audit-record.ts';

/** Different failed calls of one minute that are written each: of proven callers, and of all strangers together. */
const KNOWN_MAX = 1_000;
const STRANGERS_MAX = 100;

/** Failed calls that were alike, in one minute. */
interface Group {
  /** The one that was written, without its parameters. */
  readonly first: AuditRecord;
  /** False for what was too much to be told apart. */
  readonly isAlike: boolean;
  /** After the first. */
  calls: number;
  lastTime: string;
}

/**
 * Keeps failed calls from filling the disk. The first of its kind in a minute is written as it is; those that follow with
 * the same caller, address, operation, parameters and error are counted, and the count is written when the minute is over.
 * What is too much to be told apart (an address or a key of its own for every call) is counted together.
 */
export class RefusalTally {
  readonly #newId: () => string;
  #groups = new Map<string, Group>();
  #known = 0;
  #strangers = 0;
  #minute = 0;

  /** `newId`: for the events that say how often. */
  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** What is to be written now: what the last minute left, and this record unless it was only counted. */
  note(record: AuditRecord, nowMs: number): AuditRecord[] {
    const due = this.due(nowMs);
    const isStranger = record.userIdentity.type === 'Unknown';
    let key = keyOf(record);
    let isAlike = true;
    if (!this.#groups.has(key)) {
      isAlike = isStranger ? this.#strangers < STRANGERS_MAX : this.#known < KNOWN_MAX;
      if (!isAlike) key = isStranger ? 'strangers' : 'known';
    }
    const group = this.#groups.get(key);
    if (group) {
      group.calls += 1;
      group.lastTime = record.eventTime;
      return due;
    }
    const first = { ...record, requestParameters: null };
    this.#groups.set(key, { first, isAlike, calls: 0, lastTime: record.eventTime });
    if (isStranger) this.#strangers += 1;
    else this.#known += 1;
    return [...due, record];
  }

  /** The counts of a minute that is over; nothing while it lasts. */
  due(nowMs: number): AuditRecord[] {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute === this.#minute) return [];
    const counts = this.drain(nowMs);
    this.#minute = minute;
    return counts;
  }

  /** The counts of the minute that runs: the server stops. */
  drain(nowMs: number): AuditRecord[] {
    const counted = [...this.#groups.values()].filter(({ calls }) => calls > 0);
    this.#groups = new Map();
    this.#known = 0;
    this.#strangers = 0;
    return counted.map(({ first, isAlike, calls, lastTime }) => ({
      ...first,
      eventTime: isoSeconds(nowMs),
      eventID: this.#newId(),
      additionalEventData: {
        repeatedCalls: calls,
        areAlike: isAlike,
        firstEventID: first.eventID,
        firstTime: first.eventTime,
        lastTime,
      },
    }));
  }
}

function keyOf({ userIdentity, sourceIPAddress, eventSource, eventName, errorCode, ...rest }: AuditRecord): string {
  const { type, principalId, accessKeyId } = userIdentity;
  const facts = [type, principalId, accessKeyId, sourceIPAddress, eventSource, eventName, errorCode];
  const text = JSON.stringify([...facts, rest.requestParameters]);
  return createHash('sha256').update(text).digest('base64url');
}
