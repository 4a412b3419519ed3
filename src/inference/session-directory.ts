import { assumedRoleArn, parseArn, withoutSession } from '../kernel/arn.ts';
import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, type RecordChange, type RecordStore } from '../kernel/record-store.ts';
import { type Clock, DAY_MS } from '../kernel/time.ts';
import type { ModelCaller } from './model-call.ts';
import { sessionNameCandidates } from './session-directory/session-name.ts';
import type { SessionTag } from './upstream-session.ts';

/** A session name in the bill of AWS, and who is behind it. */
export interface NamedSession {
  readonly roleArn: string;
  readonly sessionName: string;
  /** Configured name of the upstream that it was last used for. */
  readonly upstream: string;
  /** The caller's, as the gateway's own ledger has it. */
  readonly principalArn: string;
  readonly accountId: string;
  /** Of the latest session, in the order in which they are sent. */
  readonly tags: readonly SessionTag[];
  /** Keys of principal tags that did not fit into it. */
  readonly tagsLeftOut: readonly string[];
  readonly sourceIdentity?: string;
  readonly firstUsedAtMs: number;
  /** When the latest session began: it may have been used until it ended. */
  readonly lastUsedAtMs: number;
  /** End of the latest session. Absent: none has begun yet. */
  readonly expiresAtMs?: number;
}

/** Who asks for a name at which role. */
export interface NameClaim {
  readonly roleArn: string;
  readonly wantedName: string;
  readonly upstream: string;
  readonly caller: Pick<ModelCaller, 'arn' | 'accountId'>;
}

/** A session that has begun under a name. */
export type BegunSession = Pick<NamedSession, 'upstream' | 'tags' | 'tagsLeftOut' | 'sourceIdentity'> & {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly expiresAtMs: number;
};

const NAMED_SESSION = 'upstream-session';

/** Some hundred bytes of memory each. */
const MAX_NAMES = 100_000;
/** Of those, of the sessions of one role: who may name them as it likes must not use up the names of all. */
const SHARE_OF_ROLE = 0.2;
/** What a bill that is still open may show is not forgotten. */
const KEPT_MS = 62 * DAY_MS;

/**
 * Which session name belongs to whom, both ways, on the record store. A name is on record before the first session has
 * it, so that AWS's bill shows none that is not known here; no two callers get the same, whatever they are called and in
 * whichever letter case. What is forgotten when it fills up is still in the ledger, call by call.
 */
