import type { ReactElement } from 'react';
import { useMay } from '../api/session.ts';
import { useCall } from '../api/use-call.ts';
import { Page as Frame } from '../components/page.tsx';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { choiceOf, type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import type { BillingPeriod } from './statements/answers.ts';
import { Bills } from './statements/bills.tsx';
import { Charges } from './statements/charges.tsx';
import { IssuedList } from './statements/issued-list.tsx';
import { ValueStatements } from './statements/value-statements.tsx';
import './statements/statements.css';

type Tab = 'issued' | 'values' | 'bills' | 'charges';

interface View {
  readonly tab: Tab;
  readonly month: string | undefined;
  readonly by: string | undefined;
  readonly of: string | undefined;
}

function parse(search: SearchParams): View {
  return {
    tab: choiceOf(search, 'tab', ['issued', 'values', 'bills', 'charges']),
    month: textOf(search, 'month'),
    by: textOf(search, 'by'),
    of: textOf(search, 'of'),
  };
}

export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  // A member sees the statements of the team and nothing else of the bill.
  const seesBill = useMay('tallyline:ListInvoices')('tallyline:ListInvoices');
  return (
    <Frame
      title="Statements"
      about="What each team, cost center or account pays: numbered, approved or disputed, and together the bill to the cent."
    >
      {seesBill ? (
        <Tabs
          label="What to look at"
          tabs={[
            { value: 'issued', label: 'Statements' },
            { value: 'values', label: 'Any month, by value' },
            { value: 'bills', label: 'Months and invoices' },
            { value: 'charges', label: 'Charges and credits' },
          ]}
          value={view.tab}
          onChange={(tab) => set({ tab: tab === 'issued' ? undefined : tab, of: undefined })}
        >
          {view.tab === 'issued' ? <IssuedList /> : <OfBill {...{ view, set }} />}
        </Tabs>
      ) : (
        <IssuedList />
      )}
    </Frame>
  );
}

/** What is shown of the bill itself. */
function OfBill(props: {
  readonly view: View;
  readonly set: (change: Readonly<Record<string, string | undefined>>) => void;
}): ReactElement {
  const { view, set } = props;
  const { data, error, refetch } = useCall<{ readonly BillingPeriods: readonly BillingPeriod[] }>(
    'tallyline',
    'ListBillingPeriods',
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={8} height={360} />;
  const periods = data.BillingPeriods;
  if (view.tab === 'bills') return <Bills periods={periods} />;
  if (view.tab === 'charges') return <Charges />;
  const { month, by, of } = view;
  return <ValueStatements {...{ periods, month, by, of }} onChoose={set} />;
}
