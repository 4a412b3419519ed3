import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useEffect } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface Holder {
  readonly Arn: string;
  /** Epoch seconds. */
  readonly CreateDate: number;
  readonly Tags?: readonly Tag[];
  readonly AttachedManagedPolicies?: readonly { readonly PolicyName: string }[];
}

interface AccountDetails {
  readonly UserDetailList?: readonly (Holder & {
    readonly UserName: string;
    readonly GroupList?: readonly string[];
    readonly UserPolicyList?: readonly { readonly PolicyName: string }[];
  })[];
  readonly RoleDetailList?: readonly (Holder & {
    readonly RoleName: string;
    readonly RolePolicyList?: readonly { readonly PolicyName: string }[];
  })[];
  readonly IsTruncated?: boolean;
  readonly Marker?: string;
}

interface Principal extends Holder {
  readonly kind: 'user' | 'role';
  readonly name: string;
  readonly groups: readonly string[];
  readonly policies: readonly string[];
}

function principalsOf({ UserDetailList = [], RoleDetailList = [] }: AccountDetails): Principal[] {
  const attached = ({ AttachedManagedPolicies = [] }: Holder) =>
    AttachedManagedPolicies.map(({ PolicyName }) => PolicyName);
  const inline = (list: readonly { readonly PolicyName: string }[] = []) =>
    list.map(({ PolicyName }) => `${PolicyName} (inline)`);
  return [
    ...UserDetailList.map((user) => ({
      ...user,
      kind: 'user' as const,
      name: user.UserName,
      groups: user.GroupList ?? [],
      policies: [...attached(user), ...inline(user.UserPolicyList)],
    })),
    ...RoleDetailList.map((role) => ({
      ...role,
      kind: 'role' as const,
      name: role.RoleName,
      groups: [],
      policies: [...attached(role), ...inline(role.RolePolicyList)],
    })),
  ];
}

const tagText = ({ Tags = [] }: Holder) => Tags.map(({ Key, Value }) => `${Key}=${Value}`).join(', ');

const COLUMNS: readonly Column<Principal>[] = [
  {
    id: 'name',
    header: 'Name',
    text: ({ name }) => name,
    cell: ({ name, Arn }) => (
      <Link to="/principals/$id" params={{ id: Arn } as never}>
        {name}
      </Link>
    ),
  },
  { id: 'kind', header: 'Kind', text: ({ kind }) => kind },
  {
    id: 'tags',
    header: 'Tags',
    wrap: true,
    text: tagText,
    cell: (principal) =>
      principal.Tags?.length ? (
        principal.Tags.map(({ Key, Value }) => (
          <span className="chip" key={Key}>
            {Key}={Value}
          </span>
        ))
      ) : (
        <span className="chip chip-warn">untagged</span>
      ),
  },
  { id: 'policies', header: 'Policies', wrap: true, text: ({ policies }) => policies.join(', ') },
  { id: 'groups', header: 'Groups', text: ({ groups }) => groups.join(', ') },
  {
    id: 'created',
    header: 'Created',
    text: ({ CreateDate }) => new Date(CreateDate * 1_000).toISOString(),
    cell: ({ CreateDate }) => <TimeText at={CreateDate} show="date" zoneHidden />,
  },
  { id: 'arn', header: 'ARN', text: ({ Arn }) => Arn, hidden: true },
];

/** Users and roles of the account, read page by page to the end. */
export function Principals(): ReactElement {
  const found = useInfiniteQuery<AccountDetails, ApiError, Principal[], readonly string[], string | undefined>({
    queryKey: ['iam', 'GetAccountAuthorizationDetails'],
    queryFn: ({ pageParam, signal }) =>
      call<AccountDetails>(
        'iam',
        'GetAccountAuthorizationDetails',
        { Filter: ['User', 'Role'], MaxItems: 500, ...(pageParam && { Marker: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined,
    getNextPageParam: ({ IsTruncated, Marker }) => (IsTruncated ? Marker : undefined),
    select: ({ pages }) => pages.flatMap(principalsOf),
  });
  const { hasNextPage, isFetching, fetchNextPage } = found;
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  if (found.error) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton lines={10} height={480} />;
  return (
    <Card flush title="Users and roles" note={String(found.data.length)} busy={hasNextPage}>
      <DataTable
        label="Users and roles"
        columns={COLUMNS}
        rows={found.data}
        rowId={({ Arn }) => Arn}
        sort={{ id: 'name', descending: false }}
        download="principals"
        pickColumns
        empty={<EmptyState title="There are no users or roles">The set-up guide makes the first.</EmptyState>}
      />
    </Card>
  );
}
