import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { Card } from '../../components/card.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { Skeleton } from '../../components/states.tsx';
import { DraftTable } from '../statements/draft-table.tsx';
import type { MonthDraft } from '../statements/statement-calls.ts';

/** What the definition would make of a month, while it is written. */
export function PreviewCard(props: {
  readonly preview: UseQueryResult<MonthDraft, ApiError>;
  readonly period: string;
  readonly onPeriod: (period: string) => void;
}): ReactElement {
  const { preview, period, onPeriod } = props;
  return (
    <Card title="Preview" note="nothing is issued" busy={preview.isPlaceholderData}>
      <div className="stack">
        <Field label="Month">
          <input type="month" value={period} onChange={(event) => onPeriod(event.target.value)} />
        </Field>
        {preview.error && <Refusal error={preview.error} />}
        {!preview.error && (preview.data ? <DraftTable draft={preview.data} /> : <Skeleton lines={6} height={240} />)}
      </div>
    </Card>
  );
}
