import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useMemo, useState } from 'react';
import { billingPeriodOf, billingPeriodStartMs } from '../../../kernel/time.ts';
import { useChange } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { Field } from '../components/field.tsx';
import { FormPage } from '../components/form-page.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Segmented, Select } from '../components/select.tsx';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { toast } from '../components/toast.tsx';
import { usePresent } from '../display/present.ts';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { monthsBack } from '../time/months.ts';
import { OUTDATED_BY_CATEGORY, useCategories, useCategory } from './cost-categories/category-calls.ts';
import {
  type CategoryDraft,
  definitionOf,
  draftOfCategory,
  emptyCategory,
  isComplete,
  partsOf,
  readDefinition,
  valuesOf,
} from './new-cost-category/category-draft.ts';
import { PreviewCard } from './new-cost-category/preview-card.tsx';
import { ruleOf } from './new-cost-category/rule-draft.ts';
import { RuleList } from './new-cost-category/rule-list.tsx';
import { SplitList } from './new-cost-category/split-list.tsx';
import { useTagHistory } from './tags/tag-calls.ts';
import './new-cost-category/new-cost-category.css';

/** A definition may reach so many months back. */
const MONTHS_BACK = 12;

function parse(search: SearchParams) {
  return { edit: textOf(search, 'edit'), range: textOf(search, 'range') ?? '30d' };
}

/** Makes a cost category, or changes the one that `edit` names. */
export function Page(): ReactElement {
  const [{ edit }] = useViewState(parse);
  const list = useCategories();
  const arn = list.data?.CostCategoryReferences?.find(({ Name }) => Name === edit)?.CostCategoryArn;
  const found = useCategory(arn);
  const title = edit === undefined ? 'Create a cost category' : `Change ${edit}`;
  // What is categorized is usage: of a bill that has ended the latest month of it, if a definition may reach back so far.
  const months = monthsBack(Date.now(), MONTHS_BACK + 1);
  const present = billingPeriodOf(usePresent().atMs);
  const since = months.includes(present) ? present : months.at(-1)!;
  const error = list.error ?? found.error;
  if (error) return <Frame title={title}>{<ErrorState error={error} onRetry={() => void list.refetch()} />}</Frame>;
  if (!list.data || (edit !== undefined && !found.data))
    return <Frame title={title}>{<Skeleton lines={12} height={560} />}</Frame>;
  const start = found.data ? draftOfCategory(found.data.CostCategory, months[0]!) : emptyCategory(since);
  return <CategoryForm title={title} start={start} months={months} {...(arn !== undefined && { arn })} />;
}

function CategoryForm(props: {
  readonly title: string;
  readonly start: CategoryDraft;
  /** From which it may count, this one first. */
  readonly months: readonly string[];
  /** Of the category that is changed; absent: a new one. */
  readonly arn?: string;
}): ReactElement {
  const { arn, months } = props;
  const [{ range }, set] = useViewState(parse);
  const navigate = useNavigate();
  const [draft, setDraft] = useState(props.start);
  /** Absent: the builder is shown. */
  const [json, setJson] = useState<string>();
  const change = (part: Partial<CategoryDraft>) => setDraft((before) => ({ ...before, ...part }));
  const tags = useTagHistory();
  const categories = useCategories();
  const { name } = draft;
  const known = useMemo(
    () => ({
      tags: tags.data?.Tags.map(({ TagKey }) => TagKey) ?? [],
      categories: categories.data?.CostCategoryReferences?.map(({ Name }) => Name).filter((one) => one !== name) ?? [],
    }),
    [tags.data, categories.data, name],
  );
  const written = json === undefined ? undefined : readDefinition(json);
  const definition = json === undefined ? definitionOf(draft) : written;
  const complete = json === undefined ? draft.rules.filter(isComplete).map(ruleOf) : written?.Rules;
  const isReady =
    draft.name.trim() !== '' &&
    definition !== undefined &&
    (json !== undefined || draft.rules.every(isComplete)) &&
    definition.Rules.length > 0;

  const create = useChange('ce', 'CreateCostCategoryDefinition', ...OUTDATED_BY_CATEGORY);
  const update = useChange('ce', 'UpdateCostCategoryDefinition', ...OUTDATED_BY_CATEGORY);
  const asked = arn === undefined ? create : update;
  const submit = () => {
    const EffectiveStart = new Date(billingPeriodStartMs(draft.since)).toISOString().replace('.000', '');
    const common = { RuleVersion: 'CostCategoryExpression.v1', ...definition, EffectiveStart };
    const onSuccess = () => {
      toast(`${draft.name} counts from ${draft.since} on`);
      void navigate({ to: '/cost-categories/name/$id', params: { id: draft.name } as never });
    };
    if (arn === undefined) create.mutate({ Name: draft.name.trim(), ...common }, { onSuccess });
    else update.mutate({ CostCategoryArn: arn, ...common }, { onSuccess });
  };
  const showJson = (how: string) => {
    if (how === 'json') return setJson(JSON.stringify(definitionOf(draft), null, 2));
    if (written) change(partsOf(written));
    setJson(undefined);
  };

  return (
    <FormPage
      title={props.title}
      about="The first rule that matches a line gives its value. Reports show it at once, for all months from the chosen one on."
      list="/cost-categories"
      isNew={arn === undefined}
      {...{ isReady, asked }}
      onSubmit={submit}
      aside={
        <PreviewCard
          name={draft.name.trim()}
          rules={complete}
          defaultValue={definition?.DefaultValue ?? ''}
          range={range}
          onRange={(next) => set({ range: next }, { replace: true })}
        />
      }
    >
      <Card title="Name and begin">
        <div className="stack">
          <Field label="Name" hint="What reports group by: Product line, Environment, Department.">
            <input
              value={draft.name}
              disabled={arn !== undefined}
              onChange={(event) => change({ name: event.target.value })}
              autoComplete="off"
            />
          </Field>
          <Select
            label="Counts from the start of"
            value={draft.since}
            options={months.map((value) => ({ value, label: value }))}
            onChange={(since) => change({ since })}
          />
        </div>
      </Card>
      <Card
        title="Rules"
        actions={
          <Segmented
            label="How rules are written"
            value={json === undefined ? 'builder' : 'json'}
            options={[
              { value: 'builder', label: 'Builder' },
              { value: 'json', label: 'JSON' },
            ]}
            onChange={showJson}
          />
        }
      >
        {json === undefined ? (
          <RuleList rules={draft.rules} known={known} onChange={(rules) => change({ rules })} />
        ) : (
          <Field
            label="Definition"
            hint="Rules, DefaultValue and SplitChargeRules, as the Cost Explorer API has them."
            error={written ? undefined : 'this is no JSON with a list of Rules'}
          >
            <textarea
              className="mono"
              rows={22}
              value={json}
              onChange={(event) => setJson(event.target.value)}
              spellCheck={false}
            />
          </Field>
        )}
      </Card>
      {json === undefined && (
        <>
          <Card title="Otherwise">
            <Field label="Value of what no rule matches" hint="Empty: it has none.">
              <input
                value={draft.defaultValue}
                onChange={(event) => change({ defaultValue: event.target.value })}
                placeholder="Unassigned"
                autoComplete="off"
              />
            </Field>
          </Card>
          <Card title="Split charges" note="shown under Splits; reports and exports keep the cost where it arose">
            <SplitList splits={draft.splits} values={valuesOf(draft)} onChange={(splits) => change({ splits })} />
          </Card>
        </>
      )}
    </FormPage>
  );
}
