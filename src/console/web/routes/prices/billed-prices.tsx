import { type ReactElement, useMemo } from 'react';
import { useSession } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';
import { Card, Stat } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { UnrecognisedUsage } from './unrecognised-usage.tsx';

export interface AskedSpan {
  readonly startMs: number;
  readonly endMs: number;
}

interface UnitCost {
  readonly ModelId: string;
  readonly ModelName: string;
  readonly Meter: string;
  readonly Route: string;
  readonly Tier: string;
  readonly Context: string;
  readonly Region: string;
  readonly Unit: string;
  readonly Quantity: string;
  /** Decimal text, as all amounts. */
  readonly CostUsd: string;
  readonly NetCostUsd: string;
  readonly UnitCostUsd?: string;
  readonly NetUnitCostUsd?: string;
  readonly ListUnitCostUsd?: string;
  readonly Ratio?: string;
  readonly DifferenceUsd: string;
  readonly Verdict: 'as listed' | 'below list' | 'above list' | 'unlisted';
}

interface UnitCosts {
  readonly UnitCosts: readonly UnitCost[];
  readonly CostUsd: string;
  readonly NetCostUsd: string;
  readonly DifferenceUsd: string;
  readonly UnlistedUsd: string;
}

const words = (text: string) => text.replaceAll('_', ' ');

const CHIPS: Readonly<Record<UnitCost['Verdict'], string>> = {
  'as listed': 'chip',
  'below list': 'chip chip-good',
  'above list': 'chip chip-bad',
  unlisted: 'chip chip-warn',
};

const COLUMNS: readonly Column<UnitCost>[] = [
  {
    id: 'model',
    header: 'Model',
    text: ({ ModelId }) => ModelId || 'no model',
    cell: ({ ModelId, ModelName }) => <span title={ModelId}>{ModelName || 'no model'}</span>,
  },
  { id: 'meter', header: 'What', text: ({ Meter }) => words(Meter) },
  { id: 'unit', header: 'Per', text: ({ Unit }) => Unit },
  { id: 'billed', header: 'Billed USD', kind: 'number', text: ({ UnitCostUsd = '' }) => UnitCostUsd },
  { id: 'net', header: 'Net USD', kind: 'number', text: ({ NetUnitCostUsd = '' }) => NetUnitCostUsd },
  { id: 'list', header: 'List USD', kind: 'number', text: ({ ListUnitCostUsd = '' }) => ListUnitCostUsd },
  { id: 'ratio', header: 'Billed by list', kind: 'number', text: ({ Ratio = '' }) => Ratio },
  {
    id: 'verdict',
    header: 'Beside the list',
    text: ({ Verdict }) => Verdict,
    cell: ({ Verdict }) => <span className={CHIPS[Verdict]}>{Verdict}</span>,
  },
  {
    id: 'cost',
    header: 'Cost',
    kind: 'number',
    text: ({ CostUsd }) => CostUsd,
    cell: ({ CostUsd }) => <Money usd={CostUsd} />,
  },
  {
    id: 'difference',
    header: 'Over list',
    kind: 'number',
    text: ({ DifferenceUsd }) => DifferenceUsd,
    cell: ({ DifferenceUsd }) => <Money usd={DifferenceUsd} />,
  },
  { id: 'route', header: 'Route', text: ({ Route }) => words(Route) },
  { id: 'tier', header: 'Tier', text: ({ Tier }) => words(Tier) },
  { id: 'region', header: 'Region', text: ({ Region }) => Region },
  { id: 'context', header: 'Context', text: ({ Context }) => words(Context), hidden: true },
];

/** What units cost on imported bills, beside the price book on the days of the usage. */
export function BilledPrices({ span }: { readonly span: AskedSpan }): ReactElement {
  const { Scopes } = useSession();
  const asked = useMemo(
    () => ({
      Start: new Date(span.startMs).toISOString(),
      End: new Date(span.endMs).toISOString(),
      ...(Scopes[0] !== undefined && { Scope: Scopes[0] }),
    }),
    [span, Scopes],
  );
  const found = useCall<UnitCosts>('tallyline', 'GetBilledUnitCosts', asked);
  if (found.error) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton lines={8} height={420} />;
  const { UnitCosts: costs, CostUsd, NetCostUsd, DifferenceUsd, UnlistedUsd } = found.data;
  return (
    <>
      <div className="grid-4">
        <Stat label="Billed" value={<Money usd={CostUsd} />} note="usage on imported bills" />
        <Stat label="Net" value={<Money usd={NetCostUsd} />} note="after discounts" />
        <Stat label="Over list" value={<Money usd={DifferenceUsd} />} note="negative: below the price book" />
        <Stat label="Without a list price" value={<Money usd={UnlistedUsd} />} note="unknown to the price book" />
      </div>
      <Card flush busy={found.isPlaceholderData} title="Billed prices" note={String(costs.length)}>
        <DataTable
          label="Billed prices"
          columns={COLUMNS}
          rows={costs}
          rowId={(cost) => [cost.ModelId, cost.Meter, cost.Route, cost.Tier, cost.Region, cost.Context].join(' ')}
          download="billed-prices"
          pickColumns
          empty={
            <EmptyState title="No usage on an imported bill">
              Import AWS’s bill with <code>tallyline import</code>, or choose another range.
            </EmptyState>
          }
        />
      </Card>
      <UnrecognisedUsage asked={asked} />
    </>
  );
}
