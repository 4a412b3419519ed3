import type { ScimDirectory, ScimGroup, ScimUser } from '../allocation/scim-directory.ts';
import { Fault } from '../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import { type Attributes, attributesOf } from './scim/attributes.ts';
import { memberIds, patchedAttributes, patchedMembers } from './scim/patch.ts';
import { SCIM_SCHEMAS, wireGroup, wireUser } from './scim/resource.ts';

export interface ScimParts {
  readonly scim: ScimDirectory;
  readonly managementAccountId: string;
  readonly newId: () => string;
}

interface ListInput {
  readonly filter?: string;
  readonly startIndex?: number;
  readonly count?: number;
  readonly excludedAttributes?: string;
}

interface IdInput {
  readonly id: string;
  readonly excludedAttributes?: string;
}

interface BodyInput {
  readonly body: Readonly<Record<string, unknown>>;
}

type ChangeInput = IdInput & BodyInput;

const PAGE_MAX = 200;
/** The one form of filter that identity providers send. */
const FILTER = /^\s*([A-Za-z]+)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*$/i;

/**
 * SCIM 2.0 inbound (RFC 7643, 7644), as far as identity providers use it: people and groups that are pushed become dated entries of
 * structures. Whoever presents the key needs `tallyline:ProvisionMembers` in the management account.
 */
export function scimOperations({ scim, managementAccountId, newId }: ScimParts): OperationTable {
  const row = <Input>(run: OperationHandler<Input, unknown>['run']): OperationHandler<Input, unknown> => ({
    access: () => [{ action: 'tallyline:ProvisionMembers', resource: '*' }],
    run: (call) => {
      if (call.caller.accountId === managementAccountId) return run(call);
      throw new Fault('AccessDeniedException', 'only the management account provisions members');
    },
  });
  const isBare = ({ excludedAttributes = '' }: { readonly excludedAttributes?: string }) =>
    excludedAttributes.split(',').includes('members');
  return {
    GetServiceProviderConfig: row(() => answer(PROVIDER)),
    ListUsers: row<ListInput>(({ input }) => answer(page(scim.users(), input, USER_FILTERS, wireUser))),
    GetUser: row<IdInput>(({ input }) => answer(wireUser(scim.user(input.id)))),
    CreateUser: row<BodyInput>(async ({ input, nowMs }) => {
      const id = newId();
      const attributes = attributesOf(input.body);
      return answer(wireUser(await scim.putUser(id, () => userOf(id, attributes, undefined, nowMs))));
    }),
    ReplaceUser: row<ChangeInput>(async ({ input: { id, body }, nowMs }) => {
      scim.user(id);
      const user = await scim.putUser(id, (before) => {
        const kept = before && { createdAtMs: before.createdAtMs };
        return { ...userOf(id, attributesOf(body), undefined, nowMs), ...kept };
      });
      return answer(wireUser(user));
    }),
    PatchUser: row<ChangeInput>(async ({ input: { id, body }, nowMs }) => {
      scim.user(id);
      const attributes = patchedAttributes(body);
      return answer(wireUser(await scim.putUser(id, (before) => userOf(id, attributes, before, nowMs))));
    }),
    DeleteUser: row<IdInput>(async ({ input }) => {
      await scim.deleteUser(input.id);
      return {};
    }),
    ListGroups: row<ListInput>(({ input }) => {
      return answer(page(scim.groups(), input, GROUP_FILTERS, (group) => wireGroup(group, isBare(input))));
    }),
    GetGroup: row<IdInput>(({ input }) => answer(wireGroup(scim.group(input.id), isBare(input)))),
    CreateGroup: row<BodyInput>(async ({ input: { body }, nowMs }) => {
      const id = newId();
      const members = memberIds(body.members);
      const group = await scim.putGroup(id, () => groupOf(id, attributesOf(body), members, undefined, nowMs));
      return answer(wireGroup(group, false));
    }),
    ReplaceGroup: row<ChangeInput>(async ({ input: { id, body }, nowMs }) => {
      scim.group(id);
      const members = memberIds(body.members);
      const group = await scim.putGroup(id, (before) => groupOf(id, attributesOf(body), members, before, nowMs));
      return answer(wireGroup(group, false));
    }),
    PatchGroup: row<ChangeInput>(async ({ input: { id, body }, nowMs }) => {
      scim.group(id);
      const attributes = patchedAttributes(body);
      const group = await scim.putGroup(id, (before) => {
        return groupOf(id, attributes, patchedMembers(body, before?.members ?? []), before, nowMs);
      });
      return answer(wireGroup(group, false));
    }),
    DeleteGroup: row<IdInput>(async ({ input }) => {
      await scim.deleteGroup(input.id);
      return {};
    }),
  };
}

