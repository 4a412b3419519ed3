import { assumedRoleArn, parseArn } from '../kernel/arn.ts';
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
/** What a bill that is still open may show is not forgotten. */
const KEPT_MS = 62 * DAY_MS;
/** To find the oldest takes a look at all. */
const FORGOTTEN_AT_ONCE = 1_000;

/**
 * Which session name belongs to whom, both ways, on the record store. A name is on record before the first session has
 * it, so that AWS's bill shows none that is not known here; no two callers get the same, whatever they are called and in
 * whichever letter case. What is forgotten when it is full is still in the ledger, call by call.
 */
export class SessionDirectory {
  readonly #records: RecordStore;
  readonly #clock: Clock;
  readonly #maxNames: number;
  readonly #claims: { readonly claim: NameClaim; readonly done: (outcome: Promise<string>) => void }[] = [];
  /** Sessions that have begun and are not on record yet, by key. */
  readonly #begun = new Map<string, BegunSession & { readonly beganAtMs: number }>();
  readonly #keys: Set<string>;

  constructor(records: RecordStore, clock: Clock, maxNames = MAX_NAMES) {
    this.#records = records;
    this.#clock = clock;
    this.#maxNames = maxNames;
    this.#keys = new Set([...records.all(NAMED_SESSION)].map(({ key }) => key));
    records.watch((changes) => {
      for (const { kind, key, body } of changes) {
        if (kind !== NAMED_SESSION) continue;
        if (body === undefined) this.#keys.delete(key);
        else this.#keys.add(key);
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

  /** Writes so many of the sessions that have begun. */
  async writeBegun(count: number): Promise<void> {
    const taken = [...this.#begun].slice(0, count);
    for (const [key] of taken) this.#begun.delete(key);
    const changes = taken.flatMap(([key, { beganAtMs, ...session }]): RecordChange[] => {
      const known = this.#records.get<NamedSession>(NAMED_SESSION, key)?.body;
      return known ? [{ kind: NAMED_SESSION, key, body: { ...known, ...session, lastUsedAtMs: beganAtMs } }] : [];
    });
    if (changes.length > 0) await this.#records.write(changes);
  }

  /** As on record: what began within the last moments may be missing. */
  all(): NamedSession[] {
    return [...this.#records.all<NamedSession>(NAMED_SESSION)].map(({ body }) => body);
  }

  get isNearlyFull(): boolean {
    return this.#keys.size > 0.9 * this.#maxNames;
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
      done(outcome.then((names) => names[index]!));
    });
  }

  /** All in one transaction; the names in the order of the claims. */
  async #write(claims: readonly NameClaim[]): Promise<string[]> {
    const nowMs = this.#clock();
    const added = new Map<string, NamedSession>();
    const names = claims.map((claim) => {
      const owned = this.#owned(claim, added);
      if (owned !== undefined) return owned;
      const { roleArn, wantedName, upstream, caller } = claim;
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
    await this.#records.write([...this.#room(added.size), ...changes]);
    return names;
  }

  /** Forgets what was not used for the longest time, when so many more would be too many. */
  #room(count: number): RecordChange[] {
    if (this.#keys.size + count <= this.#maxNames) return [];
    const forgettable = [...this.#records.all<NamedSession>(NAMED_SESSION)]
      .filter(({ body }) => body.lastUsedAtMs < this.#clock() - KEPT_MS)
      .sort((a, b) => a.body.lastUsedAtMs - b.body.lastUsedAtMs)
      .slice(0, count + FORGOTTEN_AT_ONCE);
    if (this.#keys.size + count - forgettable.length > this.#maxNames) {
      const reason = `${this.#maxNames} session names were used within ${KEPT_MS / DAY_MS} days`;
      throw new Fault('ServiceUnavailableException', `No session name is free: ${reason}.`);
    }
    return forgettable.map(({ key }) => ({ kind: NAMED_SESSION, key }));
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
