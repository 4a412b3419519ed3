import type {
  AddClientIDToOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse,
  DeleteOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderResponse,
  ListOpenIDConnectProvidersResponse,
  RemoveClientIDFromOpenIDConnectProviderRequest,
  UpdateOpenIDConnectProviderThumbprintRequest,
} from '@aws-sdk/client-iam';
import type { Directory } from '../../identity/directory.ts';
import { drop, put } from '../../identity/directory-records.ts';
import { issuerOf, type OidcProvider, oidcProviderArn } from '../../identity/oidc-provider.ts';
import type { Caller } from '../../identity/principal.ts';
import { parseArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext, resourceTagContext } from '../../policy/context.ts';
import type { Context } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { readProviderUrl } from './oidc-provider-url.ts';
import { requireQuota } from './quota.ts';
import { readTags, tagsMember } from './tags.ts';

export function oidcProviderOperations({ directory }: IamParts): OperationTable {
  return {
    CreateOpenIDConnectProvider: createProvider(directory),
    GetOpenIDConnectProvider: getProvider(directory),
    ListOpenIDConnectProviders: listProviders(directory),
    DeleteOpenIDConnectProvider: deleteProvider(directory),
    AddClientIDToOpenIDConnectProvider: addClientId(directory),
    RemoveClientIDFromOpenIDConnectProvider: removeClientId(directory),
    UpdateOpenIDConnectProviderThumbprint: updateThumbprint(directory),
  };
}

const MAX_THUMBPRINTS = 5;

/** Nothing is asked of the provider itself: AWS would fetch a thumbprint that is missing, and not use it. */
function createProvider(
  directory: Directory,
): OperationHandler<CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse> {
  return {
    access: ({ caller: { accountId }, input }) => [
      {
        action: 'iam:CreateOpenIDConnectProvider',
        resource: oidcProviderArn({ accountId, url: readProviderUrl(input.Url!) }),
        context: requestTagContext(readTags(input.Tags)),
      },
    ],
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const tags = readTags(input.Tags);
      const provider: OidcProvider = {
        version: 0,
        accountId,
        url: readProviderUrl(input.Url!),
        clientIds: readClientIds(input.ClientIDList ?? []),
        thumbprints: readThumbprints(input.ThumbprintList ?? []),
        createdAtMs: nowMs,
        tags,
      };
      const arn = oidcProviderArn(provider);
      if (directory.oidcProvider(arn)) {
        const message = `Provider with url ${issuerOf(provider)} already exists.`;
        throw new Fault('EntityAlreadyExistsException', message);
      }
      requireQuota('TagsPerOpenIDConnectProvider', tags.size);
      requireQuota('OpenIdConnectProvidersPerAccount', [...directory.oidcProviders(accountId)].length + 1);
      await directory.write([put('oidc-provider', provider)]);
      return { OpenIDConnectProviderArn: arn, ...tagsMember(tags) };
    },
  };
}

function getProvider(
  directory: Directory,
): OperationHandler<GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse> {
  return {
    access: ({ input }) => [providerNeed(directory, 'GetOpenIDConnectProvider', input.OpenIDConnectProviderArn!)],
    run: ({ caller, input }) => {
      const provider = requireProvider(directory, caller, input.OpenIDConnectProviderArn!);
      return {
        Url: provider.url,
        ClientIDList: [...provider.clientIds],
        ThumbprintList: [...provider.thumbprints],
        CreateDate: new Date(provider.createdAtMs),
        ...tagsMember(provider.tags),
      };
    },
  };
}

function listProviders(directory: Directory): OperationHandler<object, ListOpenIDConnectProvidersResponse> {
  return {
    access: ({ caller: { accountId } }) => [
      { action: 'iam:ListOpenIDConnectProviders', resource: oidcProviderArn({ accountId, url: '*' }) },
    ],
    run: ({ caller: { accountId } }) => ({
      OpenIDConnectProviderList: [...directory.oidcProviders(accountId)]
        .map(oidcProviderArn)
        .sort()
        .map((Arn) => ({ Arn })),
    }),
  };
}

