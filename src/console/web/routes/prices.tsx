import { type ReactElement, useRef } from 'react';
import { UTC } from '../../../kernel/time-zone.ts';
import { useCall } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Select } from '../components/select.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { choiceOf, type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import { useSpan } from '../spend/use-span.ts';
import { BilledPrices } from './prices/billed-prices.tsx';

interface Price {
  readonly PriceId: string;
  readonly ModelId: string;
  readonly ModelName?: string;
  readonly Provider?: string;
  readonly Region: string;
  readonly Routing: string;
  readonly Tier: string;
  readonly Context: string;
  readonly Meter: string;
  /** Decimal text, for one `Unit`. */
  readonly Usd: string;
  readonly Unit: string;
  readonly Source: string;
  readonly Certainty?: string;
  readonly Checked?: string;
  readonly EffectiveFrom?: string;
  readonly EffectiveTo?: string;
}

const ROUTES = ['any', 'in_region', 'geo', 'global'] as const;
const TIERS = ['any', 'standard', 'batch', 'priority', 'flex', 'reserved', 'latency_optimized'] as const;
const OWN = ['any', 'own', 'list'] as const;
const OWN_SOURCES = new Set(['override', 'private']);

const TABS = ['listed', 'billed'] as const;
const FALLBACK = '30d';

const parse = (search: SearchParams) => ({
  tab: choiceOf(search, 'tab', TABS),
  range: textOf(search, 'range') ?? FALLBACK,
  model: textOf(search, 'model') ?? '',
  day: textOf(search, 'day') ?? '',
  route: choiceOf(search, 'route', ROUTES),
  tier: choiceOf(search, 'tier', TIERS),
  own: choiceOf(search, 'own', OWN),
});

const words = (text: string) => text.replaceAll('_', ' ');
const day = (time: string | undefined) => time?.slice(0, 10) ?? '';

const COLUMNS: readonly Column<Price>[] = [
  {
    id: 'model',
    header: 'Model',
    text: ({ ModelId }) => ModelId,
    cell: ({ ModelId, ModelName }) => (
      <span title={ModelId}>
        {ModelName ?? ModelId} <span className="faint small">{ModelName ? ModelId : ''}</span>
      </span>
    ),
  },
  { id: 'meter', header: 'What', text: ({ Meter }) => words(Meter) },
  { id: 'usd', header: 'USD', kind: 'number', text: ({ Usd }) => Usd },
  { id: 'unit', header: 'Per', text: ({ Unit }) => Unit },
  { id: 'route', header: 'Route', text: ({ Routing }) => words(Routing) },
  { id: 'region', header: 'Region', text: ({ Region }) => (Region === '*' ? 'all' : Region) },
  { id: 'tier', header: 'Tier', text: ({ Tier }) => words(Tier) },
  { id: 'context', header: 'Context', text: ({ Context }) => words(Context) },
  {
    id: 'source',
    header: 'Source',
    text: ({ Source }) => Source,
    cell: ({ Source }) => <span className={OWN_SOURCES.has(Source) ? 'chip chip-good' : 'soft'}>{Source}</span>,
  },
  { id: 'certainty', header: 'Certainty', text: ({ Certainty = '' }) => Certainty },
  { id: 'checked', header: 'Checked', text: ({ Checked = '' }) => Checked, hidden: true },
  { id: 'from', header: 'In force from', text: ({ EffectiveFrom }) => day(EffectiveFrom) },
  { id: 'to', header: 'Until', text: ({ EffectiveTo }) => day(EffectiveTo), hidden: true },
  { id: 'id', header: 'Price id', text: ({ PriceId }) => PriceId, hidden: true },
];

/** What calls are rated with, and what imported bills charge beside it. */
export function Page(): ReactElement {
  const [{ tab }, set] = useViewState(parse);
  const tabs = (
    <Tabs
      label="Prices"
      value={tab}
      tabs={[
        { value: 'listed', label: 'Price book' },
        { value: 'billed', label: 'Billed prices' },
      ]}
      onChange={(value) => set({ tab: value === 'listed' ? undefined : value })}
    >
      {tab === 'billed' ? <Billed /> : <Listed />}
    </Tabs>
  );
  return (
    <Frame
      title="Prices"
      about="What calls are rated with: public list prices with their source, and your own laid over them; and what imported bills charge."
    >
      {tabs}
    </Frame>
  );
}

function Billed(): ReactElement {
  const [{ range }, set] = useViewState(parse);
  // Days of a bill are those of UTC.
  const { span } = useSpan(range, FALLBACK, { book: 'bill', zone: UTC });
  return (
    <>
      <div className="page-filters">
        <DateRange book="bill" value={range} onChange={(next) => set({ range: next })} />
      </div>
      <BilledPrices span={span} />
    </>
  );
}

function Listed(): ReactElement {
  const [view, set] = useViewState(parse);
  const search = useRef<HTMLInputElement>(null);
  useShortcut('/', 'Search prices', () => search.current?.focus());
  const { model, route, tier, own } = view;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(view.day);
  const found = useCall<{ readonly Prices: readonly Price[]; readonly Total: number }>('tallyline', 'ListPrices', {
    ...(model !== '' && { ModelText: model }),
    ...(route !== 'any' && { Route: route }),
    ...(tier !== 'any' && { Tier: tier }),
    ...(isDay && { At: `${view.day}T00:00:00Z` }),
  });
  const choice = (all: readonly string[], any: string) =>
    all.map((value) => ({ value, label: value === 'any' ? any : words(value) }));
  const prices = (found.data?.Prices ?? []).filter(
    ({ Source }) => own === 'any' || OWN_SOURCES.has(Source) === (own === 'own'),
  );
  return (
    <>
      <div className="page-filters">
        <input
          ref={search}
          type="search"
          className="input"
          aria-label="Model"
          placeholder="Part of a model id"
          value={model}
          onChange={(event) => set({ model: event.target.value || undefined }, { replace: true })}
        />
        <Select
          label="Route"
          labelHidden
          value={route}
          options={choice(ROUTES, 'Any route')}
          onChange={(value) => set({ route: value })}
        />
        <Select
          label="Tier"
          labelHidden
          value={tier}
          options={choice(TIERS, 'Any tier')}
          onChange={(value) => set({ tier: value })}
        />
        <Select
          label="Source"
          labelHidden
          value={own}
          options={[
            { value: 'any', label: 'Any source' },
            { value: 'own', label: 'Own prices' },
            { value: 'list', label: 'List prices' },
          ]}
          onChange={(value) => set({ own: value })}
        />
        <input
          type="date"
          className="input"
          aria-label="As of the day"
          title="As of the day; empty: now"
          value={view.day}
          onChange={(event) => set({ day: event.target.value || undefined })}
        />
      </div>
      {found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : !found.data ? (
        <Skeleton lines={8} height={420} />
      ) : (
        <>
          {found.data.Total > found.data.Prices.length && (
            <PartialNotice look="plain">
              The first {found.data.Prices.length} of {found.data.Total} prices. Search for a model to see its own.
            </PartialNotice>
          )}
          <Card flush busy={found.isPlaceholderData} title="Prices in force" note={String(prices.length)}>
            <DataTable
              label="Prices in force"
              columns={COLUMNS}
              rows={prices}
              rowId={({ PriceId }) => PriceId}
              download="prices"
              pickColumns
              empty={
                <EmptyState title="No price matches">
                  A call of such a model would be <em>unpriced</em>: add a price under <code>prices</code> in the
                  configuration, then run <code>tallyline rerate</code>.
                </EmptyState>
              }
            />
          </Card>
        </>
      )}
    </>
  );
}
