import type {
  CreateSAMLProviderRequest,
  CreateSAMLProviderResponse,
  DeleteSAMLProviderRequest,
  GetSAMLProviderRequest,
  GetSAMLProviderResponse,
  ListSAMLProvidersResponse,
  UpdateSAMLProviderRequest,
  UpdateSAMLProviderResponse,
} from '@aws-sdk/client-iam';
import type { Directory } from '../../identity/directory.ts';
import { drop, put } from '../../identity/directory-records.ts';
import { newProviderUuid } from '../../identity/identifier.ts';
import { readSamlMetadata } from '../../identity/saml-metadata.ts';
import { type SamlProvider, samlProviderArn } from '../../identity/saml-provider.ts';
import { SamlRefused } from '../../identity/saml-verifier.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext, resourceTagContext } from '../../policy/context.ts';
import type { Context } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { nameKey } from './page.ts';
import { requireQuota } from './quota.ts';
import { readTags, tagsMember } from './tags.ts';

export function samlProviderOperations(parts: IamParts): OperationTable {
  return {
    CreateSAMLProvider: createSamlProvider(parts),
    GetSAMLProvider: getSamlProvider(parts),
    UpdateSAMLProvider: updateSamlProvider(parts),
    ListSAMLProviders: listSamlProviders(parts),
    DeleteSAMLProvider: deleteSamlProvider(parts),
  };
}

/** What IAM shows for metadata that holds for good: a hundred years from its upload. */
const UNLIMITED_YEARS = 100;

function createSamlProvider(parts: IamParts): OperationHandler<CreateSAMLProviderRequest, CreateSAMLProviderResponse> {
  const { directory, random } = parts;
  return {
    access: ({ caller: { accountId }, input }) => [
      {
        action: 'iam:CreateSAMLProvider',
        resource: samlProviderArn({ accountId, name: input.Name! }),
        context: requestTagContext(readTags(input.Tags)),
      },
    ],
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const tags = readTags(input.Tags);
      refuseEncryption(input);
      const metadata = readMetadata(parts, input.SAMLMetadataDocument!, nowMs);
      const others = [...directory.samlProviders(accountId)];
      if (others.some((other) => nameKey(other) === nameKey({ name: input.Name! }))) {
        throw new Fault('EntityAlreadyExistsException', `Provider with name ${input.Name} already exists.`);
      }
      requireQuota('TagsPerSAMLProvider', tags.size);
      requireQuota('SAMLProvidersPerAccount', others.length + 1);
      const provider: SamlProvider = {
        version: 0,
        accountId,
        name: input.Name!,
        uuid: newProviderUuid(random),
        createdAtMs: nowMs,
        tags,
        ...metadata,
      };
      await directory.write([put('saml-provider', provider)]);
      return { SAMLProviderArn: samlProviderArn(provider), ...tagsMember(tags) };
    },
  };
}

function getSamlProvider({ directory }: IamParts): OperationHandler<GetSAMLProviderRequest, GetSAMLProviderResponse> {
  return {
    access: ({ input }) => [samlProviderNeed(directory, 'GetSAMLProvider', input.SAMLProviderArn!)],
    run: ({ caller, input }) => {
      const provider = requireSamlProvider(directory, caller.accountId, input.SAMLProviderArn!);
      return {
        SAMLProviderUUID: provider.uuid,
        SAMLMetadataDocument: provider.metadata,
        CreateDate: new Date(provider.createdAtMs),
        ValidUntil: new Date(provider.validUntilMs),
        ...tagsMember(provider.tags),
      };
    },
  };
}

/** Certificates roll over with a metadata document that has the old one and the new one. */
function updateSamlProvider(parts: IamParts): OperationHandler<UpdateSAMLProviderRequest, UpdateSAMLProviderResponse> {
  const { directory } = parts;
  return {
    access: ({ input }) => [samlProviderNeed(directory, 'UpdateSAMLProvider', input.SAMLProviderArn!)],
    run: async ({ caller, input, nowMs }) => {
      const provider = requireSamlProvider(directory, caller.accountId, input.SAMLProviderArn!);
      refuseEncryption(input);
      if (input.SAMLMetadataDocument === undefined) {
        throw invalid(
          'Unable to update identity provider. No updates are defined for metadata or encryption assertion.',
        );
      }
      const metadata = readMetadata(parts, input.SAMLMetadataDocument, nowMs);
      await directory.write([put('saml-provider', { ...provider, ...metadata })]);
      return { SAMLProviderArn: samlProviderArn(provider) };
    },
  };
}

