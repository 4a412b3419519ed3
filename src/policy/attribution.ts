import type { Directory } from '../identity/directory.ts';
import type { PolicySet } from '../identity/policy-set.ts';
import type { Role } from '../identity/role.ts';
import type { User } from '../identity/user.ts';
import { roleArn, rootArn, userArn } from '../kernel/arn.ts';
import type { TagSet } from '../kernel/tags.ts';
import { callerCandidates, NOBODYS_ACCOUNT, sessionOf, userOf } from './attribution/candidates.ts';
import { chainFinding } from './attribution/chain-finding.ts';
import { admit, allowingStatement, type Entrant } from './attribution/entrant.ts';
import type { Finding, Severity } from './attribution/finding.ts';
import { keyFindings } from './attribution/key-findings.ts';
import { isAdministrator, type PowerView, powerFindings } from './attribution/power-findings.ts';
import { providerFindings } from './attribution/provider-findings.ts';
import { roleFindings } from './attribution/role-findings.ts';
import { spellingFindings } from './attribution/spelling-findings.ts';
import { tokenEntrants, tokenFindings } from './attribution/token-findings.ts';
import { tokenSources } from './attribution/token-sources.ts';
import { readTrust, type TrustReading } from './attribution/trust-reading.ts';
import { globalContext, type RequestFacts } from './context.ts';
import { organizationContext } from './organization-context.ts';
import { parsePolicy } from './policy.ts';

export type { Finding };

/** What is looked at, and against what. */
export interface AttributionQuestion {
  readonly accountId: string;
  /** This role alone; absent: the whole account. */
  readonly roleName?: string;
  /** Tag keys that all spend is to carry. */
  readonly requiredTagKeys: readonly string[];
  readonly nowMs: number;
  /** Whether who asks may see the principals of an account. */
  readonly isSeen: (accountId: string) => boolean;
  /** Principals in the usage and from how many addresses they called. */
  readonly addresses: readonly PrincipalAddresses[];
}

export interface PrincipalAddresses {
  readonly principalArn: string;
  readonly addresses: number;
  /** Days that they were counted over. */
  readonly days: number;
}

/** Who could get into one role is tried out one by one; an account may have more than anybody waits for. */
const CANDIDATES_MAX = 2_000;
/** The same for all roles of an account together: some twenty seconds of one core, in between other requests. */
const TRIALS_MAX = 200_000;
/** A step is to take about a millisecond: other requests wait behind it. */
const CANDIDATES_PER_STEP = 20;
/** Fewer may be one person at work, at home and on the way. */
const MANY_ADDRESSES = 10;

const SEVERITIES: readonly Severity[] = ['high', 'medium', 'low'];

/** What the analysis did not look at. */
export interface AttributionLimits {
  /** Principals that were not tried at a role because there were too many. */
  readonly candidatesLeftOut: number;
}

/**
 * Names every way in which a caller could choose its own tags or session name, every role that makes one identity of
 * several people, and every principal without the required tags. Yields between steps, so that whoever runs it can let
 * others have their turn.
 */
export function* attributionFindings(
  directory: Directory,
  question: AttributionQuestion,
): Generator<readonly Finding[], AttributionLimits> {
  const { accountId, roleName } = question;
  const roles = [...directory.roles(accountId)].filter(({ name }) => roleName === undefined || name === roleName);
  const targets = chainTargets(directory);
  let candidatesLeftOut = 0;
  let trialsLeft = TRIALS_MAX;
  for (const role of roles) {
    const { tried, leftOut } = yield* ofRole(role, targets, directory, question, Math.min(trialsLeft, CANDIDATES_MAX));
    trialsLeft -= tried;
    candidatesLeftOut += leftOut;
  }
  yield* ofPowers(roleName === undefined ? [...directory.users(accountId)] : [], roles, directory, question);
  if (roleName !== undefined) return { candidatesLeftOut };
  for (const user of directory.users(accountId)) {
    yield [...keyFindings(user, directory, question.nowMs), ...untaggedUser(user, directory, question)];
  }
  yield providerFindings(accountId, roles, directory);
  yield spellingFindings(taggedPrincipals(directory, accountId));
  yield addressFindings(question);
  return { candidatesLeftOut };
}

