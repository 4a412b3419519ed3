import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { billingPeriodOf } from '../../../kernel/time.ts';
import { useSession } from '../api/session.ts';
import { useCall, useChange } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { Field } from '../components/field.tsx';
import { FormPage } from '../components/form-page.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Segmented, Select } from '../components/select.tsx';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { toast } from '../components/toast.tsx';
import { usePresent } from '../display/present.ts';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { keyOf, wireKeyOf } from '../report/report-key.ts';
import { useSettled } from '../spend/use-settled.ts';
import {
  type DefinitionDraft,
  definitionOf,
  draftOf,
  emptyDraft,
  previewedOf,
} from './new-statement-definition/definition-draft.ts';
import { PreviewCard } from './new-statement-definition/preview-card.tsx';
import { SharedCostList } from './new-statement-definition/shared-cost-list.tsx';
import { ValueTable } from './new-statement-definition/value-table.tsx';
import {
  bookOf,
  type KeptDefinition,
  type MonthDraft,
  STATEMENT_ANSWERS,
  type WireKey,
} from './statements/statement-calls.ts';
import { useStatementKeys } from './statements/statement-keys.ts';
import './statements/statements.css';
import './new-statement-definition/new-statement-definition.css';

interface KeptMetric {
  readonly Name: string;
  /** Absent: one value for everything. */
  readonly By?: WireKey;
}

/** Metrics that say something of each value of the key. */
function metricsBy(by: string, metrics: readonly KeptMetric[]): string[] {
  const key = keyOf(by) && wireKeyOf(keyOf(by)!);
  return metrics.filter(({ By }) => By && By.Type === key?.Type && By.Key === key.Key).map(({ Name }) => Name);
}

function parse(search: SearchParams) {
  return { edit: textOf(search, 'edit') };
}

/** Says who gets a statement of what, or changes what `edit` names. */
export function Page(): ReactElement {
  const [{ edit }] = useViewState(parse);
  const keys = useStatementKeys();
  const list = useCall<{ readonly StatementDefinitions: readonly KeptDefinition[] }>(
    'tallyline',
    'ListStatementDefinitions',
  );
  const title = edit === undefined ? 'Define statements' : 'Change a definition of statements';
  if (list.error)
    return (
      <Frame title={title}>
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      </Frame>
    );
  if (!list.data || !keys)
    return (
      <Frame title={title}>
        <Skeleton lines={12} height={560} />
      </Frame>
    );
  const kept = list.data.StatementDefinitions.find(({ DefinitionId }) => DefinitionId === edit);
  return (
    <DefinitionForm
      title={title}
      keys={keys}
      start={kept ? draftOf(kept) : emptyDraft(keys[0]!.value)}
      {...(kept && { kept })}
    />
  );
}

