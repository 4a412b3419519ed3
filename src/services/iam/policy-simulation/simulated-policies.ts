import type { ContextEntry, SimulateCustomPolicyRequest, SimulatePrincipalPolicyRequest } from '@aws-sdk/client-iam';
import type { Directory } from '../../../identity/directory.ts';
import { type Group, groupArn } from '../../../identity/group.ts';
import { hypotheticalCaller } from '../../../identity/hypothetical-caller.ts';
import type { PolicySource } from '../../../identity/policy-set.ts';
import type { Caller } from '../../../identity/principal.ts';
import type { Role } from '../../../identity/role.ts';
import type { User } from '../../../identity/user.ts';
import { parseArn } from '../../../kernel/arn.ts';
import { Fault } from '../../../kernel/fault.ts';
import { NO_TAGS } from '../../../kernel/tags.ts';
import type { PolicySet } from '../../../policy/authorize.ts';
import { type ConditionContext, callerContext } from '../../../policy/context.ts';
import { type PolicyKind, parsePolicyDocument } from '../../../policy/policy-document.ts';
import { GROUP, ROLE, requireHolder, USER } from '../holder.ts';
import type { SimulatedRequest } from './evaluation-results.ts';

/** A session of a role is simulated under this name; policies that ask for another see that it is not theirs. */
const SIMULATED_SESSION = { sessionName: 'simulation', sessionTags: NO_TAGS };

type SharedInput = Pick<
  SimulatePrincipalPolicyRequest,
  | 'PolicyInputList'
  | 'PermissionsBoundaryPolicyInputList'
  | 'ResourcePolicy'
  | 'ResourceOwner'
  | 'CallerArn'
  | 'ContextEntries'
>;

/** SimulateCustomPolicy: only the policies of the request. Throws InvalidInputException. */
export function customPolicies(
  directory: Directory,
  accountId: string,
  input: SimulateCustomPolicyRequest,
  nowMs: number,
): SimulatedRequest {
  const levels = (input.OrderedOrganizationPolicyInputList ?? []).map((level, index) =>
    readInputPolicies(level.ServiceControlPolicyInputList, `ServiceControlPolicyInputList.${index + 1}`),
  );
  const named = input.CallerArn === undefined ? undefined : requireUser(directory, accountId, input.CallerArn);
  if (!named && input.ResourcePolicy !== undefined) throw callerNeeded();
  const caller = named ? hypotheticalCaller(named, SIMULATED_SESSION, nowMs) : nobody(accountId);
  const own: PolicySet = { identity: [], ...(levels.length > 0 && { serviceControl: levels }) };
  return simulated(input, caller, own, named !== undefined);
}

/** SimulatePrincipalPolicy: what a user, group or role has, and the policies of the request. Throws InvalidInputException. */
export function principalPolicies(
  directory: Directory,
  accountId: string,
  input: SharedInput & Pick<SimulatePrincipalPolicyRequest, 'PolicySourceArn'>,
  nowMs: number,
): SimulatedRequest {
  const source = requireSource(directory, accountId, input.PolicySourceArn!);
  const named = input.CallerArn === undefined ? undefined : requireUser(directory, accountId, input.CallerArn);
  if (source.kind === 'group') {
    const { group } = source;
    const caller = named ? hypotheticalCaller(named, SIMULATED_SESSION, nowMs) : nobody(accountId);
    return simulated(input, caller, { identity: groupPolicies(directory, group) }, named !== undefined);
  }
  const own = hypotheticalCaller(source.principal, SIMULATED_SESSION, nowMs);
  const caller = named ? hypotheticalCaller(named, SIMULATED_SESSION, nowMs) : own;
  return simulated(input, caller, directory.policySetOf(own), true);
}

/** Policies that came with a request. Throws InvalidInputException with what is wrong with one. */
export function readInputPolicies(
  texts: readonly string[] | undefined,
  name = 'PolicyInputList',
  kind: PolicyKind = 'identity',
): PolicySource[] {
  return (texts ?? []).map((text, index) => {
    try {
      parsePolicyDocument(kind, text);
    } catch (error) {
      if (error instanceof Fault) throw new Fault('InvalidInputException', error.message);
      throw error;
    }
    return { id: `${name}.${index + 1}`, text };
  });
}

