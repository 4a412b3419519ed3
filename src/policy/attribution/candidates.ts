import type { Directory } from '../../identity/directory.ts';
import { hypotheticalCaller } from '../../identity/hypothetical-caller.ts';
import { NO_POLICIES } from '../../identity/policy-holder.ts';
import type { Caller } from '../../identity/principal.ts';
import type { Role } from '../../identity/role.ts';
import type { User } from '../../identity/user.ts';
import { parseArn } from '../../kernel/arn.ts';
import { NO_TAGS } from '../../kernel/tags.ts';
import type { RequestFacts } from '../context.ts';
import { type Candidate, callerCandidate } from './entrant.ts';
import type { TrustReading } from './trust-reading.ts';

/** An account that nobody has: its user stands for everybody. */
export const NOBODYS_ACCOUNT = '000000000000';

const ANY_POLICY = {
  identity: [
    {
      id: 'policies of another account',
      text: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      }),
    },
  ],
};

/** Names the `AWS` principals of a trust policy can have, once each. */
export function principalIds(reading: TrustReading): ReadonlySet<string> {
  const entrances = reading.entrances('sts:AssumeRole');
  return new Set(
    entrances.flatMap(({ principals }) => [...(principals.get('AWS') ?? []), ...(principals.get('STAR') ?? [])]),
  );
}

/** Everybody with credentials whom the `Principal` elements could mean; whether they get in is for the evaluator. */
export function* callerCandidates(
  reading: TrustReading,
  directory: Directory,
  facts: RequestFacts,
): Generator<Candidate> {
  const seen = new Set<string>();
  for (const id of principalIds(reading)) {
    for (const candidate of meant(id, directory, facts)) {
      if (seen.has(candidate.label)) continue;
      seen.add(candidate.label);
      yield candidate;
    }
  }
}

function* meant(id: string, directory: Directory, facts: RequestFacts): Generator<Candidate> {
  if (id === '*') {
    yield foreignUser(NOBODYS_ACCOUNT, '/', 'anyone', facts);
    for (const account of directory.accounts()) yield* ofAccount(account.id, directory, facts);
    return;
  }
  const entity = directory.userById(id) ?? directory.roleById(id);
  if (entity) {
    yield ofEntity(entity, directory, facts);
    return;
  }
  const arn = parseArn(id);
  if (!arn) return;
  const [, kind, path, name] = /^(user|role|assumed-role)(\/(?:.*\/)?)([^/]+)$/.exec(arn.resource) ?? [];
  if (directory.account(arn.accountId)) {
    if (arn.resource === 'root') yield* ofAccount(arn.accountId, directory, facts);
    const role = kind === 'assumed-role' ? directory.role(arn.accountId, path!.replaceAll('/', '')) : undefined;
    if (role) yield ofRole(role, name!, directory, facts);
  } else if (arn.resource === 'root') {
    yield foreignUser(arn.accountId, '/', 'anyone', facts);
    yield foreignUser(arn.accountId, '/', 'somebody-else', facts);
  } else if (kind === 'user') yield foreignUser(arn.accountId, path!, name!, facts);
  else if (kind === 'role') yield foreignRole(arn.accountId, path!, name!, name!, facts);
  else if (kind === 'assumed-role') yield foreignRole(arn.accountId, '/', path!.replaceAll('/', ''), name!, facts);
}

function* ofAccount(accountId: string, directory: Directory, facts: RequestFacts): Generator<Candidate> {
  for (const user of directory.users(accountId)) yield ofEntity(user, directory, facts);
  for (const role of directory.roles(accountId)) yield ofEntity(role, directory, facts);
}

function ofEntity(entity: User | Role, directory: Directory, facts: RequestFacts): Candidate {
  return 'trustPolicy' in entity
    ? ofRole(entity, entity.name, directory, facts)
    : fromDirectory(userOf(entity), directory, facts);
}

function ofRole(role: Role, sessionName: string, directory: Directory, facts: RequestFacts): Candidate {
  return fromDirectory(sessionOf(role, sessionName, facts.nowMs), directory, facts);
}

function fromDirectory(caller: Caller, directory: Directory, facts: RequestFacts): Candidate {
  return callerCandidate({ caller, policies: directory.policySetOf(caller), isForeign: false, facts });
}

/** The caller that the user's keys would be. */
export function userOf(user: User): Caller {
  return hypotheticalCaller(user, { sessionName: user.name, sessionTags: NO_TAGS }, 0);
}

/** The caller that a plain session of the role would be. */
export function sessionOf(role: Role, sessionName: string, nowMs: number): Caller {
  return hypotheticalCaller(role, { sessionName, sessionTags: NO_TAGS }, nowMs);
}

/** What is not known of a principal that is not kept here. */
const NOT_KEPT = { ...NO_POLICIES, version: 0, createdAtMs: 0, tags: NO_TAGS } as const;

/** Of an account that is not kept here nothing is known: it may have allowed everything. */
function foreignUser(accountId: string, path: string, name: string, facts: RequestFacts): Candidate {
  const user: User = { ...NOT_KEPT, accountId, path, name, id: `AIDA${accountId}`, groupIds: [] };
  return callerCandidate({ caller: userOf(user), policies: ANY_POLICY, isForeign: true, facts });
}

function foreignRole(
  accountId: string,
  path: string,
  name: string,
  sessionName: string,
  facts: RequestFacts,
): Candidate {
  const role: Role = {
    ...NOT_KEPT,
    accountId,
    path,
    name,
    id: `AROA${accountId}`,
    trustPolicy: '',
    maxSessionDurationSeconds: 3600,
  };
  const caller = sessionOf(role, sessionName, facts.nowMs);
  return callerCandidate({ caller, policies: ANY_POLICY, isForeign: true, facts });
}
