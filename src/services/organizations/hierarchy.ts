import type {
  Child,
  ListChildrenRequest,
  ListChildrenResponse,
  ListParentsRequest,
  ListParentsResponse,
} from '@aws-sdk/client-organizations';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requireParent } from './container.ts';
import { managementOperation } from './management-operation.ts';
import type { OrganizationsParts } from './organizations-parts.ts';
import { ageKey, pageOf } from './page.ts';

export function hierarchyOperations(parts: OrganizationsParts): OperationTable {
  return { ListParents: listParents(parts), ListChildren: listChildren(parts) };
}

/** Everything but the root has exactly one. */
function listParents(parts: OrganizationsParts): OperationHandler<ListParentsRequest, ListParentsResponse> {
  const { directory } = parts;
  return managementOperation<ListParentsRequest, ListParentsResponse>(parts, 'ListParents', {
    about: ({ ChildId }) => [ChildId!],
    run: ({ input }, organization) => {
      const account = directory.account(input.ChildId!);
      const unit = directory.organization.unit(input.ChildId!);
      const parentId = account ? directory.organization.parentIdOf(account) : unit?.parentId;
      if (parentId === undefined) {
        throw new Fault('ChildNotFoundException', "You specified a child that doesn't exist.");
      }
      return { Parents: [{ Id: parentId, Type: parentId === organization.rootId ? 'ROOT' : 'ORGANIZATIONAL_UNIT' }] };
    },
  });
}

function listChildren(parts: OrganizationsParts): OperationHandler<ListChildrenRequest, ListChildrenResponse> {
  const { directory } = parts;
  return managementOperation<ListChildrenRequest, ListChildrenResponse>(parts, 'ListChildren', {
    about: ({ ParentId }) => [ParentId!],
    run: ({ input }) => {
      requireParent(directory, input.ParentId!);
      const { organization } = directory;
      const isAccounts = input.ChildType === 'ACCOUNT';
      const children = isAccounts ? organization.accountsOf(input.ParentId!) : organization.unitsOf(input.ParentId!);
      const { items, rest } = pageOf<{ id: string; createdAtMs: number }>(children, ageKey, input);
      return { Children: items.map(({ id }): Child => ({ Id: id, Type: input.ChildType })), ...rest };
    },
  });
}
