import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, RecordConflict, type RecordStore } from '../kernel/record-store.ts';
import type { TagSet } from '../kernel/tags.ts';

/**
 * An inference profile that an account made to track what is called through it: another name, with tags, for a model in
 * one region or for a system inference profile. All but the tags stays as it was made.
 */
export interface ApplicationInferenceProfile {
  /** Twelve lower-case letters and digits. */
  readonly profileId: string;
  readonly accountId: string;
  readonly region: string;
  /** Not unique: AWS publishes no rule, and its ids are independent of names. */
  readonly name: string;
  /** Absent when none was given. */
  readonly description?: string;
  /** ARN of the foundation model or system inference profile that it was copied from: it decides route and price. */
  readonly sourceArn: string;
  /** Foundation models behind the source when it was copied. */
  readonly modelArns: readonly string[];
  readonly tags: TagSet;
  /** Absent when the caller gave none. */
  readonly clientRequestToken?: string;
  readonly createdAtMs: number;
  /** When the tags last changed, or else the creation. */
  readonly updatedAtMs: number;
}

type Place = Pick<ApplicationInferenceProfile, 'accountId' | 'region'>;

const PROFILE_KIND = 'application-inference-profile';
/** Which profile a client request token made; keyed by account, region and token. */
const TOKEN_KIND = 'application-inference-profile-token';

/** Profiles that one account may have in a region (Service Quotas L-40EC9882, checked 2026-11). */
const MAX_PROFILES = 1_000;

/** The record's body: the profile with its tags as pairs. */
type Body = Omit<ApplicationInferenceProfile, 'tags'> & { readonly tags: readonly (readonly [string, string])[] };

export function applicationProfileArn({
  profileId,
  accountId,
  region,
}: Place & { readonly profileId: string }): string {
  return `arn:aws:bedrock:${region}:${accountId}:application-inference-profile/${profileId}`;
}

/** Application inference profiles on the record store, held in memory: a call by profile is a look-up. */
export class ApplicationInferenceProfiles {
  readonly #records: RecordStore;
  readonly #byArn = new Map<string, ApplicationInferenceProfile>();

  constructor(records: RecordStore) {
    this.#records = records;
    for (const { key, body } of records.all<Body>(PROFILE_KIND)) this.#apply(key, body);
    records.watch((changes) => {
      for (const { kind, key, body } of changes) {
        if (kind === PROFILE_KIND) this.#apply(key, body as Body | undefined);
      }
    });
  }

  get(arn: string): ApplicationInferenceProfile | undefined {
    return this.#byArn.get(arn);
  }

  /** An account's profiles in one region, in no order. */
  of({ accountId, region }: Place): ApplicationInferenceProfile[] {
    return [...this.#byArn.values()].filter((one) => one.accountId === accountId && one.region === region);
  }

  /**
   * Keeps a new profile; answers the one that an earlier request with the same client request token made, if any.
   * Throws ServiceQuotaExceededException.
   */
  async create(profile: ApplicationInferenceProfile): Promise<ApplicationInferenceProfile> {
    const made = this.#madeBy(profile);
    if (made) return made;
    if (this.of(profile).length >= MAX_PROFILES) {
      // AWS's text is not published.
      const message = `You have reached the limit of ${MAX_PROFILES} inference profiles in this account and region.`;
      throw new Fault('ServiceQuotaExceededException', message);
    }
    const arn = applicationProfileArn(profile);
    const token = tokenKey(profile);
    try {
      await this.#records.write([
        { kind: PROFILE_KIND, key: arn, body: bodyOf(profile), expectedVersion: 0 },
        ...(token ? [{ kind: TOKEN_KIND, key: token, body: { arn }, expectedVersion: 0 }] : []),
      ]);
    } catch (error) {
      const faster = error instanceof RecordConflict ? this.#madeBy(profile) : undefined;
      if (!faster) throw error;
      return faster;
    }
    return profile;
  }

  /** Gives a profile other tags. Answers false when there is no such profile (any more). */
  async changeTags(arn: string, change: (tags: TagSet) => TagSet, nowMs: number): Promise<boolean> {
    return anewOnConflict(async () => {
      const record = this.#records.get<Body>(PROFILE_KIND, arn);
      if (!record) return false;
      const body: Body = { ...record.body, tags: [...change(new Map(record.body.tags))], updatedAtMs: nowMs };
      await this.#records.write([{ kind: PROFILE_KIND, key: arn, body, expectedVersion: record.version }]);
      return true;
    });
  }

  async delete(profile: ApplicationInferenceProfile): Promise<void> {
    const token = tokenKey(profile);
    await this.#records.write([
      { kind: PROFILE_KIND, key: applicationProfileArn(profile) },
      ...(token ? [{ kind: TOKEN_KIND, key: token }] : []),
    ]);
  }

  #madeBy(profile: ApplicationInferenceProfile): ApplicationInferenceProfile | undefined {
    const token = tokenKey(profile);
    if (token === undefined) return undefined;
    const made = this.#records.get<{ readonly arn: string }>(TOKEN_KIND, token);
    return made && this.#byArn.get(made.body.arn);
  }

  #apply(arn: string, body: Body | undefined): void {
    if (body) this.#byArn.set(arn, { ...body, tags: new Map(body.tags) });
    else this.#byArn.delete(arn);
  }
}

function bodyOf(profile: ApplicationInferenceProfile): Body {
  return { ...profile, tags: [...profile.tags] };
}

function tokenKey({ accountId, region, clientRequestToken }: ApplicationInferenceProfile): string | undefined {
  return clientRequestToken === undefined ? undefined : `${accountId}/${region}/${clientRequestToken}`;
}