function simulated(input: SharedInput, caller: Caller, own: PolicySet, isNamed: boolean): SimulatedRequest {
  const [boundary, ...more] = readInputPolicies(
    input.PermissionsBoundaryPolicyInputList,
    'PermissionsBoundaryPolicyInputList',
  );
  if (more.length > 0) throw invalid('The list of Permissions Boundary policies cannot exceed 1 items.');
  const resource = input.ResourcePolicy === undefined ? [] : [input.ResourcePolicy];
  const [resourcePolicy] = readInputPolicies(resource, 'ResourcePolicy', 'resource');
  const policies: PolicySet = {
    ...own,
    identity: [...own.identity, ...readInputPolicies(input.PolicyInputList)],
    ...(boundary && { boundary }),
    ...(resourcePolicy && { resource: { source: resourcePolicy, kind: 'resource' as const } }),
  };
  const resourceAccountId = accountOf(input.ResourceOwner);
  return {
    caller,
    policies,
    ...(resourceAccountId !== undefined && { resourceAccountId }),
    context: simulatedContext(input.ContextEntries ?? [], isNamed ? callerContext(caller) : undefined),
    labels: new Map([
      ...[...policies.identity, ...(own.boundary ? [own.boundary] : [])].map(({ id }) => [id, labelOf(id)] as const),
      ...(resourcePolicy ? [[resourcePolicy.id, 'ResourcePolicy'] as const] : []),
    ]),
  };
}

/**
 * The keys that the request gives, and those of the principal; nothing is known of a time or place. That AWS fills in the
 * principal's keys as well is unverified.
 */
function simulatedContext(entries: readonly ContextEntry[], principal: ConditionContext | undefined): ConditionContext {
  const given = new Map(
    entries.map(({ ContextKeyName, ContextKeyValues }) => [
      ContextKeyName?.toLowerCase() ?? '',
      ContextKeyValues ?? [],
    ]),
  );
  return { get: (key) => given.get(key) ?? principal?.get(key) };
}

const ENTITY = /^(user|role|group)\/(?:.*\/)?([^/]+)$/;

type PolicySourceEntity =
  | { readonly kind: 'principal'; readonly principal: User | Role }
  | { readonly kind: 'group'; readonly group: Group };

function requireSource(directory: Directory, accountId: string, arn: string): PolicySourceEntity {
  const parsed = parseArn(arn);
  const [, kind, name] = (parsed?.service === 'iam' && ENTITY.exec(parsed.resource)) || [];
  if (!kind || !name || parsed?.accountId !== accountId) {
    throw invalid(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  if (kind === 'group') return { kind: 'group', group: requireHolder(GROUP, directory, accountId, name) };
  const principal = requireHolder(kind === 'user' ? USER : ROLE, directory, accountId, name) as User | Role;
  return { kind: 'principal', principal };
}

/** Only users can be simulated as callers (IAM API Reference, SimulatePrincipalPolicy). */
function requireUser(directory: Directory, accountId: string, arn: string): User {
  const source = requireSource(directory, accountId, arn);
  if (source.kind === 'group' || 'trustPolicy' in source.principal) throw invalid(`Invalid Caller Arn: ${arn}`);
  return source.principal;
}

function groupPolicies(directory: Directory, group: Group): PolicySource[] {
  const inline = group.inlinePolicies.map(({ name, document }) => ({
    id: `${groupArn(group)}/${name}`,
    text: document,
  }));
  const attached = group.attachedPolicyArns.flatMap((arn) => {
    const policy = directory.policy(arn);
    const version = policy?.versions.find(({ id }) => id === policy.defaultVersionId);
    return version ? [{ id: arn, text: version.document }] : [];
  });
  return [...inline, ...attached];
}

/** Whoever holds the policies of a custom simulation; no policy can name it. */
function nobody(accountId: string): Caller {
  const arn = `arn:aws:iam::${accountId}:user/`;
  return {
    kind: 'user',
    arn,
    principalArn: arn,
    accountId,
    userId: '',
    principalId: '',
    accessKeyId: '',
    tags: NO_TAGS,
  };
}

function accountOf(owner: string | undefined): string | undefined {
  if (owner === undefined) return undefined;
  const accountId = /^\d{12}$/.test(owner) ? owner : parseArn(owner)?.accountId;
  if (!accountId) throw invalid(`Invalid Resource Owner: ${owner}`);
  return accountId;
}

const INLINE = /^arn:aws:iam::\d{12}:(user|role|group)\/(?:.*\/)?([^/]+)\/([^/]+)$/;

/** `user_alice_policy` for an inline policy, the bare name for a managed one; others are named as in the request. */
function labelOf(id: string): string {
  const [, kind, holder, policy] = INLINE.exec(id) ?? [];
  if (kind) return `${kind}_${holder}_${policy}`;
  return id.startsWith('arn:aws:iam::') ? id.slice(id.lastIndexOf('/') + 1) : id;
}

function callerNeeded(): Fault {
  return invalid('You must specify a caller ARN when you specify a resource policy.');
}

function invalid(message: string): Fault {
  return new Fault('InvalidInputException', message);
}
