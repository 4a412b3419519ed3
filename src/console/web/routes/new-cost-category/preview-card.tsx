import { type ReactElement, useEffect, useState } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { DateRange } from '../../components/date-range.tsx';
import { PartialNotice, Skeleton } from '../../components/states.tsx';
import { sentence } from '../../format/sentence.ts';
import type { CostCategoryRule } from '../cost-categories/category-calls.ts';
import { SpendBar } from '../cost-categories/spend-bar.tsx';
import { ValueTable } from '../cost-categories/value-table.tsx';
import { useInstants } from '../tags/tag-calls.ts';

interface Preview {
  readonly Values: readonly { readonly Value: string; readonly CostUsd: string }[];
}

/** After the last key was pressed. */
const SETTLE_MS = 500;

/** What the rules would make of the spend, while they are written. */
export function PreviewCard(props: {
  readonly name: string;
  /** Absent: there is nothing to ask yet. */
  readonly rules: readonly CostCategoryRule[] | undefined;
  readonly defaultValue: string;
  readonly range: string;
  readonly onRange: (range: string) => void;
}): ReactElement {
  const { name, rules, defaultValue, range } = props;
  const instants = useInstants(range);
  const settled = useSettled(
    JSON.stringify({
      ...(name !== '' && { Name: name }),
      Rules: rules,
      ...(defaultValue !== '' && { DefaultValue: defaultValue }),
    }),
  );
  const question = JSON.parse(settled) as { readonly Rules?: readonly CostCategoryRule[] };
  const isAsked = question.Rules !== undefined && question.Rules.length > 0 && instants !== undefined;
  const preview = useCall<Preview>(
    'tallyline',
    'PreviewCostCategory',
    { ...instants, ...question },
    { enabled: isAsked },
  );
  const spend = preview.data?.Values.map(({ Value, CostUsd }) => ({ value: Value, costUsd: CostUsd }));
  return (
    <Card
      title="Preview"
      note="nothing is kept yet"
      flush
      busy={preview.isFetching && spend !== undefined}
      actions={<DateRange value={range} onChange={props.onRange} />}
    >
      {!isAsked && <p className="faint card-foot">Complete a rule to see what it takes.</p>}
      {isAsked && preview.error && (
        <div className="card-foot">
          <PartialNotice look="bad">{sentence(preview.error.message)}</PartialNotice>
        </div>
      )}
      {isAsked && !preview.error && !spend && <Skeleton lines={5} height={180} />}
      {isAsked && !preview.error && spend && (
        <>
          <div className="preview-bar">
            <SpendBar spend={spend} />
          </div>
          <ValueTable label="Preview by value" spend={spend} />
        </>
      )}
    </Card>
  );
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
