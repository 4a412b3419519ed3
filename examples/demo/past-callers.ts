import { newAccessKeyId } from '../../src/identity/identifier.ts';
import { overlayTags, sortedTagPairs } from '../../src/kernel/tags.ts';
import type { Admission } from '../../src/metering/usage-event.ts';
import { Chance } from './chance.ts';
import {
  type Application,
  emailOf,
  PAYER,
  type Person,
  RUNAWAY_APPLICATION,
  SHARED_ROLE,
  TENANTS,
  tagsOf,
} from './company.ts';
import type { Founded } from './founding.ts';
import { TEAM_CHANGE_DAYS } from './timeline.ts';
import type { Workload } from './workload.ts';

export type PastCaller = Pick<
  Admission,
  'accountId' | 'principalArn' | 'principalId' | 'accessKeyId' | 'sourceIdentity' | 'principalTags'
>;

type Tags = Readonly<Record<string, string>>;

/** Who called, with the ids that the directory has and the tags of that day. */
export class PastCallers {
  readonly #founded: Founded;
  readonly #seed: string;
  /** By principal and day: whoever signs in gets other credentials every day. */
  readonly #known = new Map<string, PastCaller>();

  constructor(founded: Founded, seed: string) {
    this.#founded = founded;
    this.#seed = seed;
  }

  of({ person, application }: Pick<Workload, 'person' | 'application'>, daysAgo: number, chance: Chance): PastCaller {
    if (person) return this.person(person, daysAgo);
    return application!.sessions.length > 0
      ? this.application(application!, chance.pick(application!.sessions), daysAgo)
      : this.#tenant(application!, daysAgo, chance);
  }

  person(person: Person, daysAgo: number): PastCaller {
    const tags = { ...tagsOf(person), ...(person.name === 'hugo' && daysAgo < TEAM_CHANGE_DAYS && MOVED) };
    if (person.access === 'sign-in') return this.#session(SHARED_ROLE, emailOf(person), tags, daysAgo);
    const { arn, id, keyId } = this.#founded.users.get(person.name)!;
    return {
      ...{ accountId: PAYER, principalArn: arn, principalId: id, accessKeyId: keyId, sourceIdentity: '' },
      principalTags: sortedTagPairs(new Map(Object.entries(tags))),
    };
  }

  application({ name, roleName }: Application, session: string, daysAgo: number): PastCaller {
    const caller = this.#session(roleName, session, {}, daysAgo);
    return name === RUNAWAY_APPLICATION ? { ...caller, sourceIdentity: session } : caller;
  }

  #tenant({ roleName }: Application, daysAgo: number, chance: Chance): PastCaller {
    const [tenant, people] = chance.weighted(Object.entries(TENANTS), ([, people]) => people.length);
    // Some work more than others: those at the top of the list the most.
    const person = people[Math.floor(people.length * chance.next() ** 2)]!;
    return this.#session(roleName, `${person}@${tenant}.example`, { tenant }, daysAgo);
  }

  #session(roleName: string, session: string, tags: Tags, daysAgo: number): PastCaller {
    const known = `${roleName} ${session} ${daysAgo}`;
    const caller = this.#known.get(known) ?? this.#newSession(roleName, session, tags, known);
    this.#known.set(known, caller);
    return caller;
  }

  #newSession(roleName: string, session: string, tags: Tags, known: string): PastCaller {
    const role = this.#founded.roles.get(roleName)!;
    const chance = new Chance(`${this.#seed} key ${known}`);
    const effective = overlayTags(new Map(Object.entries(role.tags)), new Map(Object.entries(tags)));
    return {
      ...{ accountId: role.accountId, principalId: role.id, sourceIdentity: '' },
      principalArn: `arn:aws:sts::${role.accountId}:assumed-role/${roleName}/${session}`,
      accessKeyId: newAccessKeyId('ASIA', role.accountId, (size) => chance.bytes(size)),
      principalTags: sortedTagPairs(effective),
    };
  }
}

const MOVED: Tags = { team: 'platform', 'cost-center': '4400' };
