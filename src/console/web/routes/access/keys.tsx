import { type ReactElement, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { CredentialAges } from './credential-ages.tsx';
import { NewGatewayKey } from './new-gateway-key.tsx';

interface GatewayKey {
  readonly KeyId: string;
  readonly Name: string;
  readonly Principal: string;
  readonly Status: string;
  readonly Scopes?: readonly string[];
  readonly AllowedModels?: readonly string[];
  readonly CreatedAt?: string;
  readonly ExpiresAt?: string;
  readonly LastUsedAt?: string;
}

const date = (at: string | undefined) => (at === undefined ? 'never' : <TimeText at={at} show="date" zoneHidden />);

export function Keys(): ReactElement {
  const may = useMay('tallyline:CreateGatewayKey', 'tallyline:DeleteGatewayKey', 'iam:GetCredentialReport');
  const [dialog, setDialog] = useState<'new' | GatewayKey>();
  const found = useCall<{ readonly GatewayKeys: readonly GatewayKey[] }>('tallyline', 'ListGatewayKeys', {
    MaxResults: 1_000,
  });
  const remove = useChange('tallyline', 'DeleteGatewayKey', ['tallyline', 'ListGatewayKeys']);
  const close = () => {
    setDialog(undefined);
    remove.reset();
  };
  const columns: Column<GatewayKey>[] = [
    { id: 'name', header: 'Key', text: ({ Name }) => Name },
    {
      id: 'principal',
      header: 'Whose',
      text: ({ Principal }) => Principal,
      cell: ({ Principal }) => <NameBadge name={Principal} />,
    },
    {
      id: 'status',
      header: 'Status',
      text: ({ Status }) => Status.toLowerCase(),
      cell: ({ Status }) => (
        <span className={Status === 'ACTIVE' ? 'chip chip-good' : 'chip chip-warn'}>{Status.toLowerCase()}</span>
      ),
    },
    { id: 'scopes', header: 'Good for', text: ({ Scopes = [] }) => Scopes.join(', ') },
    { id: 'models', header: 'Models', wrap: true, text: ({ AllowedModels = [] }) => AllowedModels.join(', ') || 'all' },
    {
      id: 'expires',
      header: 'Expires',
      text: ({ ExpiresAt = '' }) => ExpiresAt,
      cell: ({ ExpiresAt }) => date(ExpiresAt),
    },
    {
      id: 'used',
      header: 'Last used',
      text: ({ LastUsedAt = '' }) => LastUsedAt,
      cell: ({ LastUsedAt }) => date(LastUsedAt),
    },
    { id: 'id', header: 'Key id', text: ({ KeyId }) => KeyId, cell: ({ KeyId }) => <code>{KeyId}</code>, hidden: true },
    ...(may('tallyline:DeleteGatewayKey')
      ? [
          {
            id: 'delete',
            header: '',
            text: () => '',
            cell: (key: GatewayKey) => (
              <Button
                small
                look="ghost"
                aria-label={`Delete ${key.Name}`}
                icon="close"
                onClick={() => setDialog(key)}
              />
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <Card
        flush
        title="Gateway keys"
        note="for clients that take one API key; only a hash of them is kept"
        actions={
          may('tallyline:CreateGatewayKey') && (
            <Button icon="plus" onClick={() => setDialog('new')}>
              New gateway key
            </Button>
          )
        }
      >
        {found.error ? (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        ) : found.data ? (
          <DataTable
            label="Gateway keys"
            columns={columns}
            rows={found.data.GatewayKeys}
            rowId={({ KeyId }) => KeyId}
            download="gateway-keys"
            pickColumns
            empty={
              <EmptyState title="There are no gateway keys">
                One for each person keeps their names on the bill, also behind tools that speak OpenAI or Anthropic.
              </EmptyState>
            }
          />
        ) : (
          <Skeleton lines={4} height={180} />
        )}
      </Card>
      {may('iam:GetCredentialReport') && <CredentialAges />}
      {dialog === 'new' && <NewGatewayKey onClose={close} />}
      {dialog !== undefined && dialog !== 'new' && (
        <ConfirmDialog
          title={`Delete ${dialog.Name}`}
          verb="Delete key"
          busy={remove.isPending}
          {...(remove.error && { error: remove.error.message })}
          onConfirm={() => remove.mutate({ KeyId: dialog.KeyId }, { onSuccess: close })}
          onClose={close}
        >
          Clients that use it are refused from the next call on. What it was used for stays in the ledger.
        </ConfirmDialog>
      )}
    </>
  );
}
