import type { ModelCaller } from '../inference/model-call.ts';
import type { SessionDirectory } from '../inference/session-directory.ts';
import type { CallCredentials, UpstreamCredentials } from '../inference/upstream-credentials.ts';
import {
  noSession,
  type SessionRule,
  sessionKey,
  type WantedSession,
  wantedSession,
  withFewerTags,
} from '../inference/upstream-session.ts';
import { Fault } from '../kernel/fault.ts';
import { RecentMap } from '../kernel/recent-map.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import { NoRoleSession, RoleAssumer, type RoleSession, type StsRefusal } from './sts-sessions/assume-role.ts';
import { CallRate } from './sts-sessions/call-rate.ts';

export interface StsSessionsOptions {
  /** Name of the upstream in the configuration. */
  readonly upstream: string;
  readonly rule: SessionRule;
  readonly directory: SessionDirectory;
  /** Who assumes the roles. */
  readonly gateway: Gateway;
  /** What becomes of a call whose caller gets no session: refused, or made as the gateway, which its usage event says. */
  readonly onFailure: 'refuse' | 'gateway';
  readonly region: string;
  /** Absent: AWS's own, by region. */
  readonly endpoint?: string;
  /** So many sessions are kept at least, and twice as many at most. */
  readonly maxSessions: number;
  /** What STS allows an account in a region is 500. */
  readonly callsPerSecond: number;
  /** A new attempt for a session begins within that time, and takes half as long again at most. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  /** Rejects when the signal aborts. */
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>;
  readonly onTrouble: (message: string) => void;
}

/** The gateway's own credentials at AWS, which are the same for every call. */
export type Gateway = Pick<UpstreamCredentials, 'refused' | 'close'> & { for(): Promise<CallCredentials> };

/** A caller's session, as it is handed out. */
interface HeldSession extends CallCredentials {
  readonly callerArn: string;
  readonly beganAtMs: number;
  readonly expiresAtMs: number;
  /** From then on a use brings about the next one. */
  readonly renewAtMs: number;
}

/** What came of AssumeRole, and what it was asked for in the end. */
interface Begun {
  readonly session: RoleSession;
  readonly sent: WantedSession;
  readonly beganAtMs: number;
  readonly durationSeconds: number;
}

/** How far the tries for one session have come. */
interface Attempt {
  readonly sent: WantedSession;
  readonly fittings: number;
  readonly unanswered: number;
  readonly pauseMs: number;
}

/** With less left a session is not used any more: the signature has to arrive in time. */
const USABLE_MS = 30 * SECOND_MS;
/** Of its time, what is left when the next one is asked for, and up to as much again at random: not all at once. */
const RENEWED_AHEAD = 0.1;
/** What every role can give, and a chain of roles at most. */
const CERTAIN_SECONDS = 3_600;
/** A refusal counts so long for the same session: not every call asks anew. */
const DENIED_MS = 10 * SECOND_MS;
const UNAVAILABLE_MS = SECOND_MS;
const REFUSALS_KEPT = 10_000;
/** A session that the upstream refuses this early is not mended by another one. */
const RENEWABLE_AFTER_MS = 10 * SECOND_MS;
const FIRST_PAUSE_MS = 100;
/** Times that tags are left out until they fit. */
const FITTINGS_MAX = 4;
/** Attempts while STS does not answer; throttled ones go on until the time is over. */
const UNANSWERED_MAX = 3;
const REPORTED_EVERY_MS = MINUTE_MS;

/**
 * A role session of its own at AWS for every caller, so that AWS's bill names the caller: STS AssumeRole with a name, tags
 * and source identity from the verified caller. Sessions are kept until shortly before they end; a caller has one
 * AssumeRole under way at most, whatever it asks for.
 */
