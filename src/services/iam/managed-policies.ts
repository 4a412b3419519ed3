import type {
  CreatePolicyRequest,
  CreatePolicyResponse,
  DeletePolicyRequest,
  GetPolicyRequest,
  GetPolicyResponse,
  ListEntitiesForPolicyRequest,
  ListEntitiesForPolicyResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  Policy as PolicyOutput,
} from '@aws-sdk/client-iam';
import { AWS_MANAGED_POLICIES } from '../../identity/aws-managed-policies.ts';
import type { Directory } from '../../identity/directory.ts';
import { drop, put } from '../../identity/directory-records.ts';
import { newUniqueId } from '../../identity/identifier.ts';
import { type ManagedPolicy, policyArn } from '../../identity/managed-policy.ts';
import { type HolderKind, policyNotFound, visiblePolicy } from '../../identity/policy-attachment.ts';
import type { Caller } from '../../identity/principal.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext, resourceTagContext } from '../../policy/context.ts';
import { parsePolicyDocument } from '../../policy/policy-document.ts';
import { type Context, GROUP, type Holder, ROLE, USER } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { nameKey, pageOf } from './page.ts';
import { policySize } from './policy-text.ts';
import { requireQuota } from './quota.ts';
import { readTags, tagsMember } from './tags.ts';

export function managedPolicyOperations(parts: IamParts): OperationTable {
  return {
    CreatePolicy: createPolicy(parts),
    GetPolicy: getPolicy(parts),
    DeletePolicy: deletePolicy(parts),
    ListPolicies: listPolicies(parts),
    ListEntitiesForPolicy: listEntitiesForPolicy(parts),
  };
}

function createPolicy({ directory, random }: IamParts): OperationHandler<CreatePolicyRequest, CreatePolicyResponse> {
  return {
    access: ({ caller: { accountId }, input }) => [
      {
        action: 'iam:CreatePolicy',
        resource: policyArn({ accountId, path: input.Path ?? '/', name: input.PolicyName! }),
        context: requestTagContext(readTags(input.Tags)),
      },
    ],
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const name = input.PolicyName!;
      const tags = readTags(input.Tags);
      const document = readManagedPolicy(input.PolicyDocument!);
      if (directory.customerPolicy(accountId, name)) {
        const message = `A policy called ${name} already exists. Duplicate names are not allowed.`;
        throw new Fault('EntityAlreadyExistsException', message);
      }
      requireQuota('TagsPerPolicy', tags.size);
      requireQuota('PoliciesPerAccount', directory.countsOf(accountId).policies + 1);
      const policy: ManagedPolicy = {
        version: 0,
        accountId,
        id: newUniqueId('ANPA', random),
        name,
        path: input.Path ?? '/',
        ...(input.Description !== undefined && { description: input.Description }),
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
        versions: [{ id: 'v1', document, createdAtMs: nowMs }],
        defaultVersionId: 'v1',
        nextVersionNumber: 2,
        tags,
      };
      await directory.write([put('policy', policy)]);
      const { Description: _, ...created } = policyDetail(policy, accountId, directory);
      return { Policy: created };
    },
  };
}

function getPolicy({ directory }: IamParts): OperationHandler<GetPolicyRequest, GetPolicyResponse> {
  return {
    access: ({ input }) => [policyNeed(directory, 'GetPolicy', input.PolicyArn!)],
    run: ({ caller, input }) => {
      const policy = requirePolicy(directory, caller, input.PolicyArn!);
      return { Policy: policyDetail(policy, caller.accountId, directory) };
    },
  };
}

function deletePolicy({ directory }: IamParts): OperationHandler<DeletePolicyRequest, Record<never, never>> {
  return {
    access: ({ input }) => [policyNeed(directory, 'DeletePolicy', input.PolicyArn!)],
    run: async ({ caller, input }) => {
      const policy = requireOwnPolicy(directory, caller, 'DeletePolicy', input.PolicyArn!);
      const { attached, bounding } = directory.usesOfPolicy(caller.accountId, input.PolicyArn!);
      if (attached + bounding > 0) {
        throw new Fault('DeleteConflictException', 'Cannot delete a policy attached to entities.');
      }
      if (policy.versions.length > 1) {
        throw new Fault(
          'DeleteConflictException',
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        );
      }
      await directory.write([drop('policy', policy)]);
      return {};
    },
  };
}

