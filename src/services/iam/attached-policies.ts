import type {
  AttachedPolicy,
  AttachGroupPolicyRequest,
  AttachRolePolicyRequest,
  AttachUserPolicyRequest,
  DetachGroupPolicyRequest,
  DetachRolePolicyRequest,
  DetachUserPolicyRequest,
  ListAttachedGroupPoliciesRequest,
  ListAttachedRolePoliciesRequest,
  ListAttachedUserPoliciesRequest,
} from '@aws-sdk/client-iam';
import type { Directory } from '../../identity/directory.ts';
import { attachPolicy, detachPolicy, type HolderKind } from '../../identity/policy-attachment.ts';
import { parseArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { GROUP, type Holder, holderNeed, ownBoundaryContext, ROLE, requireHolder, USER } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './page.ts';

export function attachedPolicyOperations(parts: IamParts): OperationTable {
  const userName = ({
    UserName,
  }: AttachUserPolicyRequest | DetachUserPolicyRequest | ListAttachedUserPoliciesRequest) => UserName!;
  const roleName = ({
    RoleName,
  }: AttachRolePolicyRequest | DetachRolePolicyRequest | ListAttachedRolePoliciesRequest) => RoleName!;
  const groupName = ({
    GroupName,
  }: AttachGroupPolicyRequest | DetachGroupPolicyRequest | ListAttachedGroupPoliciesRequest) => GroupName!;
  return {
    AttachUserPolicy: attach<'user', AttachUserPolicyRequest>(parts, USER, userName),
    DetachUserPolicy: detach<'user', DetachUserPolicyRequest>(parts, USER, userName),
    ListAttachedUserPolicies: listAttached<'user', ListAttachedUserPoliciesRequest>(parts, USER, userName),
    AttachRolePolicy: attach<'role', AttachRolePolicyRequest>(parts, ROLE, roleName),
    DetachRolePolicy: detach<'role', DetachRolePolicyRequest>(parts, ROLE, roleName),
    ListAttachedRolePolicies: listAttached<'role', ListAttachedRolePoliciesRequest>(parts, ROLE, roleName),
    AttachGroupPolicy: attach<'group', AttachGroupPolicyRequest>(parts, GROUP, groupName),
    DetachGroupPolicy: detach<'group', DetachGroupPolicyRequest>(parts, GROUP, groupName),
    ListAttachedGroupPolicies: listAttached<'group', ListAttachedGroupPoliciesRequest>(parts, GROUP, groupName),
  };
}

interface PolicyInput {
  readonly PolicyArn?: string | undefined;
}

function attach<Kind extends HolderKind, Input extends PolicyInput>(
  { directory }: IamParts,
  holder: Holder<Kind>,
  nameOf: (input: Input) => string,
): OperationHandler<Input, Record<never, never>> {
  return {
    access: ({ caller, input }) => [
      changeNeed(directory, `Attach${holder.label}Policy`, holder, caller.accountId, nameOf(input), input),
    ],
    run: async ({ caller: { accountId }, input }) => {
      const policyArn = parsedPolicyArn(input);
      const attachment = { accountId, kind: holder.kind, name: nameOf(input), policyArn };
      await directory.write(attachPolicy(directory, attachment));
      return {};
    },
  };
}

function detach<Kind extends HolderKind, Input extends PolicyInput>(
  { directory }: IamParts,
  holder: Holder<Kind>,
  nameOf: (input: Input) => string,
): OperationHandler<Input, Record<never, never>> {
  return {
    access: ({ caller, input }) => [
      changeNeed(directory, `Detach${holder.label}Policy`, holder, caller.accountId, nameOf(input), input),
    ],
    run: async ({ caller: { accountId }, input }) => {
      const policyArn = parsedPolicyArn(input);
      const attachment = { accountId, kind: holder.kind, name: nameOf(input), policyArn };
      await directory.write(detachPolicy(directory, attachment));
      return {};
    },
  };
}

interface ListInput {
  readonly PathPrefix?: string | undefined;
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

function listAttached<Kind extends HolderKind, Input extends ListInput>(
  { directory }: IamParts,
  holder: Holder<Kind>,
  nameOf: (input: Input) => string,
): OperationHandler<Input, { AttachedPolicies: AttachedPolicy[]; IsTruncated: boolean; Marker?: string }> {
  return {
    access: ({ caller, input }) => [
      holderNeed(holder, directory, `ListAttached${holder.label}Policies`, caller.accountId, nameOf(input)),
    ],
    run: ({ caller, input }) => {
      const prefix = input.PathPrefix ?? '/';
      const { attachedPolicyArns } = requireHolder(holder, directory, caller.accountId, nameOf(input));
      const attached = attachedPolicyArns.flatMap((arn) => {
        const policy = directory.policy(arn);
        return policy?.path.startsWith(prefix) ? [{ PolicyName: policy.name, PolicyArn: arn }] : [];
      });
      const { items, rest } = pageOf(
        attached,
        ({ PolicyName, PolicyArn }) => `${PolicyName}/${parseArn(PolicyArn)!.accountId}`,
        input,
      );
      return { AttachedPolicies: [...items], ...rest };
    },
  };
}

function parsedPolicyArn({ PolicyArn }: PolicyInput): string {
  if (!parseArn(PolicyArn!)) throw new Fault('ValidationException', 'Invalid ARN:  Could not be parsed!');
  return PolicyArn!;
}

/** Attaching and detaching can be tied to the policy and to the boundary that the principal has. */
function changeNeed<Kind extends HolderKind>(
  directory: Directory,
  action: string,
  holder: Holder<Kind>,
  accountId: string,
  name: string,
  { PolicyArn }: PolicyInput,
): AccessNeed {
  const boundary = ownBoundaryContext(holder, directory, accountId, name);
  const context = new Map([...boundary, ['iam:PolicyARN', [PolicyArn!]] as const]);
  return holderNeed(holder, directory, action, accountId, name, context);
}
