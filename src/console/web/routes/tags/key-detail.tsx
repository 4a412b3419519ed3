import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge, shortName } from '../../components/name-badge.tsx';
import { ShareBar } from '../../components/share-bar.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { add } from '../../format/decimal.ts';
import { labelOf, type RangeText } from '../../time/range.ts';
import { StatusChip, verbOf } from './key-table.tsx';
import { type TagHistory, type TagSwitch, useInstants } from './tag-calls.ts';
import { bareKey, explorerKey, sourceOf, TAG_SOURCES } from './tag-key.ts';

interface TagValues {
  readonly Values: readonly Value[];
}

interface Value {
  readonly Value: string;
  readonly CostUsd: string;
  readonly Requests: string;
  readonly Principals: number;
}

/** One key: its values by spend, when reports show it, and who switched it. */
export function KeyDetail(props: {
  readonly tagKey: string;
  readonly range: RangeText;
  readonly onClose: () => void;
  /** Absent: the caller may not. */
  readonly onSwitch?: () => void;
}): ReactElement {
  const { tagKey, range, onSwitch } = props;
  const history = useCall<TagHistory>('tallyline', 'GetTagHistory', { TagKey: tagKey });
  const tag = history.isPlaceholderData ? undefined : history.data?.Tags[0];
  return (
    <Dialog
      title={tagKey}
      wide
      onClose={props.onClose}
      foot={
        tag && (
          <>
            {tag.Status === 'Active' && (
              <Link className="button button-plain" to="/explorer" search={{ by: explorerKey(tagKey), range } as never}>
                See in Explorer
              </Link>
            )}
            {onSwitch && <Button onClick={onSwitch}>{verbOf({ tag })}</Button>}
          </>
        )
      }
    >
      {history.error && <ErrorState error={history.error} />}
      {!history.error && !tag && <Skeleton lines={6} height={320} />}
      {tag && (
        <>
          <dl className="facts">
            <Fact term="Key">
              <code>{bareKey(tagKey)}</code> of {TAG_SOURCES.find(({ value }) => value === sourceOf(tagKey))!.label}
            </Fact>
            <Fact term="Status">
              <StatusChip status={tag.Status} />
            </Fact>
            <Fact term="First seen">
              <TimeText at={tag.DiscoveredAt} />
            </Fact>
            <Fact term="Last seen">
              <TimeText at={tag.LastUsedAt} />
            </Fact>
            <Fact term="Shown in reports">
              {tag.Shown.length === 0 && 'never'}
              {tag.Shown.map(({ From, Until }) => (
                <div key={From}>
                  from <TimeText at={From} />
                  {Until === undefined ? (
                    ', until it is switched off'
                  ) : (
                    <>
                      {' '}
                      until <TimeText at={Until} />
                    </>
                  )}
                </div>
              ))}
            </Fact>
          </dl>
          <h3>Values at the calls, {labelOf(range).toLowerCase()}</h3>
          <Values tagKey={tagKey} range={range} />
          <h3>Switches</h3>
          <Switches switches={tag.Switches ?? []} />
        </>
      )}
    </Dialog>
  );
}

function Fact(props: { readonly term: string; readonly children: React.ReactNode }): ReactElement {
  return (
    <div className="facts-row">
      <dt>{props.term}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Values({ tagKey, range }: { readonly tagKey: string; readonly range: RangeText }): ReactElement {
  const instants = useInstants(range);
  const found = useCall<TagValues>('tallyline', 'GetTagValues', { ...instants, TagKey: tagKey });
  if (found.error) return <ErrorState error={found.error} />;
  if (!found.data || found.isPlaceholderData) return <Skeleton lines={4} height={160} />;
  const { Values: rows } = found.data;
  const total = add(...rows.map(({ CostUsd }) => CostUsd));
  const columns: Column<Value>[] = [
    {
      id: 'value',
      header: 'Value',
      text: ({ Value }) => Value,
      cell: ({ Value }) => <NameBadge name={Value} none="without this key" />,
    },
    {
      id: 'cost',
      header: 'Spend',
      kind: 'number',
      text: ({ CostUsd }) => CostUsd,
      cell: ({ CostUsd }) => <Money usd={CostUsd} />,
    },
    {
      id: 'share',
      header: 'Share',
      kind: 'number',
      text: ({ CostUsd }) => CostUsd,
      cell: ({ CostUsd }) => <ShareBar part={CostUsd} whole={total} />,
    },
    {
      id: 'requests',
      header: 'Requests',
      kind: 'number',
      text: ({ Requests }) => Requests,
      cell: ({ Requests }) => <Count value={Requests} />,
    },
    { id: 'principals', header: 'Principals', kind: 'number', text: ({ Principals }) => String(Principals) },
  ];
  return (
    <DataTable
      label={`Values of ${tagKey}`}
      columns={columns}
      rows={rows}
      rowId={({ Value }) => Value}
      sort={{ id: 'cost', descending: true }}
      maxHeight="320px"
      foot={{ value: 'Total', cost: <Money usd={total} /> }}
      empty={<EmptyState title="No usage in this range">Choose a longer range.</EmptyState>}
    />
  );
}

function Switches({ switches }: { readonly switches: readonly TagSwitch[] }): ReactElement {
  const columns: Column<TagSwitch>[] = [
    { id: 'at', header: 'When', text: ({ At }) => At, cell: ({ At }) => <TimeText at={At} show="second" /> },
    {
      id: 'status',
      header: 'Switched to',
      text: ({ Status }) => Status,
      cell: ({ Status }) => <StatusChip status={Status} />,
    },
    {
      id: 'from',
      header: 'For usage from',
      text: ({ EffectiveFrom }) => EffectiveFrom,
      cell: ({ EffectiveFrom }) => <TimeText at={EffectiveFrom} show="second" zoneHidden />,
    },
    { id: 'by', header: 'By', text: ({ By }) => By, cell: ({ By }) => <span title={By}>{shortName(By)}</span> },
  ];
  return (
    <DataTable
      label="Switches"
      columns={columns}
      rows={switches}
      rowId={({ At }) => At}
      sort={{ id: 'at', descending: true }}
      empty={<p className="faint">Never switched.</p>}
    />
  );
}