function listPolicies({ directory }: IamParts): OperationHandler<ListPoliciesRequest, ListPoliciesResponse> {
  return {
    // AWS's own words for a resource that has no ARN.
    access: ({ input }) => [{ action: 'iam:ListPolicies', resource: `policy path ${input.PathPrefix ?? '/'}` }],
    run: ({ caller: { accountId }, input }) => {
      const { Scope: scope = 'All', PathPrefix: prefix = '/', PolicyUsageFilter: usage } = input;
      const policies = [
        ...(scope === 'AWS' ? [] : directory.customerPolicies(accountId)),
        ...(scope === 'Local' ? [] : AWS_MANAGED_POLICIES.values()),
      ].filter((policy) => {
        if (!policy.path.startsWith(prefix)) return false;
        const { attached, bounding } = directory.usesOfPolicy(accountId, policyArn(policy));
        if (usage === 'PermissionsPolicy' && attached === 0) return false;
        if (usage === 'PermissionsBoundary' && bounding === 0) return false;
        return !input.OnlyAttached || attached + bounding > 0;
      });
      const { items, rest } = pageOf(policies, (policy) => `${nameKey(policy)}/${policy.accountId}`, input);
      return { Policies: items.map((policy) => policySummary(policy, accountId, directory)), ...rest };
    },
  };
}

/** What a policy is attached to, as one list that is paged through users, roles and groups alike. */
function listEntitiesForPolicy({
  directory,
}: IamParts): OperationHandler<ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse> {
  return {
    access: ({ input }) => [policyNeed(directory, 'ListEntitiesForPolicy', input.PolicyArn!)],
    run: ({ caller, input }) => {
      const arn = input.PolicyArn!;
      requirePolicy(directory, caller, arn);
      const holders = [USER, ROLE, GROUP].filter(({ label }) => {
        return [undefined, 'LocalManagedPolicy', 'AWSManagedPolicy', label].includes(input.EntityFilter);
      }) as Holder<HolderKind>[];
      const users = holders.flatMap((holder) =>
        [...holder.all(directory, caller.accountId)]
          .filter((entity) => {
            const isBounded = 'boundaryArn' in entity && entity.boundaryArn === arn;
            const isAttached = entity.attachedPolicyArns.includes(arn);
            const isAsked = input.PolicyUsageFilter === 'PermissionsBoundary' ? isBounded : isAttached;
            return isAsked && entity.path.startsWith(input.PathPrefix ?? '/');
          })
          .map(({ name, id }) => ({ kind: holder.kind, name, id })),
      );
      const { items, rest } = pageOf(users, (user) => `${user.kind}/${nameKey(user)}`, input);
      const ofKind = (kind: HolderKind) => items.filter((item) => item.kind === kind);
      return {
        PolicyUsers: ofKind('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
        PolicyRoles: ofKind('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
        PolicyGroups: ofKind('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
        ...rest,
      };
    },
  };
}

/** The permission to act on a managed policy, with its tags as condition keys. */
export function policyNeed(
  directory: Directory,
  action: string,
  arn: string,
  context: Context = new Map(),
): AccessNeed {
  const policy = directory.policy(arn);
  const tags = policy ? resourceTagContext(policy.tags, 'iam') : [];
  return { action: `iam:${action}`, resource: arn, context: new Map([...tags, ...context]) };
}

export function requirePolicy(directory: Directory, caller: Caller, arn: string): ManagedPolicy {
  const policy = visiblePolicy(directory, caller.accountId, arn);
  if (!policy) throw policyNotFound(arn);
  return policy;
}

/** A policy that the account may change: AWS's policies belong to an account where nobody has permissions. */
export function requireOwnPolicy(directory: Directory, caller: Caller, action: string, arn: string): ManagedPolicy {
  const policy = requirePolicy(directory, caller, arn);
  if (policy.accountId !== caller.accountId) {
    const message = `User: ${caller.arn} is not authorized to perform: iam:${action} on resource: policy ${arn}`;
    throw new Fault('AccessDeniedException', message);
  }
  return policy;
}

/** Throws MalformedPolicyDocumentException or LimitExceededException. */
export function readManagedPolicy(text: string): string {
  parsePolicyDocument('managed', text);
  requireQuota('PolicySize', policySize(text));
  return text;
}

/** As lists show it: without description and tags. */
function policySummary(policy: ManagedPolicy, accountId: string, directory: Directory): PolicyOutput {
  const { attached, bounding } = directory.usesOfPolicy(accountId, policyArn(policy));
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policyArn(policy),
    Path: policy.path,
    DefaultVersionId: policy.defaultVersionId,
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: bounding,
    IsAttachable: true,
    CreateDate: new Date(policy.createdAtMs),
    UpdateDate: new Date(policy.updatedAtMs),
  };
}

export function policyDetail(policy: ManagedPolicy, accountId: string, directory: Directory): PolicyOutput {
  return {
    ...policySummary(policy, accountId, directory),
    ...(policy.description !== undefined && { Description: policy.description }),
    ...tagsMember(policy.tags),
  };
}
