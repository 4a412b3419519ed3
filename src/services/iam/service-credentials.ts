import type {
  CreateServiceSpecificCredentialRequest,
  CreateServiceSpecificCredentialResponse,
  DeleteServiceSpecificCredentialRequest,
  ListServiceSpecificCredentialsRequest,
  ListServiceSpecificCredentialsResponse,
  ResetServiceSpecificCredentialRequest,
  ResetServiceSpecificCredentialResponse,
  ServiceSpecificCredentialMetadata,
  UpdateServiceSpecificCredentialRequest,
} from '@aws-sdk/client-iam';
import type { Directory } from '../../identity/directory.ts';
import { drop, put } from '../../identity/directory-records.ts';
import { newServiceCredentialId, newServiceCredentialSecret } from '../../identity/identifier.ts';
import type { Caller } from '../../identity/principal.ts';
import { type ServiceCredential, secretHashOf } from '../../identity/service-credential.ts';
import type { User } from '../../identity/user.ts';
import { userArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import { DAY_MS } from '../../kernel/time.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { writeLongTermKey } from '../../wire/bearer.ts';
import { holderNeed, requireHolder, USER } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { pageOf } from './page.ts';
import { requireQuota } from './quota.ts';
import { ownUserName } from './users.ts';

/** Service-specific credentials. The one service that takes them here is Bedrock, which calls them API keys. */
export function serviceCredentialOperations(parts: IamParts): OperationTable {
  return {
    CreateServiceSpecificCredential: createServiceSpecificCredential(parts),
    ListServiceSpecificCredentials: listServiceSpecificCredentials(parts),
    UpdateServiceSpecificCredential: updateServiceSpecificCredential(parts),
    ResetServiceSpecificCredential: resetServiceSpecificCredential(parts),
    DeleteServiceSpecificCredential: deleteServiceSpecificCredential(parts),
  };
}

const BEDROCK = 'bedrock.amazonaws.com';

function createServiceSpecificCredential({
  directory,
  random,
}: IamParts): OperationHandler<CreateServiceSpecificCredentialRequest, CreateServiceSpecificCredentialResponse> {
  return {
    access: ({ caller, input }) => {
      const context = new Map([['iam:ServiceSpecificCredentialServiceName', [input.ServiceName!.toLowerCase()]]]);
      if (input.CredentialAgeDays !== undefined) {
        context.set('iam:ServiceSpecificCredentialAgeDays', [String(input.CredentialAgeDays)]);
      }
      const action = 'CreateServiceSpecificCredential';
      return [holderNeed(USER, directory, action, caller.accountId, input.UserName!, context)];
    },
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const serviceName = requireService(input.ServiceName!);
      const user = requireHolder(USER, directory, accountId, input.UserName!);
      requireQuota('ServiceSpecificCredentialsPerUser', directory.serviceCredentialsOf(user.id).length + 1);
      const secret = newServiceCredentialSecret(random);
      const credential: ServiceCredential = {
        version: 0,
        id: newServiceCredentialId(random),
        accountId,
        userId: user.id,
        serviceName,
        alias: freeAlias(directory, user),
        secretHash: secretHashOf(secret),
        status: 'Active',
        createdAtMs: nowMs,
        ...(input.CredentialAgeDays !== undefined && { expiresAtMs: nowMs + input.CredentialAgeDays * DAY_MS }),
      };
      // The user is written along, unchanged: two at a time would miss each other's alias and the quota.
      await directory.write([put('service-credential', credential), put('user', user)]);
      return { ServiceSpecificCredential: shownOnce(credential, user, secret, nowMs) };
    },
  };
}

function listServiceSpecificCredentials({
  directory,
}: IamParts): OperationHandler<ListServiceSpecificCredentialsRequest, ListServiceSpecificCredentialsResponse> {
  return {
    access: ({ caller, input }) => {
      const action = 'ListServiceSpecificCredentials';
      if (input.AllUsers) return [{ action: `iam:${action}`, resource: userArn(caller.accountId, '/', '*') }];
      return [userNeed(directory, action, caller, input)];
    },
    run: ({ caller, input, nowMs }) => {
      if (input.ServiceName !== undefined) requireService(input.ServiceName);
      // Its words are not known; the rule is (IAM API Reference, ListServiceSpecificCredentials, AllUsers).
      if (input.AllUsers && input.UserName !== undefined) {
        throw new Fault('ValidationException', 'UserName cannot be specified together with AllUsers');
      }
      const users = input.AllUsers ? directory.users(caller.accountId) : [ownerOf(directory, caller, input)];
      const owned = [...users].flatMap((user) =>
        directory.serviceCredentialsOf(user.id).map((credential) => ({ credential, user })),
      );
      const { items, rest } = pageOf(owned, ({ credential }) => credential.id, input);
      return {
        ServiceSpecificCredentials: items.map(({ credential, user }) => metadataOf(credential, user, nowMs)),
        ...rest,
      };
    },
  };
}

