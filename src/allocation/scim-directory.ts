import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, type RecordChange, type RecordStore } from '../kernel/record-store.ts';
import { type Clock, DAY_MS } from '../kernel/time.ts';
import { readMember } from './member.ts';
import { withMoves } from './membership-plan.ts';
import type { MembershipRegistry } from './membership-registry.ts';

const USER_KIND = 'scimUser';
const GROUP_KIND = 'scimGroup';
/** One record that every change writes: names are judged over all. */
const REVISION = { kind: 'scimRevision', key: 'all' };

const MAX_USERS = 20_000;
const MAX_GROUPS = 2_000;

/** What an identity provider says of a person, as far as it is used. */
export interface ScimUser {
  readonly id: string;
  readonly externalId?: string;
  /** What usage calls the person: the session or user name, in any letter case. */
  readonly userName: string;
  readonly displayName?: string;
  /** False: deactivated, and in no structure from that day on. */
  readonly active: boolean;
  readonly department?: string;
  readonly costCenter?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ScimGroup {
  readonly id: string;
  readonly externalId?: string;
  readonly displayName: string;
  /** Ids of users. */
  readonly members: readonly string[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ScimDirectoryParts {
  readonly records: RecordStore;
  readonly memberships: MembershipRegistry;
  readonly clock: Clock;
}

/** What a change makes of the people and groups; undefined: gone. */
interface Draft {
  readonly users?: ReadonlyMap<string, ScimUser | undefined>;
  readonly groups?: ReadonlyMap<string, ScimGroup | undefined>;
}

/**
 * People and groups that an identity provider pushes. What they say of today becomes dated entries of three structures: `team`,
 * from the groups (of several, the first by name), `department` and `cost-center`, from attributes of the person. A change
 * counts from the beginning of its UTC day.
 */
export class ScimDirectory {
  readonly #parts: ScimDirectoryParts;

  constructor(parts: ScimDirectoryParts) {
    this.#parts = parts;
  }

  users(): ScimUser[] {
    return this.#all<ScimUser>(USER_KIND).sort((a, b) => (a.userName < b.userName ? -1 : 1));
  }

  groups(): ScimGroup[] {
    return this.#all<ScimGroup>(GROUP_KIND).sort((a, b) => (a.displayName < b.displayName ? -1 : 1));
  }

  /** Throws ResourceNotFoundException. */
  user(id: string): ScimUser {
    const user = this.#parts.records.get<ScimUser>(USER_KIND, id)?.body;
    if (!user) throw missing('user', id);
    return user;
  }

  /** Throws ResourceNotFoundException. */
  group(id: string): ScimGroup {
    const group = this.#parts.records.get<ScimGroup>(GROUP_KIND, id)?.body;
    if (!group) throw missing('group', id);
    return group;
  }

  /** Throws EntityAlreadyExistsException, LimitExceededException. */
  putUser(id: string, change: (before: ScimUser | undefined) => ScimUser): Promise<ScimUser> {
    return this.#write(() => {
      const before = this.#parts.records.get<ScimUser>(USER_KIND, id)?.body;
      const user = change(before);
      readMember(`person:${user.userName}`);
      const users = this.users();
      const isTaken = users.some((other) => other.id !== id && sameName(other.userName, user.userName));
      if (isTaken) throw taken(`there is a user \`${user.userName}\` already`);
      if (!before && users.length >= MAX_USERS) throw tooMany(`${MAX_USERS} users`);
      // Under another name usage is that of somebody else.
      const renamed = before && !sameName(before.userName, user.userName) ? [before.userName] : [];
      return { draft: { users: new Map([[id, user]]) }, left: renamed, result: user };
    });
  }

  deleteUser(id: string): Promise<void> {
    return this.#write(() => {
      const user = this.user(id);
      const groups = this.groups().filter(({ members }) => members.includes(id));
      const without = groups.map((group) => {
        return [group.id, { ...group, members: group.members.filter((member) => member !== id) }] as const;
      });
      const draft = { users: new Map([[id, undefined]]), groups: new Map(without) };
      return { draft, left: [user.userName], result: undefined };
    });
  }

  /** Throws EntityAlreadyExistsException, LimitExceededException; ValidationException for a member that is no user. */
  putGroup(id: string, change: (before: ScimGroup | undefined) => ScimGroup): Promise<ScimGroup> {
    return this.#write(() => {
      const before = this.#parts.records.get<ScimGroup>(GROUP_KIND, id)?.body;
      const group = change(before);
      const groups = this.groups();
      const isTaken = groups.some((other) => other.id !== id && sameName(other.displayName, group.displayName));
      if (isTaken) throw taken(`there is a group \`${group.displayName}\` already`);
      if (!before && groups.length >= MAX_GROUPS) throw tooMany(`${MAX_GROUPS} groups`);
      const stranger = group.members.find((member) => !this.#parts.records.get(USER_KIND, member));
      if (stranger !== undefined) throw new Fault('ValidationException', `there is no user \`${stranger}\``);
      return { draft: { groups: new Map([[id, group]]) }, left: [], result: group };
    });
  }

  deleteGroup(id: string): Promise<void> {
    return this.#write(() => {
      this.group(id);
      return { draft: { groups: new Map([[id, undefined]]) }, left: [], result: undefined };
    });
  }

  /** Entries first: what they refuse is not kept, and what was cut off in between is completed by the same request. */
  #write<Result>(
    decide: () => { readonly draft: Draft; readonly left: readonly string[]; readonly result: Result },
  ): Promise<Result> {
    return anewOnConflict(async () => {
      const { version = 0 } = this.#parts.records.get(REVISION.kind, REVISION.key) ?? {};
      const { draft, left, result } = decide();
      await this.#project(draft, left);
      const body = { changedAtMs: this.#parts.clock() };
      const changes = [...recordsOf(USER_KIND, draft.users), ...recordsOf(GROUP_KIND, draft.groups)];
      await this.#parts.records.write([...changes, { ...REVISION, body, expectedVersion: version }]);
      return result;
    });
  }

  async #project(draft: Draft, left: readonly string[]): Promise<void> {
    const users = laidOver(this.users(), draft.users);
    const groups = laidOver(this.groups(), draft.groups).sort((a, b) => (a.displayName < b.displayName ? -1 : 1));
    const teams = new Map<string, string>();
    for (const { displayName, members } of groups) {
      for (const member of members) if (!teams.has(member)) teams.set(member, displayName);
    }
    const placesOf: Readonly<Record<string, (user: ScimUser) => string | undefined>> = {
      team: ({ id }) => teams.get(id),
      department: ({ department }) => department,
      'cost-center': ({ costCenter }) => costCenter,
    };
    const touched = touchedUsers(draft, (id) => this.#parts.records.get<ScimGroup>(GROUP_KIND, id)?.body);
    const todayMs = Math.floor(this.#parts.clock() / DAY_MS) * DAY_MS;
    for (const [structure, placeOf] of Object.entries(placesOf)) {
      await this.#parts.memberships.change(structure, (present) => {
        const moves = [
          ...left.map((userName) => [userName, undefined] as const),
          ...users.flatMap((user) => {
            return touched.has(user.id) ? [[user.userName, user.active ? placeOf(user) : undefined] as const] : [];
          }),
        ];
        const ofMembers = moves.map(([userName, value]) => {
          return { member: readMember(`person:${userName}`), value: value || undefined };
        });
        return withMoves(present, ofMembers, 'scim', todayMs);
      });
    }
  }

  #all<Body>(kind: string): Body[] {
    return Array.from(this.#parts.records.all<Body>(kind), ({ body }) => body);
  }
}

