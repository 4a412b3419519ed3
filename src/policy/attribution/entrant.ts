import type { Caller } from '../../identity/principal.ts';
import { type AssumeRoleDecision, authorizeAssumeRole, authorizeFederatedAssumeRole } from '../assume-role.ts';
import type { PolicySet } from '../authorize.ts';
import { type ConditionContext, type RequestFacts, requestContext } from '../context.ts';
import { FIRST_CHOICE, type KnownKeys, type PlanChoice, type PlannedSession, planSession } from './session-plan.ts';
import type { AssumeAction, Entrance, TrustReading } from './trust-reading.ts';

/** Somebody who may knock at a role's door. */
export interface Candidate {
  /** ARN, or provider and subject. */
  readonly label: string;
  readonly kind: 'user' | 'role' | 'token';
  /** Unique id of a role. */
  readonly roleId?: string;
  /** ARN of the provider of a token. */
  readonly provider?: string;
  /** Its tokens are for programs and carry no tags: GitHub's and those of Kubernetes. */
  readonly isTagless?: boolean;
  /** Belongs to an account that is not kept here. */
  readonly isForeign: boolean;
  /** What it would call its session when it may. */
  readonly ownName: string;
  readonly action: AssumeAction;
  /** A caller may name its session; so may the bearer of an OIDC token, but all else of a token is signed. */
  readonly choosesName: boolean;
  readonly choosesTags: boolean;
  readonly known: KnownKeys;
  readonly ask: (reading: TrustReading, session: AskedSession) => AssumeRoleDecision;
}

/** A session that is asked for, complete. */
export type AskedSession = PlannedSession & { readonly sessionName: string };

/** A candidate whom the role lets in, and with what. */
export interface Entrant {
  readonly candidate: Candidate;
  readonly entrance: Entrance;
  /** The request that was allowed. */
  readonly session: AskedSession;
  /** The same without what may be left out. */
  readonly bareSession: AskedSession;
}

/** A caller with its policies and the condition keys of its requests. */
export interface CallerView {
  readonly caller: Caller;
  readonly policies: Omit<PolicySet, 'resource'>;
  readonly isForeign: boolean;
  readonly context: ConditionContext;
}

/** What is established about a caller with credentials, and what AWS services alone can say. */
const SETTLED =
  /^aws:(principal|userid$|username$|sourceidentity$|federatedprovider$|tokenissuetime$|(source|resource)(account|arn|org)|viaawsservice$|calledvia)/;

export function callerCandidate({ caller, policies, isForeign, context }: CallerView): Candidate {
  const known = { get: (key: string) => context.get(key), isSettled: (key: string) => SETTLED.test(key) };
  return {
    label: caller.kind === 'assumed-role' ? caller.principalArn : caller.arn,
    kind: caller.kind === 'assumed-role' ? 'role' : 'user',
    ...(caller.kind === 'assumed-role' && { roleId: caller.principalId }),
    isForeign,
    ownName: caller.userName ?? caller.roleName!,
    action: 'sts:AssumeRole',
    choosesName: true,
    choosesTags: true,
    known,
    ask: (reading, session) =>
      authorizeAssumeRole({
        ...sessionRequest(reading, session, known),
        caller,
        callerPolicies: policies,
        ...(session.externalId !== undefined && { externalId: session.externalId }),
      }),
  };
}

/** A token of a provider; `claims` are its condition keys in lower case. */
export function tokenCandidate(
  provider: string,
  action: Exclude<AssumeAction, 'sts:AssumeRole'>,
  claims: ReadonlyMap<string, readonly string[]>,
  facts: RequestFacts,
  subject: string,
): Candidate {
  const base = requestContext(facts);
  const known = { get: (key: string) => claims.get(key) ?? base.get(key), isSettled: (key: string) => claims.has(key) };
  return {
    label: `\`${subject}\` of ${provider.replace(/^arn:aws:iam::\d{12}:/, '')}`,
    kind: 'token',
    provider,
    isTagless: /^(repo|system:serviceaccount):/.test(subject),
    isForeign: false,
    ownName: subject.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64),
    action,
    choosesName: action === 'sts:AssumeRoleWithWebIdentity',
    choosesTags: false,
    known,
    ask: (reading, session) =>
      authorizeFederatedAssumeRole({
        ...sessionRequest(reading, session, known),
        federatedProvider: provider,
        action,
      }),
  };
}

