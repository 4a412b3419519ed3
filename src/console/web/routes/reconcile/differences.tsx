import { type ReactElement, useMemo, useState } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { shortModel } from '../../format/model-name.ts';
import { RowsDialog } from './rows-dialog.tsx';
import { capitalised, type Difference, type ReconciliationAnswer } from './wire.ts';

const FIRST = 100;
const MOST = 1_000;

/** Rows that differ, the largest first; a press shows what is behind one on both sides. */
export function Differences(props: {
  readonly answer: ReconciliationAnswer;
  readonly code: string | undefined;
}): ReactElement {
  const { answer, code } = props;
  const [limit, setLimit] = useState(FIRST);
  const [opened, setOpened] = useState<Difference | undefined>();
  const { data, error, refetch, isPlaceholderData } = useCall<{ Differences: Difference[]; NextToken?: string }>(
    'tallyline',
    'ListReconciliationDifferences',
    {
      ...{ SourceId: answer.SourceId, BillingPeriod: answer.BillingPeriod, MaxResults: limit },
      ...(code !== undefined && { Codes: [code] }),
    },
  );
  const columns = useMemo(() => columnsOf(answer), [answer]);
  const cause = answer.Codes.find(({ Code }) => Code === code);
  return (
    <Card
      title={cause ? `Differences: ${cause.Title}` : 'Differences'}
      {...(cause && { note: cause.Meaning })}
      flush
      busy={isPlaceholderData}
      foot={cause?.Remedy ? `What to do: ${cause.Remedy}` : undefined}
    >
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <Skeleton lines={6} height={240} />}
      {data && (
        <DataTable
          label="Differences"
          columns={columns}
          rows={data.Differences}
          rowId={(row) => JSON.stringify(Object.values(row))}
          onOpen={setOpened}
          download={`reconciliation-${answer.BillingPeriod}`}
          pickColumns
          empty={<EmptyState title="No differences">Bill and ledger say the same.</EmptyState>}
          {...(data.NextToken !== undefined &&
            limit < MOST && {
              tools: (
                <Button look="ghost" small onClick={() => setLimit(MOST)}>
                  More rows
                </Button>
              ),
            })}
        />
      )}
      {opened && <RowsDialog answer={answer} difference={opened} onClose={() => setOpened(undefined)} />}
    </Card>
  );
}

const tagText = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');

/** What matters most stands where a narrow window still shows it. */
function columnsOf({ Codes }: ReconciliationAnswer): readonly Column<Difference>[] {
  const titles = new Map(Codes.map(({ Code, Title }) => [Code, capitalised(Title)]));
  return [
    { id: 'cause', header: 'Cause', text: ({ Code }) => Code, cell: ({ Code }) => titles.get(Code) ?? Code },
    {
      ...{ id: 'difference', header: 'Difference', kind: 'number', text: ({ DifferenceUsd }) => DifferenceUsd },
      cell: ({ DifferenceUsd }) => <Money usd={DifferenceUsd} />,
    },
    { id: 'from', header: 'From', text: ({ At }) => At, cell: ({ At }) => <TimeText at={At} zoneHidden /> },
    {
      ...{ id: 'principal', header: 'In the bill', text: ({ Principal }) => Principal },
      cell: ({ Principal }) => (Principal ? <NameBadge name={Principal} /> : <span className="faint">nobody</span>),
    },
    {
      ...{ id: 'callers', header: 'In the ledger', text: ({ Callers }) => Callers.join(' ') },
      cell: ({ Callers }) =>
        Callers.length === 0 ? (
          <span className="faint">–</span>
        ) : (
          <span className="row">
            <NameBadge name={Callers[0]!} />
            {Callers.length > 1 && <span className="faint">and {Callers.length - 1} more</span>}
          </span>
        ),
    },
    {
      ...{ id: 'model', header: 'Model', text: ({ ModelId, UsageType }) => ModelId || UsageType },
      cell: ({ ModelId, UsageType }) => (ModelId ? shortModel(ModelId) : UsageType),
    },
    { id: 'meter', header: 'Meter', text: ({ Meter }) => Meter.replaceAll('_', ' ') },
    {
      ...{ id: 'billed', header: 'Billed', kind: 'number', text: ({ BillQuantity }) => BillQuantity },
      cell: ({ BillQuantity }) => <Count value={BillQuantity} />,
    },
    {
      ...{ id: 'metered', header: 'Metered', kind: 'number', text: ({ LedgerQuantity }) => LedgerQuantity },
      cell: ({ LedgerQuantity }) => <Count value={LedgerQuantity} />,
    },
    {
      ...{ id: 'billUsd', header: 'Bill', kind: 'number', hidden: true, text: ({ BillUsd }) => BillUsd },
      cell: ({ BillUsd }) => <Money usd={BillUsd} />,
    },
    {
      ...{ id: 'ledgerUsd', header: 'Ledger', kind: 'number', hidden: true, text: ({ LedgerUsd }) => LedgerUsd },
      cell: ({ LedgerUsd }) => <Money usd={LedgerUsd} />,
    },
    { id: 'note', header: 'Note', text: ({ Note }) => Note, wrap: true, hidden: true },
    { id: 'billTags', header: 'Tags in the bill', text: ({ BillTags }) => tagText(BillTags), hidden: true },
    { id: 'ledgerTags', header: 'Tags in the ledger', text: ({ LedgerTags }) => tagText(LedgerTags), hidden: true },
    { id: 'region', header: 'Region', text: ({ Region }) => Region, hidden: true },
  ];
}