/** Whose place may have changed: the users themselves, and members of groups, before and after. */
function touchedUsers({ users, groups }: Draft, groupBefore: (id: string) => ScimGroup | undefined): Set<string> {
  const touched = new Set(users?.keys());
  for (const [id, group] of groups ?? []) {
    for (const member of [...(groupBefore(id)?.members ?? []), ...(group?.members ?? [])]) touched.add(member);
  }
  return touched;
}

function laidOver<Body extends { readonly id: string }>(
  present: readonly Body[],
  draft: ReadonlyMap<string, Body | undefined> = new Map(),
): Body[] {
  const kept = present.filter(({ id }) => !draft.has(id));
  return [...kept, ...[...draft.values()].flatMap((body) => (body ? [body] : []))];
}

function recordsOf(kind: string, draft: ReadonlyMap<string, unknown> = new Map()): RecordChange[] {
  return [...draft].map(([key, body]) => ({ kind, key, ...(body !== undefined && { body }) }));
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function missing(noun: string, id: string): Fault {
  return new Fault('ResourceNotFoundException', `there is no ${noun} \`${id}\``);
}

function taken(message: string): Fault {
  return new Fault('EntityAlreadyExistsException', message);
}

function tooMany(what: string): Fault {
  return new Fault('LimitExceededException', `there are ${what} already: delete one first`);
}