function sessionRequest({ role, roleArn }: TrustReading, session: AskedSession, known: KnownKeys) {
  const { sessionName, tags, transitiveTagKeys, sourceIdentity, context } = session;
  return {
    roleArn,
    roleTags: role.tags,
    trustPolicyText: role.trustPolicy,
    sessionName,
    sessionTags: tags,
    transitiveTagKeys,
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    // Time, address and the like are as the planner wants them: somebody will be there at that time.
    context: { get: (key: string) => (known.isSettled(key) ? known.get(key) : (context.get(key) ?? known.get(key))) },
  };
}

/** Whether and how the role lets the candidate in: with all that its statements speak of, else with what they allow of it. */
export function admit(reading: TrustReading, candidate: Candidate): Entrant | undefined {
  for (const entrance of reading.entrances(candidate.action)) {
    const full = plan(reading, candidate, [...entrance.required, ...entrance.further], FIRST_CHOICE);
    const bare = plan(reading, candidate, entrance.required, FIRST_CHOICE);
    const isBareAllowed = isAllowed(reading, candidate, bare);
    const isFullAllowed = isAllowed(reading, candidate, full);
    if (!isFullAllowed && !isBareAllowed) continue;
    const session = isFullAllowed ? full : withTagsOf(full, bare, reading, candidate);
    return { candidate, entrance, session, bareSession: isBareAllowed ? bare : session };
  }
  return undefined;
}

/** The bare session with those of the full one's tags that can be added. */
function withTagsOf(full: AskedSession, bare: AskedSession, reading: TrustReading, candidate: Candidate): AskedSession {
  let session = bare;
  for (const [key, value] of full.tags) {
    const tags = new Map([...session.tags, [key, value]]);
    const kept = full.transitiveTagKeys.filter((transitive) => tags.has(transitive));
    const larger = { ...session, tags, transitiveTagKeys: kept };
    if (isAllowed(reading, candidate, larger)) session = larger;
  }
  return session;
}

/** What the entrant would ask for if it made other choices. */
export function otherPlan(reading: TrustReading, { candidate, entrance }: Entrant, choice: PlanChoice): AskedSession {
  return plan(reading, candidate, [...entrance.required, ...entrance.further], choice);
}

function plan(
  reading: TrustReading,
  candidate: Candidate,
  entries: Entrance['required'],
  choice: PlanChoice,
): AskedSession {
  const planned = planSession(entries, reading.version, candidate.known, choice);
  return { ...planned, sessionName: planned.sessionName ?? candidate.ownName };
}

export function isAllowed(reading: TrustReading, candidate: Candidate, session: AskedSession): boolean {
  return candidate.ask(reading, session).allowed;
}

/** A name that is tied to the source identity is had by setting both. */
export function canBeNamed(reading: TrustReading, { candidate, session }: Entrant, sessionName: string): boolean {
  if (isAllowed(reading, candidate, { ...session, sessionName })) return true;
  if (!candidate.choosesTags || session.sourceIdentity === undefined) return false;
  return isAllowed(reading, candidate, { ...session, sessionName, sourceIdentity: sessionName });
}

/** The statement of the trust policy that allows an action of the session. */
export function allowingStatement(
  reading: TrustReading,
  candidate: Candidate,
  session: AskedSession,
  action: string,
): string | undefined {
  const { permissions } = candidate.ask(reading, session);
  const decision = permissions.find((permission) => permission.action === action)?.decision;
  return decision?.decidedBy.find(({ policyId }) => policyId === `trust policy of ${reading.roleArn}`)?.statementId;
}
