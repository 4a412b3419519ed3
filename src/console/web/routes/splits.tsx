import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../components/card.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Select } from '../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { usePresent } from '../display/present.ts';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { monthsBack } from '../time/months.ts';
import { useCategories, useCategory } from './cost-categories/category-calls.ts';
import { SplitResults } from './splits/split-results.tsx';
import { splitWords } from './splits/split-words.ts';

const MONTHS = 13;

function parse(search: SearchParams) {
  return { category: textOf(search, 'category'), from: textOf(search, 'from'), to: textOf(search, 'to') };
}

/** Split charges of a cost category over some months. */
export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  const list = useCategories();
  const names = list.data?.CostCategoryReferences?.map(({ Name }) => Name) ?? [];
  const name = view.category ?? names[0];
  const months = monthsBack(usePresent().atMs, MONTHS);
  const to = view.to ?? months[0]!;
  const from = view.from !== undefined && view.from <= to ? view.from : to;
  const found = useCategory(list.data?.CostCategoryReferences?.find(({ Name }) => Name === name)?.CostCategoryArn);
  const rules = found.data?.CostCategory.SplitChargeRules ?? [];
  const choices = months.map((value) => ({ value, label: value }));
  return (
    <Frame
      title="Splits"
      about="Costs that serve several values of a cost category, shared out among them. The sum stays what it was."
      filters={
        names.length > 0 && (
          <>
            <Select
              label="Cost category"
              value={name ?? ''}
              options={names.map((value) => ({ value, label: value }))}
              onChange={(category) => set({ category })}
            />
            <Select label="From" value={from} options={choices} onChange={(month) => set({ from: month })} />
            <Select label="To" value={to} options={choices} onChange={(month) => set({ to: month })} />
          </>
        )
      }
    >
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {!list.error && !list.data && <Skeleton lines={6} height={280} />}
      {list.data && names.length === 0 && (
        <EmptyState
          title="No cost category yet"
          icon="split"
          action={<Link to="/cost-categories/new">Create one</Link>}
        >
          A cost category can share out the cost of one of its values among others: in proportion, evenly or by
          percentages.
        </EmptyState>
      )}
      {name !== undefined && list.data && names.length > 0 && (
        <>
          <Card
            title="Rules"
            actions={
              <Link to="/cost-categories/new" search={{ edit: name } as never}>
                Change
              </Link>
            }
          >
            {rules.length === 0 ? (
              <p className="soft">{found.data ? `${name} shares nothing out: every value keeps its own cost.` : ' '}</p>
            ) : (
              <ul className="stack">
                {rules.map((rule) => (
                  <li key={rule.Source}>{splitWords(rule)}</li>
                ))}
              </ul>
            )}
          </Card>
          <Card title={from === to ? `Result of ${from}` : `Result of ${from} to ${to}`} flush>
            <SplitResults category={name} firstPeriod={from} lastPeriod={to} />
          </Card>
        </>
      )}
    </Frame>
  );
}
