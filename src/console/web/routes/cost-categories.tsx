import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useMay } from '../api/session.ts';
import { Card } from '../components/card.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Page as Frame } from '../components/page.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import type { RangeText } from '../time/range.ts';
import { type CategoryReference, useCategories, useValueSpend } from './cost-categories/category-calls.ts';
import { SpendBar } from './cost-categories/spend-bar.tsx';

function parse(search: SearchParams) {
  return { range: textOf(search, 'range') ?? '30d' };
}

/** Cost categories in force, with how they sort the spend of a range. */
export function Page(): ReactElement {
  const [{ range }, set] = useViewState(parse);
  const list = useCategories();
  const navigate = useNavigate();
  const may = useMay('ce:CreateCostCategoryDefinition');
  const [opened, setOpened] = useState(0);
  useShortcut('t', 'Range of time', () => setOpened((times) => times + 1));
  const create = (
    <Link className="button button-primary" to="/cost-categories/new">
      Create a cost category
    </Link>
  );
  return (
    <Frame
      title="Cost categories"
      about="Sort spend into names of your own by rules, and share out what serves several of them."
      actions={may('ce:CreateCostCategoryDefinition') && create}
      filters={<DateRange value={range} onChange={(next) => set({ range: next })} openSignal={opened} />}
    >
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {!list.error && (
        <Card title="In force" flush>
          {!list.data ? (
            <Skeleton lines={5} height={200} />
          ) : (
            <DataTable
              label="Cost categories"
              columns={columnsOf(range)}
              rows={list.data.CostCategoryReferences ?? []}
              rowId={({ CostCategoryArn }) => CostCategoryArn}
              sort={{ id: 'name', descending: false }}
              onOpen={({ Name }) =>
                void navigate({
                  to: '/cost-categories/name/$id',
                  params: { id: Name } as never,
                  search: { range } as never,
                })
              }
              empty={
                <EmptyState
                  title="No cost category yet"
                  icon="category"
                  action={may('ce:CreateCostCategoryDefinition') && create}
                >
                  Rules look at tags, accounts, usage types and more; the first that matches gives the value. Reports,
                  budgets and exports show it, for the past as well.
                </EmptyState>
              }
            />
          )}
        </Card>
      )}
    </Frame>
  );
}

function columnsOf(range: RangeText): Column<CategoryReference>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      text: ({ Name }) => Name,
      cell: ({ Name }) => (
        <Link to="/cost-categories/name/$id" params={{ id: Name } as never} search={{ range } as never}>
          {Name}
        </Link>
      ),
    },
    {
      id: 'spend',
      header: 'Spend by value',
      text: ({ Values }) => Values.join(' '),
      cell: ({ Name }) => <CategorySpend name={Name} range={range} />,
    },
    { id: 'rules', header: 'Rules', kind: 'number', text: ({ NumberOfRules }) => String(NumberOfRules) },
    {
      id: 'default',
      header: 'Otherwise',
      text: ({ DefaultValue = '' }) => DefaultValue,
      cell: ({ DefaultValue }) => DefaultValue ?? <span className="faint">no value</span>,
    },
    { id: 'since', header: 'Since', text: ({ EffectiveStart }) => EffectiveStart.slice(0, 7) },
    {
      id: 'status',
      header: 'Status',
      text: ({ ProcessingStatus }) => ProcessingStatus?.[0]?.Status ?? '',
      cell: ({ ProcessingStatus }) => {
        const isApplied = ProcessingStatus?.[0]?.Status !== 'PROCESSING';
        return (
          <span className={`chip ${isApplied ? 'chip-good' : 'chip-warn'}`}>
            {isApplied ? 'applied' : 'processing'}
          </span>
        );
      },
    },
  ];
}

function CategorySpend({ name, range }: { readonly name: string; readonly range: RangeText }): ReactElement {
  const { spend, error } = useValueSpend(name, range);
  if (error) return <span className="faint">not known: {error.code}</span>;
  return spend ? <SpendBar spend={spend} /> : <Skeleton lines={1} />;
}