const PROVIDER = {
  schemas: [SCIM_SCHEMAS.provider],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: PAGE_MAX },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    { type: 'oauthbearertoken', name: 'Bearer token', description: 'A gateway key with the scope `scim`.' },
  ],
};

type Filters<Item> = Readonly<Record<string, (item: Item, value: string) => boolean>>;

const isSame = (one: string | undefined, other: string) => one?.toLowerCase() === other.toLowerCase();

const USER_FILTERS: Filters<ScimUser> = {
  username: ({ userName }, value) => isSame(userName, value),
  externalid: ({ externalId }, value) => externalId === value,
  id: ({ id }, value) => id === value,
};
const GROUP_FILTERS: Filters<ScimGroup> = {
  displayname: ({ displayName }, value) => isSame(displayName, value),
  externalid: ({ externalId }, value) => externalId === value,
  id: ({ id }, value) => id === value,
};

function page<Item>(
  all: readonly Item[],
  { filter, startIndex = 1, count = PAGE_MAX }: ListInput,
  filters: Filters<Item>,
  write: (item: Item) => object,
): object {
  const found = filter === undefined ? all : all.filter(testOf(filter, filters));
  const first = Math.max(1, startIndex);
  const items = found.slice(first - 1, first - 1 + Math.min(count, PAGE_MAX));
  return {
    schemas: [SCIM_SCHEMAS.list],
    ...{ totalResults: found.length, startIndex: first, itemsPerPage: items.length },
    Resources: items.map(write),
  };
}

function testOf<Item>(filter: string, filters: Filters<Item>): (item: Item) => boolean {
  const [, name = '', quoted = ''] = FILTER.exec(filter) ?? [];
  const test = Object.hasOwn(filters, name.toLowerCase()) ? filters[name.toLowerCase()] : undefined;
  if (!test) {
    throw new Fault(
      'ValidationException',
      `the filter \`${filter.slice(0, 128)}\` is not understood; use one of ${Object.keys(filters).join(', ')} with eq and a quoted value`,
    );
  }
  const value = quoted.replaceAll(/\\(.)/g, '$1');
  return (item) => test(item, value);
}

function userOf(id: string, attributes: Attributes, before: ScimUser | undefined, nowMs: number): ScimUser {
  const { userName, externalId, displayName, department, costCenter, active, createdAtMs } = {
    ...before,
    ...attributes,
  };
  if (userName === undefined) throw new Fault('ValidationException', '`userName` must be there');
  return {
    ...{ id, userName, active: active ?? true, createdAtMs: createdAtMs ?? nowMs, updatedAtMs: nowMs },
    ...(externalId != null && { externalId }),
    ...(displayName !== undefined && { displayName }),
    ...(department != null && { department }),
    ...(costCenter != null && { costCenter }),
  };
}

function groupOf(
  id: string,
  attributes: Attributes,
  members: readonly string[],
  before: ScimGroup | undefined,
  nowMs: number,
): ScimGroup {
  const { displayName, externalId, createdAtMs } = { ...before, ...attributes };
  if (displayName === undefined) throw new Fault('ValidationException', '`displayName` must be there');
  return {
    ...{ id, displayName, members, createdAtMs: createdAtMs ?? nowMs, updatedAtMs: nowMs },
    ...(externalId != null && { externalId }),
  };
}

function answer(body: object): { readonly body: object; readonly contentType: string } {
  return { body, contentType: 'application/scim+json' };
}
