import type {
  AttachedPolicy,
  EntityType,
  GetAccountAuthorizationDetailsRequest,
  GetAccountAuthorizationDetailsResponse,
  GroupDetail,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
  UserDetail,
} from '@aws-sdk/client-iam';
import { AWS_MANAGED_POLICIES } from '../../identity/aws-managed-policies.ts';
import type { Directory } from '../../identity/directory.ts';
import type { Group } from '../../identity/group.ts';
import { type ManagedPolicy, policyArn } from '../../identity/managed-policy.ts';
import type { PolicyHolder } from '../../identity/policy-holder.ts';
import type { Role } from '../../identity/role.ts';
import type { User } from '../../identity/user.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { boundaryMember } from './boundaries.ts';
import { groupOutput } from './groups.ts';
import type { IamParts } from './iam-parts.ts';
import { policyDetail } from './managed-policies.ts';
import { nameKey, pageOf } from './page.ts';
import { encodedPolicy } from './policy-text.ts';
import { versionSummary } from './policy-versions.ts';
import { roleLastUsed, roleSummary } from './roles.ts';
import { tagList } from './tags.ts';
import { userSummary } from './users.ts';

export function accountDetailsOperations(parts: IamParts): OperationTable {
  return { GetAccountAuthorizationDetails: getAccountAuthorizationDetails(parts) };
}

/** One thing of the account, in the one list that is paged. */
type Detail = { readonly key: string } & (
  | { readonly type: 'User'; readonly entity: User }
  | { readonly type: 'Group'; readonly entity: Group }
  | { readonly type: 'Role'; readonly entity: Role }
  | { readonly type: 'LocalManagedPolicy' | 'AWSManagedPolicy'; readonly entity: ManagedPolicy }
);

/** Users, groups, roles and policies of the account with everything that bears on their permissions. */
function getAccountAuthorizationDetails({
  directory,
}: IamParts): OperationHandler<GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse> {
  return {
    access: () => [{ action: 'iam:GetAccountAuthorizationDetails', resource: '*' }],
    run: ({ caller: { accountId }, input }) => {
      const wanted = new Set<EntityType>(input.Filter ?? []);
      const details = detailsOf(directory, accountId).filter(({ type }) => wanted.size === 0 || wanted.has(type));
      const { items, rest } = pageOf(details, ({ key }) => key, input);
      return {
        UserDetailList: items.flatMap((one) => (one.type === 'User' ? [userDetail(one.entity, directory)] : [])),
        GroupDetailList: items.flatMap((one) => (one.type === 'Group' ? [groupDetail(one.entity, directory)] : [])),
        RoleDetailList: items.flatMap((one) => (one.type === 'Role' ? [roleDetail(one.entity, directory)] : [])),
        Policies: items.flatMap((one) =>
          one.type === 'LocalManagedPolicy' || one.type === 'AWSManagedPolicy'
            ? [managedPolicyDetail(one.entity, accountId, directory)]
            : [],
        ),
        ...rest,
      };
    },
  };
}

function detailsOf(directory: Directory, accountId: string): Detail[] {
  // Of the policies that AWS manages, only those that the account uses.
  const used = [...AWS_MANAGED_POLICIES.values()].filter((policy) => {
    const { attached, bounding } = directory.usesOfPolicy(accountId, policyArn(policy));
    return attached + bounding > 0;
  });
  return [
    ...[...directory.users(accountId)].map(
      (entity) => ({ key: `1/${nameKey(entity)}`, type: 'User', entity }) as const,
    ),
    ...[...directory.groups(accountId)].map(
      (entity) => ({ key: `2/${nameKey(entity)}`, type: 'Group', entity }) as const,
    ),
    ...[...directory.roles(accountId)].map(
      (entity) => ({ key: `3/${nameKey(entity)}`, type: 'Role', entity }) as const,
    ),
    ...[...directory.customerPolicies(accountId)].map(
      (entity) => ({ key: `4/${nameKey(entity)}`, type: 'LocalManagedPolicy', entity }) as const,
    ),
    ...used.map((entity) => ({ key: `5/${nameKey(entity)}`, type: 'AWSManagedPolicy', entity }) as const),
  ];
}

function userDetail(user: User, directory: Directory): UserDetail {
  return {
    ...userSummary(user),
    UserPolicyList: inlinePolicies(user),
    GroupList: user.groupIds.flatMap((id) => directory.groupById(id)?.name ?? []),
    AttachedManagedPolicies: attachedPolicies(user, directory),
    ...boundaryMember(user.boundaryArn),
    Tags: tagList(user.tags),
  };
}

function groupDetail(group: Group, directory: Directory): GroupDetail {
  return {
    ...groupOutput(group),
    GroupPolicyList: inlinePolicies(group),
    AttachedManagedPolicies: attachedPolicies(group, directory),
  };
}

function roleDetail(role: Role, directory: Directory): RoleDetail {
  const { Description: _, MaxSessionDuration: __, ...summary } = roleSummary(role, directory);
  return {
    ...summary,
    InstanceProfileList: [],
    RolePolicyList: inlinePolicies(role),
    AttachedManagedPolicies: attachedPolicies(role, directory),
    ...boundaryMember(role.boundaryArn),
    Tags: tagList(role.tags),
    RoleLastUsed: roleLastUsed(role, directory),
  };
}

function managedPolicyDetail(policy: ManagedPolicy, accountId: string, directory: Directory): ManagedPolicyDetail {
  const { Tags: _, ...detail } = policyDetail(policy, accountId, directory);
  return {
    ...detail,
    PolicyVersionList: policy.versions.toReversed().map((version) => ({
      Document: encodedPolicy(version.document),
      ...versionSummary(policy, version),
    })),
  };
}

function inlinePolicies({ inlinePolicies }: PolicyHolder): PolicyDetail[] {
  return inlinePolicies.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encodedPolicy(document) }));
}

function attachedPolicies({ attachedPolicyArns }: PolicyHolder, directory: Directory): AttachedPolicy[] {
  return attachedPolicyArns.flatMap((arn) => {
    const policy = directory.policy(arn);
    return policy ? [{ PolicyName: policy.name, PolicyArn: arn }] : [];
  });
}