export class StsSessions implements UpstreamCredentials {
  readonly #options: StsSessionsOptions;
  readonly #sts: RoleAssumer;
  readonly #rate: CallRate;
  readonly #held: RecentMap<string, HeldSession>;
  readonly #keys = new WeakMap<CallCredentials, string>();
  readonly #refusals = new RecentMap<string, { readonly fault: Fault; readonly untilMs: number }>(REFUSALS_KEPT);
  /** By session. */
  readonly #flights = new Map<string, Promise<HeldSession>>();
  /** By caller: what its next AssumeRole waits for. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #closing = new AbortController();
  #durationSeconds: number;
  #reportedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: StsSessionsOptions) {
    this.#options = options;
    const { region, endpoint, timeoutMs, gateway, callsPerSecond, maxSessions, rule } = options;
    this.#sts = new RoleAssumer({
      region,
      ...(endpoint !== undefined && { endpoint }),
      signer: () => gateway.for(),
      // So that there is time for a second attempt.
      timeoutMs: timeoutMs / 2,
    });
    this.#rate = new CallRate(callsPerSecond);
    this.#held = new RecentMap(2 * maxSessions);
    this.#durationSeconds = rule.durationSeconds;
  }

  for(caller: ModelCaller): CallCredentials | Promise<CallCredentials> {
    const session = this.#session(caller);
    if (!(session instanceof Promise)) return session;
    return session.catch((error: unknown) => {
      if (this.#options.onFailure === 'gateway' && error instanceof Fault) return this.#options.gateway.for();
      throw error;
    });
  }

  refused(credentials: CallCredentials): boolean {
    const key = this.#keys.get(credentials);
    if (key === undefined) return this.#options.gateway.refused(credentials);
    const held = this.#held.get(key);
    if (held !== credentials) return true;
    if (this.#options.clock() - held.beganAtMs < RENEWABLE_AFTER_MS) return false;
    this.#held.delete(key);
    return true;
  }

  /** The next call of the caller, or of every caller, gets a new session. Returns how many are given up. */
  renew(callerArn?: string): number {
    const given = [...this.#held.entries()].filter(
      ([, held]) => callerArn === undefined || held.callerArn === callerArn,
    );
    for (const [key] of given) this.#held.delete(key);
    this.#refusals.clear();
    return given.length;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#flights.values());
    await this.#sts.close();
    await this.#options.gateway.close();
  }

