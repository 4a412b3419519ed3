import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useMay } from '../api/session.ts';
import { Card, Stat } from '../components/card.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Money } from '../components/figures.tsx';
import { Page as Frame } from '../components/page.tsx';
import { ShareBar } from '../components/share-bar.tsx';
import { ErrorState, PartialNotice, Skeleton } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { choiceOf, type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { count } from '../format/amounts.ts';
import { compare, subtract } from '../format/decimal.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import { Backfills } from './tags/backfills.tsx';
import { CategoryTable } from './tags/category-table.tsx';
import { KeyDetail } from './tags/key-detail.tsx';
import { type KeyRow, KeyTable } from './tags/key-table.tsx';
import { SwitchDialog } from './tags/switch-dialog.tsx';
import { type TagCoverage, type TagHistory, useTagCoverage, useTagHistory } from './tags/tag-calls.ts';
import { sourceOf, TAG_SOURCES } from './tags/tag-key.ts';
import './tags/tags.css';

const SOURCES = ['principal', 'resource', 'account', 'category'] as const;

function parse(search: SearchParams) {
  return {
    range: textOf(search, 'range') ?? '30d',
    type: choiceOf(search, 'type', SOURCES),
    key: textOf(search, 'key'),
  };
}

/** Cost allocation tags: which keys usage carries, how much of the spend, and which of them reports show. */
export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  const history = useTagHistory();
  const coverage = useTagCoverage(view.range);
  const may = useMay('ce:UpdateCostAllocationTagsStatus', 'ce:StartCostAllocationTagBackfill');
  const [switching, setSwitching] = useState<KeyRow>();
  const [opened, setOpened] = useState(0);
  useShortcut('t', 'Range of time', () => setOpened((times) => times + 1));
  const error = history.error ?? coverage.error;
  const rows = history.data && coverage.data ? rowsOf(history.data, coverage.data) : undefined;
  const source = TAG_SOURCES.find(({ value }) => value === view.type)!;

  return (
    <Frame
      title="Cost allocation tags"
      about="Which tags usage carries, how much of the spend, and which of them reports, budgets and exports show."
      actions={
        <Link className="button button-plain" to="/tags/strategy" search={{ range: view.range } as never}>
          Tag strategy
        </Link>
      }
      filters={<DateRange value={view.range} onChange={(range) => set({ range })} openSignal={opened} />}
    >
      {error && <ErrorState error={error} onRetry={() => void history.refetch().then(() => coverage.refetch())} />}
      {!error && <Summary rows={rows} coverage={coverage.data} />}
      {!error && (
        <Tabs
          label="What the tags are on"
          value={view.type}
          tabs={TAG_SOURCES.map(({ value, label }) => ({
            value,
            label: labelWithCount(label, countOf(value, rows, coverage.data)),
          }))}
          onChange={(type) => set({ type, key: undefined })}
        >
          {history.data?.NextToken !== undefined && (
            <PartialNotice>Only the first 1,000 keys are shown: `tallyline tags` lists all.</PartialNotice>
          )}
          <Card title={source.label} note={source.about} flush busy={coverage.isPlaceholderData}>
            {!rows || !coverage.data ? (
              <Skeleton lines={8} height={280} />
            ) : view.type === 'category' ? (
              <CategoryTable coverage={coverage.data} range={view.range} />
            ) : (
              <KeyTable
                label={`Keys of tags: ${source.label}`}
                rows={rows.filter(({ key }) => sourceOf(key) === view.type)}
                totalUsd={coverage.data.TotalUsd}
                range={view.range}
                source={view.type}
                maySwitch={may('ce:UpdateCostAllocationTagsStatus')}
                onSwitch={setSwitching}
                onOpen={(key) => set({ key })}
              />
            )}
          </Card>
        </Tabs>
      )}
      {!error && <Backfills mayStart={may('ce:StartCostAllocationTagBackfill')} rows={rows ?? []} />}
      {view.key !== undefined && (
        <KeyDetail
          tagKey={view.key}
          range={view.range}
          onClose={() => set({ key: undefined })}
          {...(may('ce:UpdateCostAllocationTagsStatus') && {
            onSwitch: () => setSwitching(rows?.find(({ key }) => key === view.key)),
          })}
        />
      )}
      {switching && <SwitchDialog row={switching} onClose={() => setSwitching(undefined)} />}
    </Frame>
  );
}

function labelWithCount(label: string, found: number | undefined): string {
  return found === undefined ? label : `${label} (${found})`;
}

function countOf(type: string, rows: readonly KeyRow[] | undefined, coverage: TagCoverage | undefined) {
  if (type === 'category') return coverage?.CostCategories.length;
  return rows?.filter(({ key }) => sourceOf(key) === type).length;
}

/** Keys of the ledger with what they cover; those that no usage of the range carries cover nothing. */
function rowsOf({ Tags }: TagHistory, coverage: TagCoverage): KeyRow[] {
  const covered = new Map(coverage.Tags.map((one) => [one.TagKey, one]));
  return Tags.map((tag) => {
    const { CarriedUsd = '0', ShownUsd = '0', Values = 0 } = covered.get(tag.TagKey) ?? {};
    return { key: tag.TagKey, tag, carriedUsd: CarriedUsd, shownUsd: ShownUsd, values: Values };
  });
}

function Summary(props: {
  readonly rows: readonly KeyRow[] | undefined;
  readonly coverage: TagCoverage | undefined;
}): ReactElement {
  const { rows, coverage } = props;
  if (!rows || !coverage) return <Skeleton lines={3} height={96} />;
  const total = coverage.TotalUsd;
  const active = rows.filter(({ tag }) => tag.Status === 'Active');
  const idle = rows.filter(({ tag, carriedUsd }) => tag.Status === 'Inactive' && compare(carriedUsd, 0) > 0);
  const best = active.reduce<KeyRow | undefined>(
    (most, row) => (!most || compare(row.shownUsd, most.shownUsd) > 0 ? row : most),
    undefined,
  );
  const hidden = idle.reduce<KeyRow | undefined>(
    (most, row) => (!most || compare(row.carriedUsd, most.carriedUsd) > 0 ? row : most),
    undefined,
  );
  return (
    <div className="grid-4">
      <Stat label="Spend in the range" value={<Money usd={total} />} note="all of it, taxes and fees included" />
      <Stat
        label="Shown by the widest key"
        value={best ? <ShareBar part={best.shownUsd} whole={total} /> : '–'}
        note={
          best ? (
            <span>
              <code>{best.key}</code>; <Money usd={subtract(total, best.shownUsd)} /> untagged
            </span>
          ) : (
            'no key is active'
          )
        }
      />
      <Stat label="Active keys" value={count(String(active.length))} note="of 500 that a payer may have" />
      <Stat
        label="Carried but not shown"
        value={count(String(idle.length))}
        note={
          hidden ? (
            <>
              largest: <code>{hidden.key}</code>
            </>
          ) : (
            'every key that usage carries is active'
          )
        }
      />
    </div>
  );
}
