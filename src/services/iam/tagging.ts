import type {
  ListOpenIDConnectProviderTagsRequest,
  ListPolicyTagsRequest,
  ListRoleTagsRequest,
  ListSAMLProviderTagsRequest,
  ListUserTagsRequest,
  Tag,
  TagOpenIDConnectProviderRequest,
  TagPolicyRequest,
  TagRoleRequest,
  TagSAMLProviderRequest,
  TagUserRequest,
  UntagOpenIDConnectProviderRequest,
  UntagPolicyRequest,
  UntagRoleRequest,
  UntagSAMLProviderRequest,
  UntagUserRequest,
} from '@aws-sdk/client-iam';
import type { Directory } from '../../identity/directory.ts';
import { put } from '../../identity/directory-records.ts';
import type { Caller } from '../../identity/principal.ts';
import type { RecordChange } from '../../kernel/record-store.ts';
import { overlayTags, type TagSet } from '../../kernel/tags.ts';
import type { AccessNeed, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext } from '../../policy/context.ts';
import { type Context, holderNeed, ROLE, requireHolder, USER } from './holder.ts';
import type { IamParts } from './iam-parts.ts';
import { policyNeed, requireOwnPolicy, requirePolicy } from './managed-policies.ts';
import { providerNeed, requireProvider } from './oidc-providers.ts';
import { pageOf } from './page.ts';
import { requireQuota } from './quota.ts';
import { requireSamlProvider, samlProviderNeed } from './saml-providers.ts';
import { readTags, tagList, withoutTags } from './tags.ts';

export function taggingOperations({ directory }: IamParts): OperationTable {
  const user = userTags(directory);
  const role = roleTags(directory);
  const policy = policyTags(directory);
  const oidcProvider = oidcProviderTags(directory);
  const samlProvider = samlProviderTags(directory);
  return {
    TagUser: tag<TagUserRequest>(directory, user),
    UntagUser: untag<UntagUserRequest>(directory, user),
    ListUserTags: listTags<ListUserTagsRequest>(user),
    TagRole: tag<TagRoleRequest>(directory, role),
    UntagRole: untag<UntagRoleRequest>(directory, role),
    ListRoleTags: listTags<ListRoleTagsRequest>(role),
    TagPolicy: tag<TagPolicyRequest>(directory, policy),
    UntagPolicy: untag<UntagPolicyRequest>(directory, policy),
    ListPolicyTags: listTags<ListPolicyTagsRequest>(policy),
    TagOpenIDConnectProvider: tag<TagOpenIDConnectProviderRequest>(directory, oidcProvider),
    UntagOpenIDConnectProvider: untag<UntagOpenIDConnectProviderRequest>(directory, oidcProvider),
    ListOpenIDConnectProviderTags: listTags<ListOpenIDConnectProviderTagsRequest>(oidcProvider),
    TagSAMLProvider: tag<TagSAMLProviderRequest>(directory, samlProvider),
    UntagSAMLProvider: untag<UntagSAMLProviderRequest>(directory, samlProvider),
    ListSAMLProviderTags: listTags<ListSAMLProviderTagsRequest>(samlProvider),
  };
}

/** A kind of thing that has tags; `Named` is the member of its inputs that names it. */
interface Tagged<Named> {
  readonly label: 'User' | 'Role' | 'Policy' | 'OpenIDConnectProvider' | 'SAMLProvider';
  need(action: string, caller: Caller, input: Named, context?: Context): AccessNeed;
  /** The tags it has, and the change that gives it others. Throws NoSuchEntityException. */
  read(caller: Caller, input: Named, action: string): { tags: TagSet; change: (tags: TagSet) => RecordChange };
  add(tags: TagSet, added: TagSet): TagSet;
  remove(tags: TagSet, keys: readonly string[]): TagSet;
}

function userTags(directory: Directory): Tagged<{ UserName: string | undefined }> {
  return {
    label: 'User',
    need: (action, { accountId }, { UserName }, context) =>
      holderNeed(USER, directory, action, accountId, UserName!, context),
    read: ({ accountId }, { UserName }) => {
      const user = requireHolder(USER, directory, accountId, UserName!);
      return { tags: user.tags, change: (tags) => put('user', { ...user, tags }) };
    },
    add: overlayTags,
    remove: withoutTags,
  };
}

