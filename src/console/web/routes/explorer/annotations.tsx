import { type ReactElement, useMemo, useState } from 'react';
import type { TimeZone } from '../../../../kernel/time-zone.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import type { ChartNote } from '../../components/chart.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { isoDate, type TimeSpan } from '../../time/range.ts';

const LIST = ['tallyline', 'ListAnnotations'] as const;

interface Annotation {
  readonly Id: string;
  readonly StartDate: string;
  readonly EndDate?: string;
  readonly Text: string;
  readonly Author: string;
  readonly IsOwn: boolean;
}

/** What people noted about days of a span. */
export function useAnnotations(span: TimeSpan, zone: TimeZone): readonly Annotation[] {
  const { data } = useCall<{ readonly Annotations: readonly Annotation[] }>('tallyline', 'ListAnnotations', {
    StartDate: isoDate(span.startMs, zone),
    EndDate: isoDate(span.endMs - 1, zone),
  });
  return data?.Annotations ?? NONE;
}

const NONE: readonly Annotation[] = [];

/** Where notes stand on the axis: at the bucket in which their day begins. */
export function useNotes(
  annotations: readonly Annotation[],
  buckets: readonly TimeSpan[],
  zone: TimeZone,
): readonly ChartNote[] {
  return useMemo(
    () =>
      annotations.flatMap(({ StartDate, Text }) => {
        const [year = 0, month = 0, day = 0] = StartDate.split('-').map(Number);
        const atMs = zone.dayStartMs(year, month - 1, day);
        const index = buckets.findIndex(({ startMs, endMs }) => atMs >= startMs && atMs < endMs);
        return index < 0 || buckets.length === 1 ? [] : [{ index, text: Text }];
      }),
    [annotations, buckets, zone],
  );
}

/** The notes as a list below the chart. */
export function AnnotationList({ annotations }: { readonly annotations: readonly Annotation[] }): ReactElement | null {
  const remove = useChange<object, { Id: string }>('tallyline', 'DeleteAnnotation', LIST);
  if (annotations.length === 0) return null;
  return (
    <ul className="annotations">
      {annotations.map(({ Id, StartDate, EndDate, Text, Author, IsOwn }) => (
        <li key={Id} className="row">
          <span className="figures faint">
            {EndDate && EndDate !== StartDate ? `${StartDate} – ${EndDate}` : StartDate}
          </span>
          <span>{Text}</span>
          <span className="faint small">{shortName(Author)}</span>
          {IsOwn && (
            <Button
              look="ghost"
              small
              icon="close"
              aria-label={`Delete the note of ${StartDate}`}
              onClick={() => remove.mutate({ Id })}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

export function AnnotationDialog(props: { readonly day: string; readonly onClose: () => void }): ReactElement {
  const [day, setDay] = useState(props.day);
  const [text, setText] = useState('');
  const [shared, setShared] = useState(true);
  const put = useChange<object>('tallyline', 'PutAnnotation', LIST);
  const save = () => put.mutate({ StartDate: day, Text: text.trim(), Shared: shared }, { onSuccess: props.onClose });
  return (
    <Dialog
      title="Note a day"
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button look="primary" disabled={day === '' || text.trim() === ''} busy={put.isPending} onClick={save}>
            Save note
          </Button>
        </>
      }
    >
      <Field label="Day">
        <input type="date" value={day} onChange={(event) => setDay(event.target.value)} />
      </Field>
      <Field label="What happened" error={put.error?.message}>
        <textarea rows={3} maxLength={1000} value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      <label className="row small">
        <input type="checkbox" checked={shared} onChange={(event) => setShared(event.target.checked)} />
        Others see it, too
      </label>
    </Dialog>
  );
}
