import type {
  DeleteGroupPolicyRequest,
  DeleteRolePolicyRequest,
  DeleteUserPolicyRequest,
  GetGroupPolicyRequest,
  GetGroupPolicyResponse,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  GetUserPolicyRequest,
  GetUserPolicyResponse,
  ListGroupPoliciesRequest,
  ListRolePoliciesRequest,
  ListUserPoliciesRequest,
  PutGroupPolicyRequest,
  PutRolePolicyRequest,
  PutUserPolicyRequest,
} from '@aws-sdk/client-iam';
import { put } from '../../identity/directory-records.ts';
import type { HolderKind } from '../../identity/policy-attachment.ts';
import type { InlinePolicy } from '../../identity/policy-holder.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { parsePolicyDocument } from '../../policy/policy-document.ts';
import {
  type Context,
  GROUP,
  type Holder,
  holderNeed,
  ownBoundaryContext,
  ROLE,
  requireHolder,
  USER,
} from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './page.ts';
import { encodedPolicy, policySize } from './policy-text.ts';

export function inlinePolicyOperations(parts: IamParts): OperationTable {
  const user = new InlinePolicies(parts, USER, ({ UserName }: { UserName: string | undefined }) => UserName!);
  const role = new InlinePolicies(parts, ROLE, ({ RoleName }: { RoleName: string | undefined }) => RoleName!);
  const group = new InlinePolicies(parts, GROUP, ({ GroupName }: { GroupName: string | undefined }) => GroupName!);
  return {
    PutUserPolicy: user.put<PutUserPolicyRequest>(),
    GetUserPolicy: user.get<GetUserPolicyRequest, GetUserPolicyResponse>((UserName, policy) => ({
      UserName,
      ...policy,
    })),
    DeleteUserPolicy: user.delete<DeleteUserPolicyRequest>(),
    ListUserPolicies: user.list<ListUserPoliciesRequest>(),
    PutRolePolicy: role.put<PutRolePolicyRequest>(),
    GetRolePolicy: role.get<GetRolePolicyRequest, GetRolePolicyResponse>((RoleName, policy) => ({
      RoleName,
      ...policy,
    })),
    DeleteRolePolicy: role.delete<DeleteRolePolicyRequest>(),
    ListRolePolicies: role.list<ListRolePoliciesRequest>(),
    PutGroupPolicy: group.put<PutGroupPolicyRequest>(),
    GetGroupPolicy: group.get<GetGroupPolicyRequest, GetGroupPolicyResponse>((GroupName, policy) => ({
      GroupName,
      ...policy,
    })),
    DeleteGroupPolicy: group.delete<DeleteGroupPolicyRequest>(),
    ListGroupPolicies: group.list<ListGroupPoliciesRequest>(),
  };
}

interface PolicyName {
  readonly PolicyName: string | undefined;
}

interface Paging {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** The four operations on inline policies of one kind of holder; `Named` is the part of their inputs that names it. */
class InlinePolicies<Kind extends HolderKind, Named> {
  readonly #parts: IamParts;
  readonly #holder: Holder<Kind>;
  readonly #nameOf: (input: Named) => string;

  constructor(parts: IamParts, holder: Holder<Kind>, nameOf: (input: Named) => string) {
    this.#parts = parts;
    this.#holder = holder;
    this.#nameOf = nameOf;
  }

  put<Input extends Named & PolicyName & { readonly PolicyDocument: string | undefined }>(): OperationHandler<
    Input,
    Record<never, never>
  > {
    const { label, kind, inlinePolicyBytes } = this.#holder;
    return {
      access: (call) => [this.#need(`Put${label}Policy`, call, this.#boundary(call))],
      run: async ({ caller, input }) => {
        const entity = this.#entity(caller.accountId, input);
        const document = input.PolicyDocument!;
        parsePolicyDocument('identity', document);
        const others = entity.inlinePolicies.filter(({ name }) => name !== input.PolicyName);
        const inlinePolicies = inNameOrder([...others, { name: input.PolicyName!, document }]);
        const bytes = inlinePolicies.reduce((sum, policy) => sum + policySize(policy.document), 0);
        if (bytes > inlinePolicyBytes) {
          const message = `Maximum policy size of ${inlinePolicyBytes} bytes exceeded for ${kind} ${entity.name}`;
          throw new Fault('LimitExceededException', message);
        }
        await this.#parts.directory.write([put(kind, { ...entity, inlinePolicies })]);
        return {};
      },
    };
  }

  get<Input extends Named & PolicyName, Output>(
    answer: (holderName: string, policy: { PolicyName: string; PolicyDocument: string }) => Output,
  ): OperationHandler<Input, Output> {
    return {
      access: (call) => [this.#need(`Get${this.#holder.label}Policy`, call)],
      run: ({ caller, input }) => {
        const entity = this.#entity(caller.accountId, input);
        const { name, document } = this.#policy(entity.inlinePolicies, input);
        return answer(entity.name, { PolicyName: name, PolicyDocument: encodedPolicy(document) });
      },
    };
  }

  delete<Input extends Named & PolicyName>(): OperationHandler<Input, Record<never, never>> {
    return {
      access: (call) => [this.#need(`Delete${this.#holder.label}Policy`, call, this.#boundary(call))],
      run: async ({ caller, input }) => {
        const entity = this.#entity(caller.accountId, input);
        const deleted = this.#policy(entity.inlinePolicies, input);
        const inlinePolicies = entity.inlinePolicies.filter((policy) => policy !== deleted);
        await this.#parts.directory.write([put(this.#holder.kind, { ...entity, inlinePolicies })]);
        return {};
      },
    };
  }

  list<Input extends Named & Paging>(): OperationHandler<
    Input,
    { PolicyNames: string[]; IsTruncated: boolean; Marker?: string }
  > {
    return {
      access: (call) => [this.#need(`List${this.#holder.label}Policies`, call)],
      run: ({ caller, input }) => {
        const { inlinePolicies } = this.#entity(caller.accountId, input);
        const { items, rest } = pageOf(inlinePolicies, ({ name }) => name, input);
        return { PolicyNames: items.map(({ name }) => name), ...rest };
      },
    };
  }

  #need<Input extends Named>(
    action: string,
    { caller, input }: OperationCall<Input>,
    context: Context = new Map(),
  ): AccessNeed {
    return holderNeed(this.#holder, this.#parts.directory, action, caller.accountId, this.#nameOf(input), context);
  }

  #boundary<Input extends Named>({ caller, input }: OperationCall<Input>): Context {
    return ownBoundaryContext(this.#holder, this.#parts.directory, caller.accountId, this.#nameOf(input));
  }

  #entity(accountId: string, input: Named) {
    return requireHolder(this.#holder, this.#parts.directory, accountId, this.#nameOf(input));
  }

  #policy(policies: readonly InlinePolicy[], { PolicyName }: PolicyName): InlinePolicy {
    const policy = policies.find(({ name }) => name === PolicyName);
    if (policy) return policy;
    const message = `The ${this.#holder.kind} policy with name ${PolicyName} cannot be found.`;
    throw new Fault('NoSuchEntityException', message);
  }
}

function inNameOrder(policies: InlinePolicy[]): InlinePolicy[] {
  return policies.sort((a, b) => (a.name < b.name ? -1 : 1));
}