/** Does not fail for a provider that is gone already. Roles that trust it stay as they are. */
function deleteProvider(
  directory: Directory,
): OperationHandler<DeleteOpenIDConnectProviderRequest, Record<never, never>> {
  return {
    access: ({ input }) => [providerNeed(directory, 'DeleteOpenIDConnectProvider', input.OpenIDConnectProviderArn!)],
    run: async ({ caller, input }) => {
      const provider = findProvider(directory, caller, input.OpenIDConnectProviderArn!);
      if (provider) await directory.write([drop('oidc-provider', provider)]);
      return {};
    },
  };
}

function addClientId(
  directory: Directory,
): OperationHandler<AddClientIDToOpenIDConnectProviderRequest, Record<never, never>> {
  return change(directory, 'AddClientIDToOpenIDConnectProvider', (provider, { ClientID }) => ({
    ...provider,
    clientIds: readClientIds([...provider.clientIds, ClientID!]),
  }));
}

/** Does not fail for one that is not there. */
function removeClientId(
  directory: Directory,
): OperationHandler<RemoveClientIDFromOpenIDConnectProviderRequest, Record<never, never>> {
  return change(directory, 'RemoveClientIDFromOpenIDConnectProvider', (provider, { ClientID }) => ({
    ...provider,
    clientIds: provider.clientIds.filter((id) => id !== ClientID),
  }));
}

function updateThumbprint(
  directory: Directory,
): OperationHandler<UpdateOpenIDConnectProviderThumbprintRequest, Record<never, never>> {
  return change(directory, 'UpdateOpenIDConnectProviderThumbprint', (provider, { ThumbprintList }) => ({
    ...provider,
    thumbprints: readThumbprints(ThumbprintList!),
  }));
}

function change<Input extends { readonly OpenIDConnectProviderArn: string | undefined }>(
  directory: Directory,
  action: string,
  changed: (provider: OidcProvider, input: Input) => OidcProvider,
): OperationHandler<Input, Record<never, never>> {
  return {
    access: ({ input }) => [providerNeed(directory, action, input.OpenIDConnectProviderArn!)],
    run: async ({ caller, input }) => {
      const provider = requireProvider(directory, caller, input.OpenIDConnectProviderArn!);
      await directory.write([put('oidc-provider', changed(provider, input))]);
      return {};
    },
  };
}

/** The permission to act on a provider, with its tags as condition keys. */
export function providerNeed(
  directory: Directory,
  action: string,
  arn: string,
  context: Context = new Map(),
): AccessNeed {
  const provider = directory.oidcProvider(arn);
  const tags = provider ? resourceTagContext(provider.tags, 'iam') : [];
  return { action: `iam:${action}`, resource: arn, context: new Map([...tags, ...context]) };
}

/** A provider of the caller's account. Throws ValidationException or NoSuchEntityException. */
export function requireProvider(directory: Directory, caller: Caller, arn: string): OidcProvider {
  const provider = findProvider(directory, caller, arn);
  if (!provider) throw new Fault('NoSuchEntityException', `OpenIDConnect Provider not found for arn ${arn}`);
  return provider;
}

function findProvider(directory: Directory, { accountId }: Caller, arn: string): OidcProvider | undefined {
  if (!parseArn(arn)) throw new Fault('ValidationException', 'Invalid ARN:  Could not be parsed!');
  const provider = directory.oidcProvider(arn);
  return provider?.accountId === accountId ? provider : undefined;
}

/** Each once. Throws LimitExceededException. */
function readClientIds(ids: readonly string[]): string[] {
  const distinct = [...new Set(ids)];
  requireQuota('ClientIdsPerOpenIdConnectProvider', distinct.length);
  return distinct;
}

/** AWS's text says "fewer than 5", and it takes five. Their length is checked with the request. */
function readThumbprints(thumbprints: readonly string[]): string[] {
  if (thumbprints.length > MAX_THUMBPRINTS) {
    throw new Fault('InvalidInputException', `Thumbprint list must contain fewer than ${MAX_THUMBPRINTS} entries.`);
  }
  return thumbprints.map((thumbprint) => thumbprint.toLowerCase());
}