export class SessionDirectory {
  readonly #records: RecordStore;
  readonly #clock: Clock;
  readonly #maxNames: number;
  readonly #claims: { readonly claim: NameClaim; readonly done: (outcome: Promise<string>) => void }[] = [];
  /** Sessions that have begun and are not on record yet, by key. */
  readonly #begun = new Map<string, BegunSession & { readonly beganAtMs: number }>();
  /** To be forgotten, by key. */
  #stale: string[] = [];
  /** Whose the keys on record are, a role standing for its sessions. */
  readonly #owners = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(records: RecordStore, clock: Clock, maxNames = MAX_NAMES) {
    this.#records = records;
    this.#clock = clock;
    this.#maxNames = maxNames;
    for (const { key, body } of records.all<NamedSession>(NAMED_SESSION)) this.#count(key, body);
    records.watch((changes) => {
      for (const { kind, key, body } of changes) {
        if (kind === NAMED_SESSION) this.#count(key, body as NamedSession | undefined);
      }
    });
  }

  /** The caller's name at the role; durable when it resolves. Throws ServiceUnavailableException when there is no room. */
  async nameFor(claim: NameClaim): Promise<string> {
    const owned = this.#owned(claim);
    if (owned !== undefined) return owned;
    return new Promise<string>((resolve) => {
      this.#claims.push({ claim, done: resolve });
      // What else arrives in this turn of the event loop shares the transaction.
      if (this.#claims.length === 1) setImmediate(() => void this.#settleClaims());
    });
  }

  /** Kept in memory until `writeBegun`: nobody waits for it. */
  noteBegun(session: BegunSession): void {
    this.#begun.set(recordKey(session), { ...session, beganAtMs: this.#clock() });
  }

  /** Writes so many of the sessions that have begun, and forgets as many names that `findStale` found. */
  async writeBegun(count: number): Promise<void> {
    const taken = [...this.#begun].slice(0, count);
    for (const [key] of taken) this.#begun.delete(key);
    const changes = taken.flatMap(([key, { beganAtMs, ...session }]): RecordChange[] => {
      const known = this.#records.get<NamedSession>(NAMED_SESSION, key)?.body;
      return known ? [{ kind: NAMED_SESSION, key, body: { ...known, ...session, lastUsedAtMs: beganAtMs } }] : [];
    });
    const written = new Set(taken.map(([key]) => key));
    for (const key of this.#stale.splice(0, count)) {
      if (this.#isStale(key) && !written.has(key)) changes.push({ kind: NAMED_SESSION, key });
    }
    if (changes.length > 0) await this.#records.write(changes);
  }

  /** Looks at all names for some to forget, once half of the room is taken: of all, or of a role. */
  findStale(): void {
    const isHalfFull = this.#owners.size > this.#maxNames / 2;
    const isCrowded = (owner: string) => this.#counts.get(owner)! > (this.#maxNames * SHARE_OF_ROLE) / 2;
    this.#stale = [...this.#owners].flatMap(([key, owner]) =>
      (isHalfFull || isCrowded(owner)) && this.#isStale(key) ? [key] : [],
    );
  }

  /** As on record: what began within the last moments may be missing. */
  all(): NamedSession[] {
    return [...this.#records.all<NamedSession>(NAMED_SESSION)].map(({ body }) => body);
  }

  /** Whether nine tenths of the room are taken: of all, or of the sessions of a role. */
  get isNearlyFull(): boolean {
    const most = 0.9 * this.#maxNames;
    return this.#owners.size > most || [...this.#counts.values()].some((count) => count > most * SHARE_OF_ROLE);
  }

  /** A name that is the caller's already goes before a better one that has become free. */
  #owned(
    { roleArn, wantedName, caller }: NameClaim,
    unwritten?: ReadonlyMap<string, NamedSession>,
  ): string | undefined {
    return sessionNameCandidates(wantedName, caller.arn)
      .map((sessionName) => this.#named({ roleArn, sessionName }, unwritten))
      .find((named) => named?.principalArn === caller.arn)?.sessionName;
  }

  #named(name: Pick<NamedSession, 'roleArn' | 'sessionName'>, unwritten?: ReadonlyMap<string, NamedSession>) {
    const key = recordKey(name);
    return unwritten?.get(key) ?? this.#records.get<NamedSession>(NAMED_SESSION, key)?.body;
  }

  async #settleClaims(): Promise<void> {
    const claims = this.#claims.splice(0);
    const outcome = anewOnConflict(() => this.#write(claims.map(({ claim }) => claim)));
    claims.forEach(({ done }, index) => {
      done(
        outcome.then((names) => {
          const name = names[index];
          if (name !== undefined) return name;
          const most = `${this.#maxNames} session names, and ${this.#maxNames * SHARE_OF_ROLE} of the sessions of one role`;
          throw new Fault('ServiceUnavailableException', `No session name is free: ${most}, are kept.`);
        }),
      );
    });
  }

  /** All in one transaction; the names in the order of the claims, undefined where there is no room for one. */
  async #write(claims: readonly NameClaim[]): Promise<(string | undefined)[]> {
    const nowMs = this.#clock();
    const added = new Map<string, NamedSession>();
    const newOf = new Map<string, number>();
    const names = claims.map((claim) => {
      const owned = this.#owned(claim, added);
      if (owned !== undefined) return owned;
      const { roleArn, wantedName, upstream, caller } = claim;
      const owner = withoutSession(caller.arn);
      const newOfOwner = newOf.get(owner) ?? 0;
      const isFull = this.#owners.size + added.size >= this.#maxNames;
      if (isFull || (this.#counts.get(owner) ?? 0) + newOfOwner >= this.#maxNames * SHARE_OF_ROLE) return undefined;
      newOf.set(owner, newOfOwner + 1);
      const sessionName = sessionNameCandidates(wantedName, caller.arn).find(
        (candidate) => !this.#named({ roleArn, sessionName: candidate }, added),
      );
      if (sessionName === undefined) throw new Error(`every session name for ${caller.arn} belongs to somebody else`);
      added.set(recordKey({ roleArn, sessionName }), {
        ...{ roleArn, sessionName, upstream },
        ...{ principalArn: caller.arn, accountId: caller.accountId },
        ...{ tags: [], tagsLeftOut: [], firstUsedAtMs: nowMs, lastUsedAtMs: nowMs },
      });
      return sessionName;
    });
    const changes = [...added].map(([key, body]) => ({ kind: NAMED_SESSION, key, body, expectedVersion: 0 }));
    if (changes.length > 0) await this.#records.write(changes);
    return names;
  }

  #isStale(key: string): boolean {
    const named = this.#records.get<NamedSession>(NAMED_SESSION, key)?.body;
    return named !== undefined && named.lastUsedAtMs < this.#clock() - KEPT_MS;
  }

  #count(key: string, session: NamedSession | undefined): void {
    const before = this.#owners.get(key);
    const owner = session && withoutSession(session.principalArn);
    if (owner === before) return;
    if (before !== undefined) {
      this.#owners.delete(key);
      const left = this.#counts.get(before)! - 1;
      if (left > 0) this.#counts.set(before, left);
      else this.#counts.delete(before);
    }
    if (owner !== undefined) {
      this.#owners.set(key, owner);
      this.#counts.set(owner, (this.#counts.get(owner) ?? 0) + 1);
    }
  }
}

/** The principal that AWS's bill names for the session. */
export function billedArn({ roleArn, sessionName }: Pick<NamedSession, 'roleArn' | 'sessionName'>): string {
  const { accountId, resource } = parseArn(roleArn)!;
  return assumedRoleArn(accountId, resource.slice(resource.lastIndexOf('/') + 1), sessionName);
}

/** In lower case, so that names which differ in letter case alone belong to one caller: not every tool tells them apart. */
function recordKey({ roleArn, sessionName }: Pick<NamedSession, 'roleArn' | 'sessionName'>): string {
  return `${roleArn} ${sessionName.toLowerCase()}`;
}
