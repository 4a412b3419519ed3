import { type ReactElement, useState } from 'react';
import { useSession } from '../../api/session.ts';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { Segmented } from '../../components/select.tsx';
import { toast } from '../../components/toast.tsx';
import { useTimeZone } from '../../display/time-zone.ts';
import { ScopeBuilder } from '../../spend/scope-builder.tsx';
import { useSettled } from '../../spend/use-settled.ts';
import type { BudgetUnit, HardBudget, HardBudgetDefinition } from './answers.ts';
import { type BudgetDraft, definitionOf, draftErrors, draftOf, EACH_CHOICES, newDraft } from './budget-draft.ts';
import { SubscriberFields } from './subscriber-fields.tsx';
import { WindowHistory } from './window-history.tsx';

const UNITS: readonly { readonly value: BudgetUnit; readonly label: string }[] = [
  { value: 'USD', label: 'US dollars' },
  { value: 'tokens', label: 'Tokens' },
  { value: 'requests', label: 'Calls' },
  { value: 'concurrency', label: 'Calls at once' },
];
const WINDOW_UNITS = [
  { value: 'hour', label: 'an hour' },
  { value: 'day', label: 'a day' },
  { value: 'week', label: 'a week' },
  { value: 'month', label: 'a month' },
  { value: 'rolling', label: 'the last hours' },
] as const;

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

/** Makes a hard budget, or puts a new definition in place of the old one. */
export function HardBudgetForm({
  budget,
  onClose,
}: {
  readonly budget?: HardBudget;
  readonly onClose: (name?: string) => void;
}): ReactElement {
  const { TeamTagKey } = useSession();
  const zone = useTimeZone();
  const [draft, setDraft] = useState<BudgetDraft>(() =>
    budget ? draftOf(budget, zone.name, TeamTagKey) : newDraft(zone.name, TeamTagKey),
  );
  const [isTried, setTried] = useState(false);
  const save = useChange<object, HardBudgetDefinition>(
    'tallyline',
    budget ? 'UpdateHardBudget' : 'CreateHardBudget',
    ['tallyline', 'ListHardBudgets'],
    ['tallyline', 'GetHardBudget'],
  );
  const errors = draftErrors(draft);
  const set = (change: Partial<BudgetDraft>) => setDraft((before) => ({ ...before, ...change }));
  const error = (field: keyof typeof errors) => (isTried ? errors[field] : undefined);

  const submit = () => {
    setTried(true);
    if (Object.keys(errors).length > 0) return;
    const definition = definitionOf(draft);
    save.mutate(definition, {
      onSuccess: () => {
        toast(budget ? `Budget ${definition.Name} is changed` : `Budget ${definition.Name} is in force`);
        onClose(definition.Name);
      },
    });
  };

  return (
    <Dialog
      title={budget ? `Change ${budget.Name}` : 'New hard budget'}
      wide
      onClose={() => onClose()}
      foot={
        <>
          <Button onClick={() => onClose()}>Cancel</Button>
          <Button look="primary" busy={save.isPending} onClick={submit}>
            {budget ? 'Save' : 'Create budget'}
          </Button>
        </>
      }
    >
      <div className="form-grid">
        <Field label="Name" error={error('name')}>
          <input
            value={draft.name}
            disabled={budget !== undefined}
            placeholder="search-month"
            autoComplete="off"
            onChange={(event) => set({ name: event.target.value })}
          />
        </Field>
        <Field label="What happens at the limit">
          <select value={draft.mode} onChange={(event) => set({ mode: event.target.value as BudgetDraft['mode'] })}>
            <option value="enforce">Calls that could go over it are refused</option>
            <option value="warn">It counts and warns, and refuses nothing</option>
          </select>
        </Field>
        <div className="wide">
          <ScopeBuilder
            lines={draft.lines}
            onChange={(lines) => set({ lines })}
            everybody="Everybody’s calls, of every model."
            tagKey={TeamTagKey}
          />
          {error('lines') && <span className="field-error">{error('lines')}</span>}
        </div>
        <Field label="Counts in">
          <select value={draft.unit} onChange={(event) => set({ unit: event.target.value as BudgetUnit })}>
            {UNITS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Limit" error={error('limit')}>
          <input
            value={draft.limit}
            inputMode="decimal"
            placeholder={draft.unit === 'USD' ? '250' : '1000000'}
            autoComplete="off"
            onChange={(event) => set({ limit: event.target.value })}
          />
        </Field>
        {draft.unit !== 'concurrency' && <WindowFields draft={draft} set={set} />}
        <Field label="One limit for">
          <select value={draft.each} onChange={(event) => set({ each: event.target.value as BudgetDraft['each'] })}>
            {EACH_CHOICES.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        {draft.each === 'tag' && (
          <Field label="Tag key">
            <input value={draft.eachTag} onChange={(event) => set({ eachTag: event.target.value })} />
          </Field>
        )}
        <Field label="Warn at percent of the limit" error={error('warnAt')}>
          <input value={draft.warnAt} onChange={(event) => set({ warnAt: event.target.value })} />
        </Field>
        {draft.unit === 'USD' && (
          <Field label="Models without a price">
            <select
              value={draft.unpriced}
              onChange={(event) => set({ unpriced: event.target.value as BudgetDraft['unpriced'] })}
            >
              <option value="allow">may be called, and count nothing</option>
              <option value="refuse">are refused</option>
            </select>
          </Field>
        )}
        <div className="wide">
          <SubscriberFields subscribers={draft.subscribers} onChange={(subscribers) => set({ subscribers })} />
        </div>
      </div>
      <Refusal error={save.error} />
      <LookBack draft={draft} />
    </Dialog>
  );
}

function WindowFields({
  draft,
  set,
}: {
  readonly draft: BudgetDraft;
  readonly set: (change: Partial<BudgetDraft>) => void;
}): ReactElement {
  return (
    <>
      <div className="field wide">
        <span>In</span>
        <div className="row">
          <Segmented
            label="Window"
            value={draft.windowUnit}
            options={WINDOW_UNITS}
            onChange={(windowUnit) => set({ windowUnit })}
          />
          {draft.windowUnit === 'rolling' ? (
            <label className="labelled">
              <span>hours</span>
              <input
                className="input hours"
                inputMode="numeric"
                value={draft.hours}
                onChange={(event) => set({ hours: event.target.value.replace(/\D/g, '') })}
              />
            </label>
          ) : (
            <label className="labelled">
              <span>of the zone</span>
              <input
                className="input"
                list="budget-zones"
                value={draft.timeZone}
                onChange={(event) => set({ timeZone: event.target.value })}
              />
            </label>
          )}
        </div>
      </div>
      <datalist id="budget-zones">
        {ZONES.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

/** Follows what is typed. */
function LookBack({ draft }: { readonly draft: BudgetDraft }): ReactElement {
  const settled = useSettled(draft);
  const { limit, lines } = draftErrors(settled);
  return (
    <section className="look-back">
      <h3>How it would have gone</h3>
      {limit === undefined && lines === undefined ? (
        <WindowHistory definition={definitionOf(settled)} />
      ) : (
        <p className="faint small">With a limit and whose calls it is about, the last windows are shown here.</p>
      )}
    </section>
  );
}
