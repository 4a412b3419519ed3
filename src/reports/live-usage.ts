import { PassingMap } from '../kernel/passing-map.ts';
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import type { Admission, UsageEvent } from '../metering/usage-event.ts';
import type { CallCost } from '../rating/rate.ts';
import { LiveSeries, type LiveSums, NO_SUMS } from './live-series.ts';
import { type LiveSubject, LiveSubjects, SHARED_SUBJECT } from './live-subject.ts';

/** A call that ended or was refused, newest last. */
export interface LiveCall {
  readonly requestId: string;
  readonly atMs: number;
  readonly subject: LiveSubject;
  /** `refused`: a budget had no room, or inference is stopped; nothing was called. */
  readonly status: UsageEvent['status'] | 'refused';
  /** Why it was refused or failed; empty otherwise. */
  readonly reason: string;
  readonly durationMs: number;
  readonly tokens: bigint;
  readonly costPicoUsd: bigint;
  readonly isUnpriced: boolean;
}

/** A call that an upstream has not answered yet. */
export interface OpenCall {
  readonly requestId: string;
  readonly startedMs: number;
  readonly subject: LiveSubject;
  readonly upstream: string;
}

/** What happened in the last hour, and in the last minute. */
export interface LiveActivity {
  readonly minutes: LiveSeries;
  readonly seconds: LiveSeries;
}

/** One caller, with one set of tags, on one model. */
export interface LiveUser extends LiveActivity {
  readonly subject: LiveSubject;
}

/** Of the last hour, by minute; of the last minute, by second. The last slot is under way. */
export const MINUTES_KEPT = HOUR_MS / MINUTE_MS;
export const SECONDS_KEPT = 60;
/** Callers times models. Whoever comes beyond is counted together as `SHARED_SUBJECT`. */
const USERS_MAX = 2_000;
const LATEST_KEPT = 1_000;
/** Those that have been quiet for an hour are let go so often at most. */
const SWEEP_EVERY_MS = MINUTE_MS;

/**
 * What goes on at this node now and in the last hour, in memory: begun anew with the process, and never asked of the cost
 * store. The ledger has the figures that bills are made of.
 */
export class LiveUsage {
  readonly sinceMs: number;
  readonly #clock: Clock;
  readonly #subjects = new LiveSubjects(USERS_MAX);
  readonly #users = new Map<string, LiveUser>();
  readonly #everybody = newActivity();
  readonly #open = new PassingMap<string, OpenCall>();
  readonly #latest: LiveCall[] = [];
  #sweptAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.sinceMs = clock();
  }

  begun(admission: Admission): void {
    const { requestId, upstream } = admission;
    this.#open.set(requestId, { requestId, startedMs: this.#clock(), subject: this.#subjects.of(admission), upstream });
  }

  ended(event: UsageEvent, { tokens, costPicoUsd, isUnpriced }: CallCost): void {
    const { requestId, status, errorCode: reason, admittedAtMs, endedAtMs } = event;
    const subject = this.#open.get(requestId)?.subject ?? this.#subjects.of(event);
    this.#open.delete(requestId);
    const atMs = this.#clock();
    const failed = status === 'completed' ? 0 : 1;
    this.#count(subject, atMs, { calls: 1, refused: 0, failed, unpriced: isUnpriced ? 1 : 0, tokens, costPicoUsd });
    const durationMs = Math.max(0, endedAtMs - admittedAtMs);
    this.#note({ requestId, atMs, subject, status, reason, durationMs, tokens, costPicoUsd, isUnpriced });
  }

  refused(requestId: string, subject: LiveSubject, reason: string): void {
    const atMs = this.#clock();
    this.#count(subject, atMs, { ...NO_SUMS, refused: 1 });
    const nothing = { durationMs: 0, tokens: 0n, costPicoUsd: 0n, isUnpriced: false };
    this.#note({ requestId, atMs, subject, status: 'refused', reason, ...nothing });
  }

  /** Who did anything in the last hour. Series are brought up to now. */
  users(): LiveUser[] {
    const nowMs = this.#clock();
    this.#sweep(nowMs);
    const users = [...this.#users.values()];
    for (const user of users) advance(user, nowMs);
    return users;
  }

  /** All of them together. */
  everybody(): LiveActivity {
    advance(this.#everybody, this.#clock());
    return this.#everybody;
  }

  open(): IteratorObject<OpenCall> {
    return this.#open.values();
  }

  /** Newest first. */
  latest(isWanted: (call: LiveCall) => boolean, limit: number): LiveCall[] {
    const found: LiveCall[] = [];
    for (let index = this.#latest.length - 1; index >= 0 && found.length < limit; index -= 1) {
      const call = this.#latest[index]!;
      if (isWanted(call)) found.push(call);
    }
    return found;
  }

  #count(subject: LiveSubject, atMs: number, sums: LiveSums): void {
    for (const { minutes, seconds } of [this.#user(subject, atMs), this.#everybody]) {
      minutes.add(atMs, sums);
      seconds.add(atMs, sums);
    }
  }

  #user(subject: LiveSubject, atMs: number): LiveUser {
    const known = this.#users.get(subject.key);
    if (known) return known;
    if (this.#users.size >= USERS_MAX) this.#sweep(atMs);
    if (this.#users.size >= USERS_MAX && subject !== SHARED_SUBJECT) return this.#user(SHARED_SUBJECT, atMs);
    const user = { subject, ...newActivity() };
    this.#users.set(subject.key, user);
    return user;
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < SWEEP_EVERY_MS) return;
    this.#sweptAtMs = nowMs;
    for (const [key, { minutes }] of this.#users) {
      minutes.advance(nowMs);
      if (minutes.isEmpty) this.#users.delete(key);
    }
  }

  #note(call: LiveCall): void {
    this.#latest.push(call);
    // In one go, now and then: shifting at every call would move the whole list.
    if (this.#latest.length >= 2 * LATEST_KEPT) this.#latest.splice(0, LATEST_KEPT);
  }
}

function newActivity(): LiveActivity {
  return { minutes: new LiveSeries(MINUTE_MS, MINUTES_KEPT), seconds: new LiveSeries(SECOND_MS, SECONDS_KEPT) };
}

function advance({ minutes, seconds }: LiveActivity, nowMs: number): void {
  minutes.advance(nowMs);
  seconds.advance(nowMs);
}
