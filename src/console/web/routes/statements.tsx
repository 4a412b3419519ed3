import type { ReactElement } from 'react';
import { useSession } from '../api/session.ts';
import { useCall } from '../api/use-call.ts';
import { Page as Frame } from '../components/page.tsx';
import { Select } from '../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { choiceOf, type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import type { BillingPeriod } from './statements/answers.ts';
import { Bills } from './statements/bills.tsx';
import { Charges } from './statements/charges.tsx';
import { ShareList } from './statements/share-list.tsx';
import { StatementDocument } from './statements/statement-document.tsx';
import { keyName } from './statements/use-statements.ts';
import './statements/statements.css';

interface View {
  readonly tab: 'statements' | 'bills' | 'charges';
  readonly month: string | undefined;
  readonly by: string | undefined;
  /** Whose statement is open; empty for what has no value. Absent: all of them. */
  readonly of: string | undefined;
}

function parse(search: SearchParams): View {
  return {
    tab: choiceOf(search, 'tab', ['statements', 'bills', 'charges']),
    month: textOf(search, 'month'),
    by: textOf(search, 'by'),
    of: textOf(search, 'of'),
  };
}

export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  const { data, error, refetch } = useCall<{ readonly BillingPeriods: readonly BillingPeriod[] }>(
    'tallyline',
    'ListBillingPeriods',
  );
  const keys = useKeys();
  const periods = data?.BillingPeriods ?? [];
  const month = view.month ?? periods[0]?.BillingPeriod;
  const by = view.by ?? keys?.[0]?.value;
  const choices = month !== undefined && by !== undefined && (
    <>
      <Select
        label="Month"
        value={month}
        options={periods.map(({ BillingPeriod: value, State }) => ({
          value,
          label: State === 'FINAL' ? value : `${value} (estimate)`,
        }))}
        onChange={(value) => set({ month: value })}
      />
      <Select
        label="For each"
        value={by}
        options={keys ?? []}
        onChange={(value) => set({ by: value, of: undefined })}
      />
    </>
  );

  if (error)
    return (
      <Frame title="Statements">
        <ErrorState error={error} onRetry={() => void refetch()} />
      </Frame>
    );
  if (view.of !== undefined && month !== undefined && by !== undefined)
    return (
      <Frame
        title={`Statement of ${view.of || `what has no ${keyName(by)}`}`}
        heading={view.of || `Without ${keyName(by)}`}
        about={
          <button type="button" className="text-button" onClick={() => set({ of: undefined })}>
            ← All statements of {month}
          </button>
        }
        filters={choices}
      >
        <StatementDocument period={month} by={by} value={view.of} />
      </Frame>
    );
  return (
    <Frame
      title="Statements"
      about="A month’s bill, by whoever drove it: what each team, cost category or account pays, with nothing left over."
    >
      <Tabs
        label="What to look at"
        tabs={[
          { value: 'statements', label: 'Statements' },
          { value: 'bills', label: 'Months and invoices' },
          { value: 'charges', label: 'Charges and credits' },
        ]}
        value={view.tab}
        onChange={(tab) => set({ tab: tab === 'statements' ? undefined : tab })}
      >
        {!data && <Skeleton lines={8} height={360} />}
        {data && view.tab === 'statements' && (
          <>
            <div className="row">{choices}</div>
            {month !== undefined && by !== undefined ? (
              <ShareList period={month} by={by} />
            ) : (
              keys && <EmptyState title="Nothing was billed yet" icon="statement" />
            )}
          </>
        )}
        {data && view.tab === 'bills' && <Bills periods={periods} />}
        {view.tab === 'charges' && <Charges />}
      </Tabs>
    </Frame>
  );
}

/** What statements can be made by: the team's tag first. Undefined: not known yet. */
function useKeys() {
  const { TeamTagKey } = useSession();
  const tags = useCall<{ readonly CostAllocationTags: readonly { readonly TagKey: string }[] }>(
    'ce',
    'ListCostAllocationTags',
    { Status: 'Active', MaxResults: 100 },
  );
  const categories = useCall<{ readonly CostCategoryReferences: readonly { readonly Name: string }[] }>(
    'ce',
    'ListCostCategoryDefinitions',
  );
  if (tags.isPending || categories.isPending) return undefined;
  const team = `tag:iamPrincipal/${TeamTagKey}`;
  const ofTags = (tags.data?.CostAllocationTags ?? []).map(({ TagKey }) => ({
    value: `tag:${TagKey}`,
    label: TagKey.replace(/^iamPrincipal\//, ''),
  }));
  const ofCategories = (categories.data?.CostCategoryReferences ?? []).map(({ Name }) => ({
    value: `category:${Name}`,
    label: `${Name} (cost category)`,
  }));
  const sorted = ofTags.toSorted((a, b) => Number(b.value === team) - Number(a.value === team));
  return [...sorted, ...ofCategories, { value: 'account', label: 'account' }];
}