function listSamlProviders({ directory }: IamParts): OperationHandler<object, ListSAMLProvidersResponse> {
  return {
    access: () => [{ action: 'iam:ListSAMLProviders', resource: '*' }],
    run: ({ caller }) => ({
      SAMLProviderList: [...directory.samlProviders(caller.accountId)]
        .sort((a, b) => (nameKey(a) < nameKey(b) ? -1 : 1))
        .map((provider) => ({
          Arn: samlProviderArn(provider),
          ValidUntil: new Date(provider.validUntilMs),
          CreateDate: new Date(provider.createdAtMs),
        })),
    }),
  };
}

/** Roles that trust it may stay: nobody can assume them through it any more. */
function deleteSamlProvider({
  directory,
}: IamParts): OperationHandler<DeleteSAMLProviderRequest, Record<never, never>> {
  return {
    access: ({ input }) => [samlProviderNeed(directory, 'DeleteSAMLProvider', input.SAMLProviderArn!)],
    run: async ({ caller, input }) => {
      const provider = requireSamlProvider(directory, caller.accountId, input.SAMLProviderArn!);
      await directory.write([drop('saml-provider', provider)]);
      return {};
    },
  };
}

/** The permission to act on a provider, with its tags as condition keys. */
export function samlProviderNeed(
  directory: Directory,
  action: string,
  arn: string,
  context: Context = new Map(),
): AccessNeed {
  const provider = directory.samlProvider(arn);
  const tags = provider ? resourceTagContext(provider.tags, 'iam') : [];
  return { action: `iam:${action}`, resource: arn, context: new Map([...tags, ...context]) };
}

/** Throws NoSuchEntityException, also for providers of other accounts. */
export function requireSamlProvider(directory: Directory, accountId: string, arn: string): SamlProvider {
  const provider = directory.samlProvider(arn);
  if (provider?.accountId !== accountId) {
    throw new Fault('NoSuchEntityException', `Manifest not found for arn ${arn}`);
  }
  return provider;
}

/** Throws InvalidInputException; AWS's sentence is `Could not parse metadata`, the reason is ours. */
function readMetadata(
  { saml }: IamParts,
  document: string,
  nowMs: number,
): Pick<SamlProvider, 'metadata' | 'entityId' | 'certificates' | 'validUntilMs'> {
  try {
    const { entityId, certificates, validUntilMs } = readSamlMetadata(saml.readMetadata(document));
    if (validUntilMs !== undefined && validUntilMs <= nowMs) {
      throw new SamlRefused('form', `it was valid until ${new Date(validUntilMs).toISOString()}`);
    }
    return {
      metadata: document,
      entityId,
      certificates,
      validUntilMs: validUntilMs ?? new Date(nowMs).setUTCFullYear(new Date(nowMs).getUTCFullYear() + UNLIMITED_YEARS),
    };
  } catch (error) {
    if (error instanceof SamlRefused) throw invalid(`Could not parse metadata: ${error.message}`);
    throw error;
  }
}

/** An assertion that is encrypted is refused, so no key for it is taken either. */
function refuseEncryption(input: Omit<UpdateSAMLProviderRequest, 'SAMLProviderArn'>): void {
  const { AssertionEncryptionMode, AddPrivateKey, RemovePrivateKey } = input;
  if (AssertionEncryptionMode === undefined && AddPrivateKey === undefined && RemovePrivateKey === undefined) return;
  throw invalid('Encrypted assertions are not supported: leave AssertionEncryptionMode and the private keys out.');
}

function invalid(message: string): Fault {
  return new Fault('InvalidInputException', message);
}