/** Worst first; within a severity by subject and kind, so that two runs give the same list. */
export function sortedFindings(findings: readonly Finding[]): Finding[] {
  const order = ({ severity, subjectArn, kind }: Finding) => `${SEVERITIES.indexOf(severity)} ${subjectArn} ${kind}`;
  return [...findings].sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
}

/** Answers how many candidates were tried and how many left out. */
function* ofRole(
  role: Role,
  chained: ReadonlySet<string>,
  directory: Directory,
  question: AttributionQuestion,
  trialsMax: number,
): Generator<readonly Finding[], { readonly tried: number; readonly leftOut: number }> {
  const reading = readTrust(role);
  if (!reading) return { tried: 0, leftOut: 0 };
  const facts = factsAt(question.nowMs);
  const around = { directory, facts, isSeen: question.isSeen };
  const entrants: Entrant[] = [];
  let tried = 0;
  let leftOut = 0;
  for (const candidate of callerCandidates(reading, around)) {
    if (tried >= trialsMax) {
      leftOut++;
      continue;
    }
    const entrant = admit(reading, candidate);
    if (entrant) entrants.push(entrant);
    if (++tried % CANDIDATES_PER_STEP === 0) yield [];
  }
  const findings: Finding[] = [];
  for (const source of tokenSources(reading)) {
    entrants.push(...tokenEntrants(reading, source, facts));
    findings.push(...tokenFindings(reading, source, directory, facts));
    yield [];
  }
  const anyone = entrants.find(({ candidate }) => candidate.label.includes(`::${NOBODYS_ACCOUNT}:`));
  const canChain =
    chained.has(role.id) || allows(directory.policySetOf(sessionOf(role, role.name, 0)), 'sts:assumerole');
  const { requiredTagKeys } = question;
  const view = { reading, entrants: entrants.filter((one) => one !== anyone), requiredTagKeys, canChain };
  const found = roleFindings(view);
  const isNameFound = found.some(({ kind }) => kind === 'session-name-chosen' || kind === 'identity-shared');
  const chain = isNameFound ? undefined : chainFinding(reading, view.entrants, around);
  yield [...findings, ...(anyone ? [anyoneFinding(reading, anyone)] : []), ...found, ...(chain ? [chain] : [])];
  if (entrants.length === 0) yield untaggedRole(role, directory, question);
  return { tried, leftOut };
}

function anyoneFinding(reading: TrustReading, { candidate, session }: Entrant): Finding {
  const statementId = allowingStatement(reading, candidate, session, candidate.action);
  return {
    kind: 'anyone-may-assume',
    severity: 'high',
    subjectArn: reading.roleArn,
    ...(statementId !== undefined && { statementId }),
    risk: 'a user of any AWS account gets a session, under any name that the conditions allow',
    fix: `name who is meant in \`Principal\`: \`tallyline trust-policy user --account ${reading.role.accountId}\``,
  };
}

function* ofPowers(
  users: readonly User[],
  roles: readonly Role[],
  directory: Directory,
  { accountId, nowMs, requiredTagKeys: [tagKey = 'tallyline-probe'] }: AttributionQuestion,
): Generator<readonly Finding[]> {
  const administrators: string[] = [];
  for (const caller of [...users.map(userOf), ...roles.map((role) => sessionOf(role, role.name, nowMs))]) {
    const asked = organizationContext(
      globalContext(caller, factsAt(nowMs)),
      { caller, resource: '*' },
      directory.organization,
    );
    const view: PowerView = { caller, policies: directory.policySetOf(caller), context: asked, tagKey };
    if (view.policies.identity.length === 0) continue;
    if (isAdministrator(view)) administrators.push(caller.principalArn);
    else yield powerFindings(view);
  }
  if (administrators.length === 0) return;
  const shown = administrators.slice(0, 5).join(', ');
  const more = administrators.length > 5 ? ` and ${administrators.length - 5} more` : '';
  yield [
    {
      kind: 'administrator',
      severity: 'low',
      subjectArn: rootArn(accountId),
      risk: `can change every tag, key and trust policy: ${shown}${more}`,
      fix: 'keep their keys out of inference and out of shared places; nobody else is held to less by this',
    },
  ];
}

