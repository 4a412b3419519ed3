import { type ReactElement, useMemo } from 'react';
import type { Book } from '../../../../reports/book.ts';
import { type Scope, useMay, useSession } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Combobox, type Option } from '../../components/combobox.tsx';
import { Segmented, Select } from '../../components/select.tsx';
import { DIMENSIONS, isMembership, labelOfKey } from '../../report/report-key.ts';
import { useStructures } from '../organisation/membership-calls.ts';
import { MEASURES } from './measures.ts';
import { titleOf } from './names.tsx';
import { GRAINS, type Grain, MAX_KEYS, TOP_CHOICES, type View, type ViewChart } from './view.ts';

interface Tags {
  readonly CostAllocationTags: readonly { readonly TagKey: string; readonly Status: 'Active' | 'Inactive' }[];
}

interface Categories {
  readonly CostCategoryReferences: readonly { readonly Name: string }[];
}

/** Everything that the reports can be grouped and filtered by: active tags and cost categories first. */
export function useKeyOptions(): readonly Option[] {
  const { TeamTagKey, Books } = useSession();
  const may = useMay(
    'ce:ListCostAllocationTags',
    'ce:ListCostCategoryDefinitions',
    'tallyline:ListMembershipStructures',
  );
  const { data: tags } = useCall<Tags>(
    'ce',
    'ListCostAllocationTags',
    { Status: 'Active', MaxResults: 1000 },
    { enabled: may('ce:ListCostAllocationTags') },
  );
  const { data: structures } = useStructures(may('tallyline:ListMembershipStructures'));
  const { data: categories } = useCall<Categories>(
    'ce',
    'ListCostCategoryDefinitions',
    {},
    { enabled: may('ce:ListCostCategoryDefinitions') },
  );
  return useMemo(() => {
    const words = new Set([
      `tag:iamPrincipal/${TeamTagKey}`,
      // A resource's key stands bare, as AWS writes it.
      ...(tags?.CostAllocationTags ?? []).map(
        ({ TagKey }) => `tag:${TagKey.includes('/') ? TagKey : `resourceTags/${TagKey}`}`,
      ),
      ...(Books?.BillTagKeys ?? []).map((key) => `tag:${key}`),
      ...(categories?.CostCategoryReferences ?? []).map(({ Name }) => `category:${Name}`),
      ...(structures?.Structures ?? []).map(({ Name }) => `membership:${Name}`),
      ...DIMENSIONS.map(({ word }) => word),
    ]);
    return [...words].map((value) => ({
      value,
      label: labelOfKey(value),
      ...(value.startsWith('tag:') ? { note: 'tag' } : value.startsWith('category:') && { note: 'cost category' }),
    }));
  }, [tags, categories, structures, TeamTagKey, Books]);
}

export function GroupBy(props: {
  readonly view: View;
  readonly keys: readonly Option[];
  readonly openSignal: number;
  readonly onChange: (by: readonly string[]) => void;
}): ReactElement {
  const { by } = props.view;
  return (
    <Combobox
      label={`Dimensions to group by, up to ${MAX_KEYS}`}
      button={{ icon: 'category', children: by.length === 0 ? 'Not grouped' : `By ${titleOf(by)}` }}
      options={props.keys}
      value={by}
      openSignal={props.openSignal}
      // One more than there may be takes the place of the last.
      onChange={(next) =>
        props.onChange(next.length > MAX_KEYS ? [...next.slice(0, MAX_KEYS - 1), next.at(-1)!] : next)
      }
    />
  );
}

const GRAIN_LABELS: Readonly<Record<Grain, string>> = {
  auto: 'Automatic',
  total: 'Total',
  'quarter-hour': '15 minutes',
  hour: 'Hour',
  day: 'Day',
  month: 'Month',
};

const CHART_LABELS: Readonly<Record<ViewChart, string>> = {
  bars: 'Bars',
  area: 'Area',
  line: 'Line',
  treemap: 'Treemap',
  table: 'Table',
};

const BOOK_OPTIONS: readonly { readonly value: Book; readonly label: string }[] = [
  { value: 'ledger', label: 'Metered here' },
  { value: 'bill', label: 'Imported bill' },
];

const AS_OF_OPTIONS = [
  { value: 'was', label: 'As it was' },
  { value: 'is', label: 'As it is' },
] as const;

const SCOPE_LABELS: Readonly<Record<Scope, string>> = { ALL: 'Everybody', TEAM: 'My team', OWN: 'Me' };

/** How the answer is measured and drawn. */
export function ViewControls(props: {
  readonly view: View;
  readonly scopes: readonly Scope[];
  readonly scope: Scope | undefined;
  /** Kinds that fit the measure. */
  readonly charts: readonly ViewChart[];
  readonly onChange: (change: Readonly<Record<string, string | undefined>>) => void;
}): ReactElement {
  const { view, onChange, scopes, scope } = props;
  const { Books } = useSession();
  const tops = [...new Set([...TOP_CHOICES, view.top])].sort((a, b) => a - b);
  return (
    <>
      <Select
        label="Measure"
        labelHidden
        value={view.measure}
        options={MEASURES.map(({ word, label }) => ({ value: word, label }))}
        onChange={(measure) => onChange({ measure: measure === 'cost' ? undefined : measure })}
      />
      <Select
        label="per"
        value={view.grain}
        options={GRAINS.map((value) => ({ value, label: GRAIN_LABELS[value] }))}
        onChange={(grain) => onChange({ every: grain === 'auto' ? undefined : grain })}
      />
      <Select
        label="top"
        value={String(view.top)}
        options={tops.map((top) => ({ value: String(top), label: String(top) }))}
        onChange={(top) => onChange({ top: top === '10' ? undefined : top })}
      />
      {scopes.length > 1 && scope && (
        <Select
          label="of"
          value={scope}
          options={scopes.map((value) => ({ value, label: SCOPE_LABELS[value] }))}
          onChange={(next) => onChange({ scope: next === scopes[0] ? undefined : next })}
        />
      )}
      {Books && (
        <Select
          label="from"
          value={view.book ?? Books.Primary}
          options={BOOK_OPTIONS}
          onChange={(book) => onChange({ book: book === Books.Primary ? undefined : book })}
        />
      )}
      {[...view.by, ...view.filters.map(({ word }) => word)].some(isMembership) && (
        <Segmented
          label="Org chart"
          value={view.asOf ?? 'was'}
          options={AS_OF_OPTIONS}
          onChange={(asof) => onChange({ asof: asof === 'is' ? 'is' : undefined })}
        />
      )}
      <Button
        look={view.compares ? 'plain' : 'ghost'}
        icon={view.compares ? 'check' : 'plus'}
        aria-pressed={view.compares}
        onClick={() => onChange({ compare: view.compares ? undefined : 'before' })}
      >
        Period before
      </Button>
      <span className="controls-space" />
      <Segmented
        label="Chart"
        value={view.chart}
        options={props.charts.map((value) => ({ value, label: CHART_LABELS[value] }))}
        onChange={(chart) => onChange({ chart: chart === 'bars' ? undefined : chart })}
      />
    </>
  );
}
