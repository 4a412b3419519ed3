import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { EmptyState } from '../../components/states.tsx';
import { useTimeZone } from '../../display/time-zone.ts';
import { conditionText } from '../../report/report-filter.ts';
import { rangeOf } from '../../time/range.ts';
import { RequestTable } from '../requests/request-table.tsx';
import type { Why } from './answer.ts';
import { conditionOf, type WhyView, wordOfKey } from './question.ts';

/** The costliest calls behind it, in the first day on which it was different. */
export function Calls(props: {
  readonly why: Why;
  readonly view: WhyView;
  readonly busy: boolean;
}): ReactElement | null {
  const { why, view } = props;
  const zone = useTimeZone();
  const { Requests: calls, RequestsFrom: from, RequestsTo: to } = why;
  if (!calls || from === undefined || to === undefined) return null;
  const range = rangeOf({ startMs: Date.parse(from), endMs: Date.parse(to) }, zone);
  const path = why.Path.map(({ Key, Value }) => conditionOf(wordOfKey(Key!), Value));
  return (
    <Card
      title="Calls behind it"
      note="the costliest since then, in its first day"
      flush
      busy={props.busy}
      actions={
        <Link
          to="/requests"
          search={{ range, order: 'costliest', filter: [...view.filters, ...path].map(conditionText) } as never}
        >
          All of them
        </Link>
      }
    >
      <RequestTable
        label="The costliest calls behind the change"
        calls={calls}
        empty={<EmptyState title="No calls" icon="request" />}
      />
    </Card>
  );
}
