import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { billingPeriodOf } from '../../../kernel/time.ts';
import { useMay } from '../api/session.ts';
import { useChange } from '../api/use-call.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { DateRange } from '../components/date-range.tsx';
import { ConfirmDialog } from '../components/dialog.tsx';
import { Page as Frame } from '../components/page.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { toast } from '../components/toast.tsx';
import { usePresent } from '../display/present.ts';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { sentence } from '../format/sentence.ts';
import {
  type Category,
  OUTDATED_BY_CATEGORY,
  useCategories,
  useCategory,
  useValueSpend,
} from './cost-categories/category-calls.ts';
import { SpendBar } from './cost-categories/spend-bar.tsx';
import { ValueTable } from './cost-categories/value-table.tsx';
import { draftOfRule, wordsOf } from './new-cost-category/rule-draft.ts';
import { SplitResults } from './splits/split-results.tsx';
import { splitWords } from './splits/split-words.ts';
import './cost-category/cost-category.css';

function parse(search: SearchParams) {
  return { range: textOf(search, 'range') ?? '30d' };
}

/** One cost category: its rules in words, what they make of the spend, and what is shared out. */
export function Page(): ReactElement {
  const { id: name } = useParams({ strict: false }) as { readonly id: string };
  const list = useCategories();
  const arn = list.data?.CostCategoryReferences?.find(({ Name }) => Name === name)?.CostCategoryArn;
  const found = useCategory(arn);
  const error = list.error ?? found.error;
  if (error) return <Frame title={name}>{<ErrorState error={error} onRetry={() => void list.refetch()} />}</Frame>;
  if (list.data && arn === undefined) {
    return (
      <Frame title={name}>
        <EmptyState
          title="There is no such cost category"
          icon="category"
          action={<Link to="/cost-categories">All cost categories</Link>}
        />
      </Frame>
    );
  }
  if (!found.data) return <Frame title={name}>{<Skeleton lines={10} height={420} />}</Frame>;
  return <CategoryPage category={found.data.CostCategory} />;
}

function CategoryPage({ category }: { readonly category: Category }): ReactElement {
  const { Name: name, Rules, DefaultValue, EffectiveStart, SplitChargeRules = [] } = category;
  const [{ range }, set] = useViewState(parse);
  const navigate = useNavigate();
  const may = useMay('ce:UpdateCostCategoryDefinition', 'ce:DeleteCostCategoryDefinition');
  const { spend, error, isOld, refetch } = useValueSpend(name, range);
  const [isDeleting, setDeleting] = useState(false);
  const remove = useChange('ce', 'DeleteCostCategoryDefinition', ...OUTDATED_BY_CATEGORY);
  const month = billingPeriodOf(usePresent().atMs);
  return (
    <Frame
      title={name}
      about={`Counts since ${EffectiveStart.slice(0, 7)}.`}
      actions={
        <>
          {may('ce:DeleteCostCategoryDefinition') && <Button onClick={() => setDeleting(true)}>Delete</Button>}
          <Link className="button button-plain" to="/explorer" search={{ by: `category:${name}`, range } as never}>
            See in Explorer
          </Link>
          {may('ce:UpdateCostCategoryDefinition') && (
            <Link className="button button-primary" to="/cost-categories/new" search={{ edit: name } as never}>
              Change
            </Link>
          )}
        </>
      }
      filters={<DateRange value={range} onChange={(next) => set({ range: next })} />}
    >
      <Card title="Spend by value" flush busy={isOld}>
        {error && <ErrorState error={error} onRetry={() => void refetch()} />}
        {!error && !spend && <Skeleton lines={6} height={240} />}
        {!error && spend && (
          <>
            <div className="category-bar">
              <SpendBar spend={spend} />
            </div>
            <ValueTable label={`Spend by ${name}`} spend={spend} />
          </>
        )}
      </Card>
      <Card title="Rules" note="the first that matches counts">
        <ol className="category-rules">
          {Rules.map((rule) => {
            const draft = draftOfRule(rule);
            return (
              <li key={JSON.stringify(rule)}>
                {draft.kind === 'inherit' ? (
                  <>the value is {wordsOf(draft)}</>
                ) : (
                  <>
                    <b>{rule.Value}</b> when {wordsOf(draft)}
                  </>
                )}
              </li>
            );
          })}
          <li>
            {DefaultValue === undefined ? (
              'otherwise no value'
            ) : (
              <>
                otherwise <b>{DefaultValue}</b>
              </>
            )}
          </li>
        </ol>
      </Card>
      <Card
        title="Split charges"
        note={SplitChargeRules.length > 0 && `of ${month}, so far`}
        flush={SplitChargeRules.length > 0}
        actions={
          SplitChargeRules.length > 0 && (
            <Link to="/splits" search={{ category: name } as never}>
              Other months
            </Link>
          )
        }
      >
        {SplitChargeRules.length === 0 ? (
          <p className="soft">Nothing is shared out: every value keeps its own cost.</p>
        ) : (
          <>
            <ul className="stack category-bar">
              {SplitChargeRules.map((rule) => (
                <li key={rule.Source}>{splitWords(rule)}</li>
              ))}
            </ul>
            <SplitResults category={name} firstPeriod={month} lastPeriod={month} />
          </>
        )}
      </Card>
      {isDeleting && (
        <ConfirmDialog
          title={`Delete ${name}`}
          verb="Delete"
          busy={remove.isPending}
          error={remove.error ? sentence(remove.error.message) : undefined}
          onClose={() => setDeleting(false)}
          onConfirm={() =>
            remove.mutate(
              { CostCategoryArn: category.CostCategoryArn },
              {
                onSuccess: () => {
                  toast(`Deleted ${name}`);
                  void navigate({ to: '/cost-categories' });
                },
              },
            )
          }
        >
          It says nothing about this month and later ones. What it said about months before stays in reports and
          exports.
        </ConfirmDialog>
      )}
    </Frame>
  );
}
