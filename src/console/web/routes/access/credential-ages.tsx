import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';

/** One access key of a user, as IAM's credential report has it. */
interface CredentialAge {
  readonly user: string;
  readonly key: '1' | '2';
  readonly isActive: boolean;
  /** ISO 8601; empty: never. */
  readonly rotatedAt: string;
  readonly usedAt: string;
  readonly usedFor: string;
}

const NOTHING = new Set(['N/A', 'no_information', 'not_supported', '']);

/** The report's rows with a key. Its values hold no commas or quotes: names of users may not. */
function readReport(csv: string): CredentialAge[] {
  const [head = '', ...lines] = csv.trim().split('\n');
  const names = head.split(',');
  return lines.flatMap((line) => {
    const cells = line.split(',');
    const cell = (name: string) => {
      const value = cells[names.indexOf(name)] ?? '';
      return NOTHING.has(value) ? '' : value;
    };
    return (['1', '2'] as const).flatMap((key) => {
      const rotatedAt = cell(`access_key_${key}_last_rotated`);
      if (rotatedAt === '') return [];
      const usedAt = cell(`access_key_${key}_last_used_date`);
      const isActive = cell(`access_key_${key}_active`) === 'true';
      return [
        { user: cell('user'), key, isActive, rotatedAt, usedAt, usedFor: cell(`access_key_${key}_last_used_service`) },
      ];
    });
  });
}

/** Access keys by age: the oldest and the unused are the ones to take out of use. */
export function CredentialAges(): ReactElement {
  const found = useQuery<CredentialAge[], ApiError>({
    queryKey: ['iam', 'GetCredentialReport'],
    queryFn: async ({ signal }) => {
      await call('iam', 'GenerateCredentialReport', {}, { signal });
      const { Content } = await call<{ readonly Content: string }>('iam', 'GetCredentialReport', {}, { signal });
      return readReport(new TextDecoder().decode(Uint8Array.from(atob(Content), (char) => char.charCodeAt(0))));
    },
  });
  return (
    <Card flush title="Access keys" note="from IAM's credential report">
      {found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data ? (
        <DataTable
          label="Access keys"
          rows={found.data}
          rowId={({ user, key }) => `${user} ${key}`}
          sort={{ id: 'rotated', descending: false }}
          download="access-keys"
          columns={[
            { id: 'user', header: 'User', text: ({ user }) => user },
            { id: 'key', header: 'Key', text: ({ key }) => key },
            {
              id: 'active',
              header: 'Status',
              text: ({ isActive }) => (isActive ? 'active' : 'inactive'),
              cell: ({ isActive }) => (
                <span className={isActive ? 'chip chip-good' : 'chip'}>{isActive ? 'active' : 'inactive'}</span>
              ),
            },
            {
              id: 'rotated',
              header: 'Made',
              text: ({ rotatedAt }) => rotatedAt,
              cell: ({ rotatedAt }) => <TimeText at={rotatedAt} show="date" zoneHidden />,
            },
            {
              id: 'used',
              header: 'Last used',
              text: ({ usedAt }) => usedAt,
              cell: ({ usedAt }) =>
                usedAt === '' ? <span className="soft">never</span> : <TimeText at={usedAt} zoneHidden />,
            },
            { id: 'for', header: 'For', text: ({ usedFor }) => usedFor },
          ]}
          empty={<EmptyState title="No user has an access key">Roles and identity providers do without.</EmptyState>}
        />
      ) : (
        <Skeleton lines={6} height={260} />
      )}
    </Card>
  );
}
