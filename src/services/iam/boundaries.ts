import type {
  AttachedPermissionsBoundary,
  DeleteRolePermissionsBoundaryRequest,
  DeleteUserPermissionsBoundaryRequest,
  PutRolePermissionsBoundaryRequest,
  PutUserPermissionsBoundaryRequest,
} from '@aws-sdk/client-iam';
import type { Directory } from '../../identity/directory.ts';
import { type Entities, put } from '../../identity/directory-records.ts';
import { visiblePolicy } from '../../identity/policy-attachment.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { boundaryContext, type Holder, holderNeed, ownBoundaryContext, ROLE, requireHolder, USER } from './holder.ts';
import type { IamParts } from './iam-parts.ts';

type Bounded = 'user' | 'role';

export function boundaryOperations(parts: IamParts): OperationTable {
  return {
    PutUserPermissionsBoundary: putBoundary<'user', PutUserPermissionsBoundaryRequest>(
      parts,
      USER,
      ({ UserName }) => UserName!,
    ),
    DeleteUserPermissionsBoundary: deleteBoundary<'user', DeleteUserPermissionsBoundaryRequest>(
      parts,
      USER,
      ({ UserName }) => UserName!,
    ),
    PutRolePermissionsBoundary: putBoundary<'role', PutRolePermissionsBoundaryRequest>(
      parts,
      ROLE,
      ({ RoleName }) => RoleName!,
    ),
    DeleteRolePermissionsBoundary: deleteBoundary<'role', DeleteRolePermissionsBoundaryRequest>(
      parts,
      ROLE,
      ({ RoleName }) => RoleName!,
    ),
  };
}

function putBoundary<Kind extends Bounded, Input extends { PermissionsBoundary: string | undefined }>(
  { directory }: IamParts,
  holder: Holder<Kind>,
  nameOf: (input: Input) => string,
): OperationHandler<Input, Record<never, never>> {
  const action = `Put${holder.label}PermissionsBoundary`;
  return {
    access: ({ caller, input }) => [
      holderNeed(
        holder,
        directory,
        action,
        caller.accountId,
        nameOf(input),
        boundaryContext(input.PermissionsBoundary),
      ),
    ],
    run: async ({ caller: { accountId }, input }) => {
      const entity = requireHolder(holder, directory, accountId, nameOf(input));
      requireBoundary(directory, accountId, input.PermissionsBoundary!);
      await directory.write([put(holder.kind, { ...entity, boundaryArn: input.PermissionsBoundary! })]);
      return {};
    },
  };
}

function deleteBoundary<Kind extends Bounded, Input>(
  { directory }: IamParts,
  holder: Holder<Kind>,
  nameOf: (input: Input) => string,
): OperationHandler<Input, Record<never, never>> {
  const action = `Delete${holder.label}PermissionsBoundary`;
  return {
    access: ({ caller, input }) => {
      const context = ownBoundaryContext(holder, directory, caller.accountId, nameOf(input));
      return [holderNeed(holder, directory, action, caller.accountId, nameOf(input), context)];
    },
    run: async ({ caller, input }) => {
      const entity: Entities[Bounded] = requireHolder(holder, directory, caller.accountId, nameOf(input));
      const { boundaryArn: _, ...unbounded } = entity;
      await directory.write([put(holder.kind, unbounded as Entities[Kind])]);
      return {};
    },
  };
}

/** Throws NoSuchEntityException unless the account can use the policy as a boundary. */
export function requireBoundary(directory: Directory, accountId: string, arn: string): void {
  if (!visiblePolicy(directory, accountId, arn)) {
    throw new Fault('NoSuchEntityException', `Scope ARN: ${arn} does not exist or is not attachable.`);
  }
}

export function boundaryMember(arn: string | undefined): { PermissionsBoundary?: AttachedPermissionsBoundary } {
  return arn === undefined
    ? {}
    : { PermissionsBoundary: { PermissionsBoundaryType: 'PermissionsBoundaryPolicy', PermissionsBoundaryArn: arn } };
}