function DefinitionForm(props: {
  readonly title: string;
  readonly keys: readonly { readonly value: string; readonly label: string }[];
  readonly start: DefinitionDraft;
  /** Absent: a new one. */
  readonly kept?: KeptDefinition;
}): ReactElement {
  const { keys, kept } = props;
  const { Books } = useSession();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(props.start);
  const [period, setPeriod] = useState(billingPeriodOf(usePresent(bookOf(props.start.book)).atMs));
  const set = (change: Partial<DefinitionDraft>) => setDraft((before) => ({ ...before, ...change }));
  const asked = useSettled(JSON.stringify(previewedOf(draft)));
  const isShared = draft.sharedCosts.every(({ Values, Charges }) => Values.length + Charges.length > 0);
  const preview = useCall<MonthDraft>(
    'tallyline',
    'PreviewStatements',
    { BillingPeriod: period, Definition: JSON.parse(asked) as object },
    { enabled: /^\d{4}-\d{2}$/.test(period) },
  );
  const found = [...(preview.data?.Statements ?? []), ...(preview.data?.Carried ?? [])].map(({ Value }) => Value);
  const metrics = useCall<{ readonly Metrics: readonly KeptMetric[] }>('tallyline', 'ListBusinessMetrics');
  const create = useChange<object>('tallyline', 'CreateStatementDefinition', ...STATEMENT_ANSWERS);
  const update = useChange<object>('tallyline', 'UpdateStatementDefinition', ...STATEMENT_ANSWERS);
  const change = kept ? update : create;
  // Numbers and corrections rest on these.
  const isFixed = (kept?.IssuedPeriods.length ?? 0) > 0;
  const submit = () =>
    change.mutate(
      { Definition: definitionOf(draft), ...(kept && { DefinitionId: kept.DefinitionId }) },
      {
        onSuccess: () => {
          toast(kept ? `Changed ${draft.name}` : `Defined ${draft.name}: issue a month that has ended`);
          void navigate({ to: '/statements' });
        },
      },
    );
  return (
    <FormPage
      title={props.title}
      about="A statement for each value of a key, and one for what has no value; together they are the bill."
      list="/statements"
      isNew={!kept}
      isReady={draft.name.trim() !== '' && isShared}
      asked={change}
      onSubmit={submit}
      aside={<PreviewCard preview={preview} period={period} onPeriod={setPeriod} />}
    >
      <Card title="Who and what">
        <div className="stack">
          <div className="grid-2">
            <Field label="Name">
              <input value={draft.name} autoComplete="off" onChange={(event) => set({ name: event.target.value })} />
            </Field>
            <Field label="Numbers begin with" hint={isFixed ? 'Stays: statements were issued.' : 'SHB-2026-0001'}>
              <input
                value={draft.prefix}
                disabled={isFixed}
                autoComplete="off"
                onChange={(event) => set({ prefix: event.target.value.toUpperCase() })}
              />
            </Field>
          </div>
          {!isFixed && (
            <div className="row">
              <Select label="For each" value={draft.by} options={keys} onChange={(by) => set({ by, values: [] })} />
              <Segmented
                label="Kind"
                value={draft.kind}
                options={[
                  { value: 'showback', label: 'Showback' },
                  { value: 'chargeback', label: 'Chargeback' },
                ]}
                onChange={(kind) => set({ kind, prefix: kind === 'showback' ? 'SHB' : 'CHB' })}
              />
              {Books && (
                <Select
                  label="Book"
                  value={draft.book}
                  options={[
                    { value: 'primary', label: 'the primary book' },
                    { value: 'ledger', label: 'what was metered here' },
                    { value: 'bill', label: 'the imported bill' },
                  ]}
                  onChange={(book) => set({ book })}
                />
              )}
            </div>
          )}
          <Select
            label="Lines"
            value={draft.detail}
            options={[
              { value: 'model', label: 'by principal and model' },
              { value: 'meter', label: 'by class of tokens, too' },
            ]}
            onChange={(detail) => set({ detail })}
          />
        </div>
      </Card>
      <Card title="Shared costs" note="what others bear; the first rule that takes a line has it">
        <SharedCostList
          sharedCosts={draft.sharedCosts}
          values={[...new Set([...found, ...draft.sharedCosts.flatMap(({ Values }) => Values), ''])]}
          metrics={metricsBy(draft.by, metrics.data?.Metrics ?? [])}
          onChange={(sharedCosts) => set({ sharedCosts })}
        />
      </Card>
      <Card title="Values" note="cost centers, and who gets which statement; all of it may stay empty">
        <ValueTable draft={draft} found={found} onChange={(values) => set({ values })} />
      </Card>
      <Card title="Sending and payment">
        <div className="stack">
          <Field label="Recipients of every statement" hint="Mail addresses, or ARNs of topics that web hooks take.">
            <input
              value={draft.recipients}
              autoComplete="off"
              onChange={(event) => set({ recipients: event.target.value })}
            />
          </Field>
          <div className="grid-3">
            <Field label="Days until it is due">
              <input
                inputMode="numeric"
                value={draft.dueDays}
                onChange={(event) => set({ dueDays: event.target.value })}
              />
            </Field>
            <Field label="Minimum in USD" hint="Less is carried to the next month.">
              <input
                inputMode="decimal"
                value={draft.minimumUsd}
                onChange={(event) => set({ minimumUsd: event.target.value })}
              />
            </Field>
            <Select
              label="Paper"
              value={draft.paper}
              options={[
                { value: 'A4', label: 'A4' },
                { value: 'LETTER', label: 'Letter' },
              ]}
              onChange={(paper) => set({ paper })}
            />
          </div>
          {draft.kind === 'chargeback' && (
            <div className="grid-3">
              <Field label="Debit account" hint="Of the general ledger.">
                <input value={draft.debitAccount} onChange={(event) => set({ debitAccount: event.target.value })} />
              </Field>
              <Field label="Credit account">
                <input value={draft.creditAccount} onChange={(event) => set({ creditAccount: event.target.value })} />
              </Field>
              <Field label="Cost center relieved">
                <input
                  value={draft.creditCostCenter}
                  onChange={(event) => set({ creditCostCenter: event.target.value })}
                />
              </Field>
            </div>
          )}
        </div>
      </Card>
    </FormPage>
  );
}