  #session(caller: ModelCaller): HeldSession | Promise<HeldSession> {
    const key = sessionKey(caller);
    const held = this.#held.get(key);
    const nowMs = this.#options.clock();
    if (!held || nowMs > held.expiresAtMs - USABLE_MS) return this.#next(key, caller);
    // Whoever calls now does not wait for it, and its failure is told by whoever has to.
    if (nowMs >= held.renewAtMs) void this.#next(key, caller).catch(() => undefined);
    return held;
  }

  async #next(key: string, caller: ModelCaller): Promise<HeldSession> {
    const known = this.#flights.get(key);
    if (known) return known;
    const refusal = this.#refusals.get(key);
    if (refusal && refusal.untilMs > this.#options.clock()) throw refusal.fault;
    const latestMs = this.#options.clock() + this.#options.timeoutMs;
    const before = this.#turns.get(caller.arn);
    const flight = (async () => {
      await before?.catch(() => undefined);
      return this.#begin(key, caller, latestMs);
    })();
    this.#flights.set(key, flight);
    this.#turns.set(caller.arn, flight);
    try {
      return await flight;
    } catch (error) {
      if (error instanceof Fault) {
        this.#report(error.message);
        this.#remember(key, error);
      }
      throw error;
    } finally {
      this.#flights.delete(key);
      if (this.#turns.get(caller.arn) === flight) this.#turns.delete(caller.arn);
    }
  }

  async #begin(key: string, caller: ModelCaller, latestMs: number): Promise<HeldSession> {
    const { directory, upstream, rule, random } = this.#options;
    const wanted = wantedSession(caller, rule);
    const { roleArn, wantedName } = wanted;
    const sessionName = await directory.nameFor({ roleArn, wantedName, upstream, caller });
    const { session, sent, beganAtMs, durationSeconds } = await this.#assume(caller, sessionName, wanted, latestMs);
    // By our own clock and not STS's: it is ours that is compared with.
    const expiresAtMs = beganAtMs + durationSeconds * SECOND_MS;
    const { tags, tagsLeftOut } = sent;
    const sourceIdentity = sourceIdentityOf(sent, sessionName);
    directory.noteBegun({
      ...{ roleArn, sessionName, upstream, tags, tagsLeftOut, expiresAtMs },
      ...(sourceIdentity !== undefined && { sourceIdentity }),
    });
    const held: HeldSession = {
      ...session,
      isGatewayPrincipal: false,
      callerArn: caller.arn,
      beganAtMs,
      expiresAtMs,
      renewAtMs: expiresAtMs - (expiresAtMs - beganAtMs) * RENEWED_AHEAD * (1 + random()),
    };
    this.#keys.set(held, key);
    this.#held.set(key, held);
    return held;
  }

  /** Asks STS until it gives a session or the time is over. */
  async #assume(caller: ModelCaller, sessionName: string, wanted: WantedSession, latestMs: number): Promise<Begun> {
    let attempt: Attempt = { sent: wanted, fittings: 0, unanswered: 0, pauseMs: FIRST_PAUSE_MS };
    for (;;) {
      await this.#turn(latestMs, attempt);
      const { sent } = attempt;
      const { roleArn, tags, transitiveTagKeys } = sent;
      const { policy } = this.#options.rule;
      const sourceIdentity = sourceIdentityOf(sent, sessionName);
      const durationSeconds = this.#durationSeconds;
      const request = {
        ...{ roleArn, sessionName, tags, transitiveTagKeys, durationSeconds },
        ...(sourceIdentity !== undefined && { sourceIdentity }),
        ...(policy !== undefined && { policy }),
      };
      const beganAtMs = this.#options.clock();
      try {
        const session = await this.#sts.assume(request, this.#closing.signal);
        return { session, sent, beganAtMs, durationSeconds };
      } catch (error) {
        if (!(error instanceof NoRoleSession) || this.#closing.signal.aborted) throw error;
        this.#report(`${roleArn} for ${caller.arn}: ${error.message}`);
        attempt = await this.#again(attempt, error.refusal, caller, durationSeconds);
      }
    }
  }

  /** The next attempt, when it is time for it. Throws a Fault when there is nothing left to try. */
  async #again(attempt: Attempt, refusal: StsRefusal, caller: ModelCaller, durationSeconds: number): Promise<Attempt> {
    switch (refusal.kind) {
      case 'throttled':
        this.#rate.pauseUntil(this.#options.clock() + attempt.pauseMs / 2);
        await this.#backOff(attempt);
        return { ...attempt, pauseMs: 2 * attempt.pauseMs };
      case 'unavailable': {
        const unanswered = attempt.unanswered + 1;
        if (unanswered < UNANSWERED_MAX) {
          await this.#backOff(attempt);
          return { ...attempt, unanswered, pauseMs: 2 * attempt.pauseMs };
        }
        throw unavailable();
      }
      case 'too-large': {
        const sent = withFewerTags(attempt.sent, refusal.percent, this.#options.rule);
        const fittings = attempt.fittings + 1;
        if (sent && fittings <= FITTINGS_MAX) return { ...attempt, sent, fittings };
        throw noSession(caller, 'its session tags take more room than AWS STS has');
      }
      case 'too-long':
        if (durationSeconds <= CERTAIN_SECONDS) throw noSession(caller, 'its role gives no session that long');
        this.#durationSeconds = CERTAIN_SECONDS;
        return attempt;
      case 'denied':
        throw noSession(caller, refusal.reason);
    }
  }

  /** Half of the pause to one and a half, so that those which were turned away together do not come back together. */
  async #backOff({ pauseMs }: Attempt): Promise<void> {
    await this.#until(this.#options.clock() + pauseMs * (0.5 + this.#options.random()));
  }

  /** Waits for a place under the limit of STS. Throws a Fault when none comes in time. */
  async #turn(latestMs: number, { unanswered }: Attempt): Promise<void> {
    const startMs = this.#rate.reserve(this.#options.clock(), latestMs);
    if (startMs !== undefined) return this.#until(startMs);
    if (unanswered > 0) throw unavailable();
    throw new Fault('ThrottlingException', 'Too many new sessions are asked for at once. Please try again later.');
  }

  async #until(atMs: number): Promise<void> {
    const waitMs = atMs - this.#options.clock();
    if (waitMs > 0) await this.#options.wait(waitMs, this.#closing.signal);
  }

  #remember(key: string, fault: Fault): void {
    const heldMs = fault.code === 'AccessDeniedException' ? DENIED_MS : UNAVAILABLE_MS;
    this.#refusals.set(key, { fault, untilMs: this.#options.clock() + heldMs });
  }

  /** A role that refuses one caller may refuse thousands: one of them is told of. */
  #report(message: string): void {
    const nowMs = this.#options.clock();
    if (nowMs - this.#reportedAtMs < REPORTED_EVERY_MS) return;
    this.#reportedAtMs = nowMs;
    this.#options.onTrouble(`sessions of callers: ${message}`);
  }
}

function unavailable(): Fault {
  return new Fault('ServiceUnavailableException', 'The gateway cannot get a session from AWS STS at the moment.');
}

function sourceIdentityOf({ sourceIdentity }: WantedSession, sessionName: string): string | undefined {
  return sourceIdentity === 'session-name' ? sessionName : sourceIdentity?.text;
}
