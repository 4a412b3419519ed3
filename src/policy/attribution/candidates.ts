import type { Directory } from '../../identity/directory.ts';
import { hypotheticalCaller } from '../../identity/hypothetical-caller.ts';
import { NO_POLICIES } from '../../identity/policy-holder.ts';
import type { Caller } from '../../identity/principal.ts';
import type { Role } from '../../identity/role.ts';
import type { User } from '../../identity/user.ts';
import { parseArn } from '../../kernel/arn.ts';
import { NO_TAGS } from '../../kernel/tags.ts';
import { type ConditionContext, globalContext, type RequestFacts } from '../context.ts';
import { organizationContext } from '../organization-context.ts';
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

/** Whom the candidates are taken from, and when they would knock. */
export interface CandidateView {
  readonly directory: Directory;
  readonly facts: RequestFacts;
  /** Whether the principals of an account are shown to who asks. Of the others nothing is said but what a policy names. */
  readonly isSeen: (accountId: string) => boolean;
}

/** At which role. */
interface Scene extends CandidateView {
  readonly roleArn: string;
}

/** Everybody with credentials whom the `Principal` elements could mean; whether they get in is for the evaluator. */
export function* callerCandidates(reading: TrustReading, view: CandidateView): Generator<Candidate> {
  const scene = { roleArn: reading.roleArn, ...view };
  const seen = new Set<string>();
  for (const id of principalIds(reading)) {
    for (const candidate of meant(id, scene)) {
      if (seen.has(candidate.label)) continue;
      seen.add(candidate.label);
      yield candidate;
    }
  }
}

function* meant(id: string, scene: Scene): Generator<Candidate> {
  const { directory, isSeen } = scene;
  if (id === '*') {
    yield foreignUser(NOBODYS_ACCOUNT, '/', 'anyone', scene);
    for (const account of directory.accounts()) if (isSeen(account.id)) yield* ofAccount(account.id, scene);
    return;
  }
  const entity = directory.userById(id) ?? directory.roleById(id);
  if (entity) {
    yield ofEntity(entity, scene);
    return;
  }
  const arn = parseArn(id);
  if (!arn) return;
  const [, kind, path, name] = /^(user|role|assumed-role)(\/(?:.*\/)?)([^/]+)$/.exec(arn.resource) ?? [];
  if (directory.account(arn.accountId) && isSeen(arn.accountId)) {
    if (arn.resource === 'root') yield* ofAccount(arn.accountId, scene);
    const role = kind === 'assumed-role' ? directory.role(arn.accountId, path!.replaceAll('/', '')) : undefined;
    if (role) yield ofRole(role, name!, scene);
  } else if (arn.resource === 'root') {
    yield foreignUser(arn.accountId, '/', 'anyone', scene);
    yield foreignUser(arn.accountId, '/', 'somebody-else', scene);
  } else if (kind === 'user') yield foreignUser(arn.accountId, path!, name!, scene);
  else if (kind === 'role') yield foreignRole(arn.accountId, path!, name!, name!, scene);
  else if (kind === 'assumed-role') yield foreignRole(arn.accountId, '/', path!.replaceAll('/', ''), name!, scene);
}

function* ofAccount(accountId: string, scene: Scene): Generator<Candidate> {
  const { directory } = scene;
  for (const user of directory.users(accountId)) yield ofEntity(user, scene);
  for (const role of directory.roles(accountId)) yield ofEntity(role, scene);
}

function ofEntity(entity: User | Role, scene: Scene): Candidate {
  const { accountId, path, name } = entity;
  if (!scene.isSeen(accountId)) {
    return 'trustPolicy' in entity
      ? foreignRole(accountId, path, name, name, scene)
      : foreignUser(accountId, path, name, scene);
  }
  return 'trustPolicy' in entity ? ofRole(entity, entity.name, scene) : fromDirectory(userOf(entity), scene);
}

function ofRole(role: Role, sessionName: string, scene: Scene): Candidate {
  return fromDirectory(sessionOf(role, sessionName, scene.facts.nowMs), scene);
}

function fromDirectory(caller: Caller, scene: Scene): Candidate {
  return callerCandidate({
    caller,
    policies: scene.directory.policySetOf(caller),
    isForeign: false,
    context: contextOf(caller, scene),
  });
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

/** Of an account that is not kept here, or not shown, nothing is known: it may have allowed everything. */
function foreignUser(accountId: string, path: string, name: string, scene: Scene): Candidate {
  const user: User = { ...NOT_KEPT, accountId, path, name, id: `AIDA${accountId}`, groupIds: [] };
  const caller = userOf(user);
  return callerCandidate({ caller, policies: ANY_POLICY, isForeign: true, context: contextOf(caller, scene) });
}

function foreignRole(accountId: string, path: string, name: string, sessionName: string, scene: Scene): Candidate {
  const role: Role = {
    ...NOT_KEPT,
    accountId,
    path,
    name,
    id: `AROA${accountId}`,
    trustPolicy: '',
    maxSessionDurationSeconds: 3600,
  };
  const caller = sessionOf(role, sessionName, scene.facts.nowMs);
  return callerCandidate({ caller, policies: ANY_POLICY, isForeign: true, context: contextOf(caller, scene) });
}

/** The same keys that a request to STS would have. */
function contextOf(caller: Caller, { roleArn, directory, facts }: Scene): ConditionContext {
  return organizationContext(globalContext(caller, facts), { caller, resource: roleArn }, directory.organization);
}