function updateServiceSpecificCredential({
  directory,
}: IamParts): OperationHandler<UpdateServiceSpecificCredentialRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [userNeed(directory, 'UpdateServiceSpecificCredential', caller, input)],
    run: async ({ caller, input }) => {
      const { credential } = requireCredential(directory, caller, input);
      const status = input.Status!;
      // It is only ever shown, never set (IAM API Reference); the words are those of other enumerations.
      if (status === 'Expired') {
        throw new Fault(
          'ValidationException',
          "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]",
        );
      }
      await directory.write([put('service-credential', { ...credential, status })]);
      return {};
    },
  };
}

function resetServiceSpecificCredential({
  directory,
  random,
}: IamParts): OperationHandler<ResetServiceSpecificCredentialRequest, ResetServiceSpecificCredentialResponse> {
  return {
    access: ({ caller, input }) => [userNeed(directory, 'ResetServiceSpecificCredential', caller, input)],
    run: async ({ caller, input, nowMs }) => {
      const { credential, user } = requireCredential(directory, caller, input);
      const secret = newServiceCredentialSecret(random);
      await directory.write([put('service-credential', { ...credential, secretHash: secretHashOf(secret) })]);
      return { ServiceSpecificCredential: shownOnce(credential, user, secret, nowMs) };
    },
  };
}

function deleteServiceSpecificCredential({
  directory,
}: IamParts): OperationHandler<DeleteServiceSpecificCredentialRequest, Record<never, never>> {
  return {
    access: ({ caller, input }) => [userNeed(directory, 'DeleteServiceSpecificCredential', caller, input)],
    run: async ({ caller, input }) => {
      const { credential } = requireCredential(directory, caller, input);
      await directory.write([drop('service-credential', credential)]);
      return {};
    },
  };
}

interface OwnerInput {
  readonly UserName?: string | undefined;
}

function userNeed(directory: Directory, action: string, caller: Caller, input: OwnerInput): AccessNeed {
  return holderNeed(USER, directory, action, caller.accountId, ownUserName(caller, input.UserName));
}

function ownerOf(directory: Directory, caller: Caller, input: OwnerInput): User {
  return requireHolder(USER, directory, caller.accountId, ownUserName(caller, input.UserName));
}

function requireCredential(
  directory: Directory,
  caller: Caller,
  input: OwnerInput & { readonly ServiceSpecificCredentialId: string | undefined },
): { readonly credential: ServiceCredential; readonly user: User } {
  const user = ownerOf(directory, caller, input);
  const id = input.ServiceSpecificCredentialId!;
  const credential = directory.serviceCredential(id);
  // As recorded from AWS, but for where the id stands in it.
  if (credential?.userId !== user.id) throw new Fault('NoSuchEntityException', `No such credential ${id} exists`);
  return { credential, user };
}

/** The name as AWS spells it; callers may write it in any letter case. Words as recorded from AWS. */
function requireService(name: string): typeof BEDROCK {
  if (name.toLowerCase() === BEDROCK) return BEDROCK;
  throw new Fault('NoSuchEntityException', `No such service ${name} is supported for Service Specific Credentials`);
}

/**
 * `ana-at-123456789012`, the next one `ana+1-at-123456789012`: as keys of Bedrock's console are seen. A name that passed
 * from one user to another may still be in the aliases of the first.
 */
function freeAlias(directory: Directory, { name, accountId }: User): string {
  for (let number = 0; ; number++) {
    const alias = `${name}${number === 0 ? '' : `+${number}`}-at-${accountId}`;
    if (!directory.serviceCredentialByAlias(alias)) return alias;
  }
}

function metadataOf(
  credential: ServiceCredential,
  user: User,
  nowMs: number,
): ServiceSpecificCredentialMetadata & { readonly ServiceCredentialAlias: string } {
  const { id, serviceName, alias, status, createdAtMs, expiresAtMs } = credential;
  const isExpired = expiresAtMs !== undefined && nowMs >= expiresAtMs;
  return {
    UserName: user.name,
    Status: isExpired ? 'Expired' : status,
    ServiceCredentialAlias: alias,
    CreateDate: new Date(createdAtMs),
    ...(expiresAtMs !== undefined && { ExpirationDate: new Date(expiresAtMs) }),
    ServiceSpecificCredentialId: id,
    ServiceName: serviceName,
  };
}

/** With the whole key: what AWS calls the credential's secret is the text that clients send. */
function shownOnce(credential: ServiceCredential, user: User, secret: string, nowMs: number) {
  return {
    ...metadataOf(credential, user, nowMs),
    ServiceCredentialSecret: writeLongTermKey(credential.alias, secret),
  };
}