function roleTags(directory: Directory): Tagged<{ RoleName: string | undefined }> {
  return {
    label: 'Role',
    need: (action, { accountId }, { RoleName }, context) =>
      holderNeed(ROLE, directory, action, accountId, RoleName!, context),
    read: ({ accountId }, { RoleName }) => {
      const role = requireHolder(ROLE, directory, accountId, RoleName!);
      return { tags: role.tags, change: (tags) => put('role', { ...role, tags }) };
    },
    add: overlayTags,
    remove: withoutTags,
  };
}

function policyTags(directory: Directory): Tagged<{ PolicyArn: string | undefined }> {
  return {
    label: 'Policy',
    need: (action, _caller, { PolicyArn }, context) => policyNeed(directory, action, PolicyArn!, context),
    read: (caller, { PolicyArn }, action) => {
      const isRead = action === 'ListPolicyTags';
      const policy = isRead
        ? requirePolicy(directory, caller, PolicyArn!)
        : requireOwnPolicy(directory, caller, action, PolicyArn!);
      return { tags: policy.tags, change: (tags) => put('policy', { ...policy, tags }) };
    },
    ...BY_EXACT_KEY,
  };
}

function oidcProviderTags(directory: Directory): Tagged<{ OpenIDConnectProviderArn: string | undefined }> {
  return {
    label: 'OpenIDConnectProvider',
    need: (action, _caller, { OpenIDConnectProviderArn: arn }, context) =>
      providerNeed(directory, action, arn!, context),
    read: (caller, { OpenIDConnectProviderArn: arn }) => {
      const provider = requireProvider(directory, caller, arn!);
      return { tags: provider.tags, change: (tags) => put('oidc-provider', { ...provider, tags }) };
    },
    ...BY_EXACT_KEY,
  };
}

function samlProviderTags(directory: Directory): Tagged<{ SAMLProviderArn: string | undefined }> {
  return {
    label: 'SAMLProvider',
    need: (action, _caller, { SAMLProviderArn }, context) =>
      samlProviderNeed(directory, action, SAMLProviderArn!, context),
    read: ({ accountId }, { SAMLProviderArn }) => {
      const provider = requireSamlProvider(directory, accountId, SAMLProviderArn!);
      return { tags: provider.tags, change: (tags) => put('saml-provider', { ...provider, tags }) };
    },
    ...BY_EXACT_KEY,
  };
}

/** Keys of everything but users and roles are told apart by letter case. */
const BY_EXACT_KEY: Pick<Tagged<unknown>, 'add' | 'remove'> = {
  add: (tags, added) => new Map([...tags, ...added]),
  remove: (tags, keys) => new Map([...tags].filter(([key]) => !keys.includes(key))),
};

function tag<Input extends { readonly Tags: Tag[] | undefined }>(
  directory: Directory,
  tagged: Tagged<Input>,
): OperationHandler<Input, Record<never, never>> {
  const action = `Tag${tagged.label}`;
  return {
    access: ({ caller, input }) => [tagged.need(action, caller, input, requestTagContext(readTags(input.Tags)))],
    run: async ({ caller, input }) => {
      const { tags, change } = tagged.read(caller, input, action);
      const added = tagged.add(tags, readTags(input.Tags));
      requireQuota(`TagsPer${tagged.label}`, added.size);
      await directory.write([change(added)]);
      return {};
    },
  };
}

function untag<Input extends { readonly TagKeys: string[] | undefined }>(
  directory: Directory,
  tagged: Tagged<Input>,
): OperationHandler<Input, Record<never, never>> {
  const action = `Untag${tagged.label}`;
  return {
    access: ({ caller, input }) => {
      const keys = input.TagKeys!;
      const context: Context = keys.length > 0 ? new Map([['aws:TagKeys', keys]]) : new Map();
      return [tagged.need(action, caller, input, context)];
    },
    run: async ({ caller, input }) => {
      const { tags, change } = tagged.read(caller, input, action);
      await directory.write([change(tagged.remove(tags, input.TagKeys!))]);
      return {};
    },
  };
}

function listTags<Input extends { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined }>(
  tagged: Tagged<Input>,
): OperationHandler<Input, { Tags: Tag[]; IsTruncated: boolean; Marker?: string }> {
  const action = `List${tagged.label}Tags`;
  return {
    access: ({ caller, input }) => [tagged.need(action, caller, input)],
    run: ({ caller, input }) => {
      const { items, rest } = pageOf(tagged.read(caller, input, action).tags, ([key]) => key, input);
      return { Tags: tagList(new Map(items)), ...rest };
    },
  };
}
