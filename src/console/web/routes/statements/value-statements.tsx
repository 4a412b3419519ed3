import type { ReactElement } from 'react';
import { Select } from '../../components/select.tsx';
import { EmptyState, Skeleton } from '../../components/states.tsx';
import type { BillingPeriod } from './answers.ts';
import { ShareList } from './share-list.tsx';
import { StatementDocument } from './statement-document.tsx';
import { useStatementKeys } from './statement-keys.ts';
import { keyName } from './use-statements.ts';

/** Any month by any key, made from the ledger when it is looked at. */
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
  const month = props.month ?? periods[0]?.BillingPeriod;
  const by = props.by ?? keys?.[0]?.value;
  if (month === undefined || by === undefined)
    return keys ? <EmptyState title="Nothing was billed yet" icon="statement" /> : <Skeleton lines={8} height={360} />;
  return (
    <>
      <div className="row no-print">
        <Select
          label="Month"
          value={month}
          options={periods.map(({ BillingPeriod: value, State }) => ({
            value,
            label: State === 'FINAL' ? value : `${value} (estimate)`,
          }))}
          onChange={(value) => onChoose({ month: value })}
        />
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
