import type { ReactElement } from 'react';
import { Select } from '../../components/select.tsx';
import { EmptyState, Skeleton } from '../../components/states.tsx';
import { usePresent } from '../../display/present.ts';
import { monthsBack } from '../../time/months.ts';
import type { BillingPeriod } from './answers.ts';
import { ShareList } from './share-list.tsx';
import { StatementDocument } from './statement-document.tsx';
import { useStatementKeys } from './statement-keys.ts';
import { keyName } from './use-statements.ts';

const PAST_MONTHS = 13;

/** Any month by any key, made from the ledger, or from the imported bill, when it is looked at. */
export function ValueStatements(props: {
  readonly periods: readonly BillingPeriod[];
  readonly month: string | undefined;
  readonly by: string | undefined;
  /** Whose statement is open; empty for what has no value. Absent: all of them. */
  readonly of: string | undefined;
  readonly onChoose: (choice: { readonly month?: string; readonly by?: string; readonly of?: undefined }) => void;
}): ReactElement {
  const { periods, of, onChoose } = props;
  const keys = useStatementKeys();
  const { atMs, ended } = usePresent();
  // Months of before this installation have no state here.
  const past = ended === undefined ? [] : monthsBack(atMs, PAST_MONTHS);
  const own = periods.map(({ BillingPeriod: value, State }) => ({
    value,
    label: State === 'FINAL' ? value : `${value} (estimate)`,
  }));
  const months = ended === undefined ? own : past.map((value) => ({ value, label: value }));
  const month = props.month ?? months[0]?.value;
  const by = props.by ?? keys?.[0]?.value;
  if (month === undefined || by === undefined)
    return keys ? <EmptyState title="Nothing was billed yet" icon="statement" /> : <Skeleton lines={8} height={360} />;
  return (
    <>
      <div className="row no-print">
        <Select label="Month" value={month} options={months} onChange={(value) => onChoose({ month: value })} />
        <Select
          label="For each"
          value={by}
          options={keys ?? []}
          onChange={(value) => onChoose({ by: value, of: undefined })}
        />
        {of !== undefined && (
          <button type="button" className="text-button" onClick={() => onChoose({ of: undefined })}>
            ← All of {month} by {keyName(by)}
          </button>
        )}
      </div>
      {of === undefined ? (
        <ShareList period={month} by={by} />
      ) : (
        <StatementDocument period={month} by={by} value={of} />
      )}
    </>
  );
}
