import { type ReactElement, useState } from 'react';
import { useSession } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { toast } from '../../components/toast.tsx';
import { type AlertDraft, AlertFields, isAlertReady, NEW_ALERT, notificationOf } from './alert-fields.tsx';
import type { AwsBudget, FilterExpression } from './answers.ts';

const PERIODS: readonly { readonly value: AwsBudget['TimeUnit']; readonly label: string }[] = [
  { value: 'MONTHLY', label: 'a month' },
  { value: 'DAILY', label: 'a day' },
  { value: 'QUARTERLY', label: 'a quarter' },
  { value: 'ANNUALLY', label: 'a year' },
];

const FILTERS = [
  { value: '', label: 'everything' },
  { value: 'Tags', label: 'a tag' },
  { value: 'CostCategories', label: 'a cost category' },
  { value: 'Dimensions', label: 'accounts' },
] as const;

interface Draft {
  readonly name: string;
  readonly amount: string;
  readonly timeUnit: AwsBudget['TimeUnit'];
  readonly filter: (typeof FILTERS)[number]['value'];
  readonly key: string;
  readonly values: string;
  readonly alerts: readonly AlertDraft[];
}

/** Makes a budget in AWS's sense, or changes its amount and period; what it counts stays what it was. */
export function AwsBudgetForm({
  budget,
  onClose,
}: {
  readonly budget?: AwsBudget;
  readonly onClose: (name?: string) => void;
}): ReactElement {
  const { AccountId, TeamTagKey } = useSession();
  const [draft, setDraft] = useState<Draft>({
    name: budget?.BudgetName ?? '',
    amount: budget?.BudgetLimit?.Amount ?? '',
    timeUnit: budget?.TimeUnit ?? 'MONTHLY',
    ...{ filter: '', key: `iamPrincipal/${TeamTagKey}`, values: '', alerts: [NEW_ALERT] },
  });
  const outdated = [
    ['budgets', 'DescribeBudgets'],
    ['budgets', 'DescribeBudget'],
    ['budgets', 'DescribeBudgetNotificationsForAccount'],
  ] as const;
  const save = useChange<object>('budgets', budget ? 'UpdateBudget' : 'CreateBudget', ...outdated);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const { name, amount, timeUnit } = draft;
  const alerts = draft.alerts.filter(({ addresses }) => addresses.trim() !== '');
  const isReady = name.trim() !== '' && /^\d{1,12}(\.\d+)?$/.test(amount.trim()) && alerts.every(isAlertReady);

  const submit = () => {
    const limits = { TimeUnit: timeUnit, BudgetLimit: { Amount: amount.trim(), Unit: 'USD' } };
    const input = budget
      ? { AccountId, NewBudget: { ...settingsOf(budget), ...limits } }
      : {
          AccountId,
          Budget: {
            ...{ BudgetName: name.trim(), BudgetType: 'COST', ...limits },
            ...(draft.filter !== '' && { FilterExpression: filterOf(draft), Metrics: ['UnblendedCost'] }),
          },
          NotificationsWithSubscribers: alerts.map(notificationOf),
        };
    save.mutate(input, {
      onSuccess: () => {
        toast(budget ? `Budget ${name} is changed` : `Budget ${name.trim()} is made`);
        onClose(name.trim());
      },
    });
  };

  return (
    <Dialog
      title={budget ? `Change ${budget.BudgetName}` : 'New AWS budget'}
      wide
      onClose={() => onClose()}
      foot={
        <>
          <Button onClick={() => onClose()}>Cancel</Button>
          <Button look="primary" disabled={!isReady} busy={save.isPending} onClick={submit}>
            {budget ? 'Save' : 'Create budget'}
          </Button>
        </>
      }
    >
      <div className="form-grid">
        <Field label="Name">
          <input
            value={name}
            disabled={budget !== undefined}
            autoComplete="off"
            onChange={(event) => set({ name: event.target.value })}
          />
        </Field>
        <Field label="Period">
          <select value={timeUnit} onChange={(event) => set({ timeUnit: event.target.value as AwsBudget['TimeUnit'] })}>
            {PERIODS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Amount in US dollars">
          <input
            inputMode="decimal"
            autoComplete="off"
            value={amount}
            onChange={(event) => set({ amount: event.target.value })}
          />
        </Field>
        {!budget && <FilterFields draft={draft} set={set} />}
      </div>
      {!budget && <AlertFields alerts={draft.alerts} grows onChange={(next) => set({ alerts: next })} />}
      <Refusal error={save.error} />
    </Dialog>
  );
}

function FilterFields({
  draft,
  set,
}: {
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
}): ReactElement {
  const { filter } = draft;
  const tags = useCall<{ readonly CostAllocationTags: readonly { readonly TagKey: string }[] }>(
    'ce',
    'ListCostAllocationTags',
    { Status: 'Active', MaxResults: 100 },
    { enabled: filter === 'Tags' },
  );
  const categories = useCall<{ readonly CostCategoryReferences: readonly { readonly Name: string }[] }>(
    'ce',
    'ListCostCategoryDefinitions',
    {},
    { enabled: filter === 'CostCategories' },
  );
  const keys =
    filter === 'Tags'
      ? (tags.data?.CostAllocationTags ?? []).map(({ TagKey }) => TagKey)
      : (categories.data?.CostCategoryReferences ?? []).map(({ Name }) => Name);
  return (
    <>
      <Field label="Counts">
        <select value={filter} onChange={(event) => set({ filter: event.target.value as Draft['filter'], values: '' })}>
          {FILTERS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      {(filter === 'Tags' || filter === 'CostCategories') && (
        <Field label="Key">
          <input list="budget-keys" value={draft.key} onChange={(event) => set({ key: event.target.value })} />
        </Field>
      )}
      {filter !== '' && (
        <Field label="Values" hint="separated by commas">
          <input value={draft.values} onChange={(event) => set({ values: event.target.value })} />
        </Field>
      )}
      <datalist id="budget-keys">
        {keys.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
    </>
  );
}

function filterOf({ filter, key, values }: Draft): FilterExpression {
  const Values = values
    .split(',')
    .map((value) => value.trim())
    .filter(Boolean);
  const Key = filter === 'Dimensions' ? 'LINKED_ACCOUNT' : key.trim();
  return { [filter]: { Key, Values, MatchOptions: ['EQUALS'] } };
}

/** What may be sent back: not what the server works out itself. */
function settingsOf(budget: AwsBudget): object {
  const { CalculatedSpend: _spent, LastUpdatedTime: _at, ...rest } = budget;
  const { HealthStatus: _health, ...settings } = rest as { readonly HealthStatus?: object };
  // Where the filter is an expression, it stands for these.
  if (budget.FilterExpression) {
    const { CostFilters: _filters, CostTypes: _types, ...bare } = settings as Record<string, unknown>;
    return bare;
  }
  return settings;
}
