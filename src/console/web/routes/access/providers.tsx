import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';

interface Provider {
  readonly arn: string;
  readonly kind: 'OpenID Connect' | 'SAML';
  /** Client ids of an OpenID provider. */
  readonly audiences: readonly string[];
  /** Epoch seconds. */
  readonly createdAt?: number;
}

async function providers(signal: AbortSignal): Promise<Provider[]> {
  const [openId, saml] = await Promise.all([
    call<{ readonly OpenIDConnectProviderList?: readonly { readonly Arn: string }[] }>(
      'iam',
      'ListOpenIDConnectProviders',
      {},
      { signal },
    ),
    call<{ readonly SAMLProviderList?: readonly { readonly Arn: string; readonly CreateDate?: number }[] }>(
      'iam',
      'ListSAMLProviders',
      {},
      { signal },
    ),
  ]);
  const described = (openId.OpenIDConnectProviderList ?? []).map(async ({ Arn }): Promise<Provider> => {
    const { ClientIDList = [], CreateDate } = await call<{
      readonly ClientIDList?: readonly string[];
      readonly CreateDate?: number;
    }>('iam', 'GetOpenIDConnectProvider', { OpenIDConnectProviderArn: Arn }, { signal });
    return {
      arn: Arn,
      kind: 'OpenID Connect',
      audiences: ClientIDList,
      ...(CreateDate !== undefined && { createdAt: CreateDate }),
    };
  });
  return [
    ...(await Promise.all(described)),
    ...(saml.SAMLProviderList ?? []).map(
      ({ Arn, CreateDate }): Provider => ({
        arn: Arn,
        kind: 'SAML',
        audiences: [],
        ...(CreateDate !== undefined && { createdAt: CreateDate }),
      }),
    ),
  ];
}

export function Providers(): ReactElement {
  const found = useQuery<Provider[], ApiError>({
    queryKey: ['iam', 'providers'],
    queryFn: ({ signal }) => providers(signal),
  });
  if (found.error) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton lines={4} height={220} />;
  return (
    <Card flush title="Identity providers" note={String(found.data.length)}>
      <DataTable
        label="Identity providers"
        rows={found.data}
        rowId={({ arn }) => arn}
        columns={[
          { id: 'provider', header: 'Provider', text: ({ arn }) => arn.replace(/^.*-provider\//, '') },
          { id: 'kind', header: 'Kind', text: ({ kind }) => kind },
          { id: 'audiences', header: 'Audiences', wrap: true, text: ({ audiences }) => audiences.join(', ') },
          {
            id: 'created',
            header: 'Created',
            text: ({ createdAt }) => String(createdAt ?? ''),
            cell: ({ createdAt }) => createdAt !== undefined && <TimeText at={createdAt} show="date" zoneHidden />,
          },
          { id: 'arn', header: 'ARN', text: ({ arn }) => arn },
        ]}
        empty={
          <EmptyState title="No identity provider is registered">
            With one, people call models as themselves: see <em>Company sign-in</em> in the set-up guide.
          </EmptyState>
        }
      />
    </Card>
  );
}
