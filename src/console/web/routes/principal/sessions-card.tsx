import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { ShareBar } from '../../components/share-bar.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { add, compare } from '../../format/decimal.ts';
import { type ReportRow, reportInput } from '../../report/get-report.ts';
import { Calls } from '../../spend/calls.tsx';
import type { SubjectQuestion } from '../../spend/subject-question.ts';

const SHOWN = 12;

interface Answer {
  readonly Rows: readonly ReportRow[];
}

/** Who else calls under the same role, by cost. */
export function SessionsCard(props: { readonly question: SubjectQuestion; readonly roleName: string }): ReactElement {
  const { question, roleName } = props;
  const { span, scope } = question;
  const { zone } = question.present;
  const { data, error, isPlaceholderData, refetch } = useCall<Answer>(
    'tallyline',
    'GetReport',
    reportInput({
      ...{ span, granularity: 'TOTAL', timeZone: zone.name, groupBy: [{ dimension: 'principal' }], scope, topN: SHOWN },
      filter: { key: { dimension: 'role' }, equalsAny: [roleName] },
      measures: ['COST', 'REQUESTS'],
    }),
  );
  const total = add('0', ...(data?.Rows ?? []).map(({ CostUsd = '0' }) => CostUsd));
  return (
    <Card title={`Sessions of the role ${roleName}`} flush busy={isPlaceholderData}>
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <DataTable
          label={`Sessions of the role ${roleName} by cost`}
          rows={data.Rows.toSorted(costliestFirst)}
          rowId={({ Keys, IsOther }) => (IsOther ? 'other' : `=${Keys[0]}`)}
          empty={null}
          columns={[
            {
              id: 'session',
              header: 'Session',
              text: ({ Keys, IsOther }) => (IsOther ? 'other' : (Keys[0] ?? '')),
              cell: ({ Keys: [arn = ''], IsOther: isOther }) =>
                isOther ? (
                  <span className="faint">other</span>
                ) : (
                  <NameBadge name={arn}>
                    {arn === question.value ? (
                      <b>{arn.slice(arn.lastIndexOf('/') + 1)}</b>
                    ) : (
                      <Link to="/principals/$id" params={{ id: arn } as never}>
                        {arn.slice(arn.lastIndexOf('/') + 1)}
                      </Link>
                    )}
                  </NameBadge>
                ),
            },
            {
              ...{ id: 'cost', header: 'Cost', kind: 'number' },
              text: ({ CostUsd = '0' }) => CostUsd,
              cell: ({ CostUsd = '0' }) => <Money usd={CostUsd} />,
            },
            {
              ...{ id: 'share', header: 'Share of the role', kind: 'number' },
              text: ({ CostUsd = '0' }) => CostUsd,
              cell: ({ CostUsd = '0' }) => <ShareBar part={CostUsd} whole={total} />,
            },
            {
              ...{ id: 'calls', header: 'Calls', kind: 'number' },
              text: ({ Requests = '0' }) => Requests,
              cell: ({ Requests = '0' }) => <Calls value={Requests} />,
            },
          ]}
        />
      ) : (
        <div className="card-body">
          <Skeleton lines={6} height={220} />
        </div>
      )}
    </Card>
  );
}

/** What is left over comes last. */
function costliestFirst(a: ReportRow, b: ReportRow): number {
  return Number(a.IsOther ?? false) - Number(b.IsOther ?? false) || compare(b.CostUsd ?? '0', a.CostUsd ?? '0');
}