function untaggedUser(user: User, directory: Directory, question: AttributionQuestion): Finding[] {
  if (!allows(directory.policySetOf(userOf(user)), 'bedrock:invokemodel')) return [];
  return missingKeys(user.tags, question).map((key) => ({
    kind: 'tag-missing',
    severity: 'medium',
    subjectArn: userArn(user.accountId, user.path, user.name),
    risk: `calls without the tag \`${key}\`: its cost is nobody's`,
    fix: `tag it: \`aws iam tag-user --user-name ${user.name} --tags Key=${key},Value=VALUE\``,
  }));
}

/** A role that services take, or nobody that is known here. */
function untaggedRole(role: Role, directory: Directory, question: AttributionQuestion): Finding[] {
  if (!allows(directory.policySetOf(sessionOf(role, role.name, 0)), 'bedrock:invokemodel')) return [];
  return missingKeys(role.tags, question).map((key) => ({
    kind: 'tag-missing',
    severity: 'medium',
    subjectArn: roleArn(role.accountId, role.path, role.name),
    risk: `calls without the tag \`${key}\`: its cost is nobody's`,
    fix: `tag it: \`aws iam tag-role --role-name ${role.name} --tags Key=${key},Value=VALUE\``,
  }));
}

function missingKeys(tags: TagSet, { requiredTagKeys }: AttributionQuestion): string[] {
  const own = new Set([...tags.keys()].map((key) => key.toLowerCase()));
  return requiredTagKeys.filter((key) => !own.has(key.toLowerCase()));
}

/** Whether a statement allows the action at all, on whatever resource and condition. */
function allows({ identity }: PolicySet, lowerCaseAction: string): boolean {
  return identity.some(({ text }) =>
    parsePolicy('identity', text)
      .statementsFor(lowerCaseAction)
      .some(({ effect }) => effect === 'Allow'),
  );
}

/** Unique ids of roles that another role's trust policy names. */
function chainTargets(directory: Directory): Set<string> {
  const trusts = [...directory.accounts()].flatMap(({ id }) => [...directory.roles(id)]);
  return new Set(trusts.flatMap(({ trustPolicy }) => trustPolicy.match(/\bAROA[A-Z0-9]+\b/g) ?? []));
}

function* taggedPrincipals(directory: Directory, accountId: string) {
  for (const { accountId: account, path, name, tags } of directory.users(accountId)) {
    yield { arn: userArn(account, path, name), tags };
  }
  for (const { accountId: account, path, name, tags } of directory.roles(accountId)) {
    yield { arn: roleArn(account, path, name), tags };
  }
}

function addressFindings({ addresses, accountId }: AttributionQuestion): Finding[] {
  return addresses
    .filter((one) => one.addresses >= MANY_ADDRESSES && one.principalArn.includes(`::${accountId}:`))
    .map(({ principalArn, addresses: count, days }) => ({
      kind: 'many-addresses',
      severity: 'low',
      subjectArn: principalArn,
      risk: `called from ${count} addresses in ${days} days under this one name: it may be several people`,
      fix: principalArn.includes(':assumed-role/')
        ? 'have each of them open a session of their own: see `tallyline trust-policy gateway`'
        : 'make a user for each of them, or let them sign in through a provider: see `tallyline trust-policy oidc`',
    }));
}

function factsAt(nowMs: number): RequestFacts {
  return { nowMs, sourceIp: '192.0.2.1', userAgent: 'tallyline', isTls: true, region: 'us-east-1' };
}
