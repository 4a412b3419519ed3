import { type ReactElement, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card, Stat } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { NameBadge, shortName } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { percent } from '../../format/amounts.ts';
import { add, compare, subtract } from '../../format/decimal.ts';
import { sentence } from '../../format/sentence.ts';
import { eachText, scopeText } from '../../spend/spend-scope.ts';
import { Amount } from './amount.tsx';
import type { BudgetCounter, HardBudget, HardBudgetAnswer } from './answers.ts';
import { DeleteBudgetDialog } from './delete-budget-dialog.tsx';
import { HardBudgetForm } from './hard-budget-form.tsx';
import { IncreaseDialog } from './increase-dialog.tsx';
import { byUrgency, hardStanding, type ListedBudget, listedHardBudget, windowText } from './listed-budget.ts';
import { Meter, StandingChip } from './meter.tsx';
import { WindowHistory } from './window-history.tsx';

const COUNTERS_EVERY_MS = 3_000;
const CHANGES = ['UpdateHardBudget', 'IncreaseHardBudget', 'EndHardBudgetIncrease', 'DeleteHardBudget'].map(
  (action) => `tallyline:${action}`,
);

export function HardBudgetDetail({
  name,
  onClose,
}: {
  readonly name: string;
  readonly onClose: () => void;
}): ReactElement {
  const input = { Name: name, MaxResults: 1000 };
  const { data, error, refetch } = useCall<HardBudgetAnswer>('tallyline', 'GetHardBudget', input, {
    everyMs: COUNTERS_EVERY_MS,
  });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={10} height={480} />;
  return <Detail answer={data} onClose={onClose} />;
}

function counterRow(budget: HardBudget, counter: BudgetCounter): ListedBudget {
  return { ...listedHardBudget({ ...budget, Fullest: counter }), value: counter.Value, limit: counter.Limit };
}

function Detail({
  answer,
  onClose,
}: {
  readonly answer: HardBudgetAnswer;
  readonly onClose: () => void;
}): ReactElement {
  const { HardBudget: budget, Counters = [] } = answer;
  const { Name, Unit, Each, Window } = budget;
  const may = useMay(...CHANGES);
  const [opened, setOpened] = useState<'edit' | 'increase' | 'delete'>();
  const close = () => setOpened(undefined);
  const rows = Counters.map((counter) => counterRow(budget, counter)).toSorted(byUrgency);
  const [fullest] = rows;
  return (
    <>
      <div className="row spread">
        <div className="row">
          <StandingChip
            standing={hardStanding(budget, Counters.length > 0 ? fullestOf(Counters, fullest) : undefined)}
          />
          <span className="soft">
            {scopeText(budget.Scope)}
            {Each && ` · ${eachText(Each)}`} · {windowText(Window)}
            {Window?.TimeZone && <span className="faint"> {Window.TimeZone}</span>}
            {budget.Mode === 'warn' && ' · warns only'}
          </span>
        </div>
        <div className="row">
          <Button disabled={!may('tallyline:IncreaseHardBudget')} icon="plus" onClick={() => setOpened('increase')}>
            More room for a while
          </Button>
          <Button disabled={budget.IsDeclared || !may('tallyline:UpdateHardBudget')} onClick={() => setOpened('edit')}>
            Change
          </Button>
          <Button
            look="danger"
            disabled={budget.IsDeclared || !may('tallyline:DeleteHardBudget')}
            onClick={() => setOpened('delete')}
          >
            Delete
          </Button>
        </div>
      </div>
      {budget.IsDeclared && (
        <PartialNotice look="plain">
          This budget is written in the server’s configuration (<code>hardBudgets.budgets</code>), and can be changed
          only there.
        </PartialNotice>
      )}
      {fullest?.refusedAt && (
        <PartialNotice look="bad">
          A call was refused at <TimeText at={fullest.refusedAt} show="second" />
          {Each && fullest.value && ` (${shortName(fullest.value)})`}: what it could have cost at most did not fit in
          any more.
        </PartialNotice>
      )}
      <Figures budget={budget} row={fullest} />
      {Each && <CounterTable rows={rows} each={Each} />}
      <div className="grid-2">
        <Card title="How it would have gone" note="with today’s definition">
          <WindowHistory definition={{ ...budget, Limit: budget.EffectiveLimit }} />
        </Card>
        <Increases budget={budget} mayEnd={may('tallyline:EndHardBudgetIncrease')} />
      </div>
      {opened === 'edit' && <HardBudgetForm budget={budget} onClose={close} />}
      {opened === 'increase' && (
        <IncreaseDialog budget={budget} {...(fullest?.resetsAt && { resetsAt: fullest.resetsAt })} onClose={close} />
      )}
      {opened === 'delete' && <DeleteDialog name={Name} onClose={close} onDeleted={onClose} />}
      <p className="faint small">
        Counted in {Unit === 'USD' ? 'unblended US dollars, exact' : Unit}. On the command line:{' '}
        <code>tallyline budget show {Name}</code>
      </p>
    </>
  );
}

function fullestOf(counters: readonly BudgetCounter[], row: ListedBudget | undefined): BudgetCounter | undefined {
  return counters.find(({ Value }) => Value === (row?.value ?? ''));
}

function Figures({
  budget,
  row,
}: {
  readonly budget: HardBudget;
  readonly row: ListedBudget | undefined;
}): ReactElement {
  const spent = row?.spent ?? '0';
  const held = row?.held ?? '0';
  const limit = budget.EffectiveLimit;
  const left = subtract(limit, add(spent, held));
  const { Unit } = budget;
  return (
    <div className="stack">
      <div className="budget-head">
        <Meter {...{ spent, held, limit, standing: row?.standing ?? 'unused' }} />
      </div>
      <div className="grid-4">
        <Stat
          label={budget.Each ? 'Used of the fullest' : 'Used'}
          value={<Amount unit={Unit} value={spent} />}
          note={`${percent(spent, limit) ?? '–'} of the limit`}
        />
        <Stat
          label="Held by calls under way"
          value={<Amount unit={Unit} value={held} />}
          note="the most that they can cost"
        />
        <Stat
          label="Left"
          value={<Amount unit={Unit} value={compare(left, 0) < 0 ? '0' : left} />}
          note={
            row?.resetsAt ? (
              <span>
                resets <TimeText at={row.resetsAt} />
              </span>
            ) : (
              'does not reset'
            )
          }
        />
        <Stat
          label="Limit"
          value={<Amount unit={Unit} value={limit} />}
          note={
            limit === budget.Limit ? (
              `${windowText(budget.Window)}`
            ) : (
              <span>
                <Amount unit={Unit} value={budget.Limit} /> and an increase
              </span>
            )
          }
        />
      </div>
    </div>
  );
}

function CounterTable({ rows, each }: { readonly rows: readonly ListedBudget[]; readonly each: string }): ReactElement {
  const none = each.startsWith('tag:') ? `without ${each.slice('tag:'.length)}` : `no ${each}`;
  return (
    <Card title="Counters" note={`${eachText(each)} has the whole limit`} flush>
      <DataTable
        label="Counters"
        rows={rows}
        rowId={({ value = '' }) => value}
        maxHeight="380px"
        download="counters"
        empty={<EmptyState title="Nobody was counted in this window" icon="budget" />}
        columns={[
          {
            id: 'value',
            header: eachText(each).replace('each ', ''),
            text: ({ value = '' }) => value,
            cell: ({ value = '' }) => <NameBadge name={value} none={none} />,
          },
          {
            id: 'fill',
            header: 'Fill',
            text: (row) => percent(add(row.spent, row.held), row.limit) ?? '',
            cell: (row) => <Meter {...row} />,
          },
          {
            id: 'spent',
            header: 'Used',
            kind: 'number',
            text: ({ spent }) => spent,
            cell: ({ unit, spent }) => <Amount unit={unit} value={spent} />,
          },
          {
            id: 'held',
            header: 'Held',
            kind: 'number',
            text: ({ held }) => held,
            cell: ({ unit, held }) => <Amount unit={unit} value={held} />,
          },
          {
            id: 'percent',
            header: 'Of the limit',
            kind: 'number',
            text: (row) => (percent(add(row.spent, row.held), row.limit) ?? '0').replace(' %', ''),
            cell: (row) => percent(add(row.spent, row.held), row.limit) ?? '–',
          },
          {
            id: 'standing',
            header: 'State',
            text: ({ standing }) => standing,
            cell: (row) => <StandingChip {...row} />,
          },
        ]}
      />
    </Card>
  );
}

function Increases({ budget, mayEnd }: { readonly budget: HardBudget; readonly mayEnd: boolean }): ReactElement {
  const end = useChange<object, { readonly Name: string; readonly IncreaseId: string }>(
    'tallyline',
    'EndHardBudgetIncrease',
    ['tallyline', 'ListHardBudgets'],
    ['tallyline', 'GetHardBudget'],
  );
  return (
    <Card title="More room for a while" note="increases in force">
      {budget.Increases.length === 0 ? (
        <p className="faint">None: the limit is what was set.</p>
      ) : (
        <ul className="stack">
          {budget.Increases.map(({ IncreaseId, Amount: amount, Reason, ExpiresAt, CreatedBy, CreatedAt }) => (
            <li key={IncreaseId} className="row spread">
              <span>
                <strong>
                  +<Amount unit={budget.Unit} value={amount} />
                </strong>{' '}
                until <TimeText at={ExpiresAt} />
                <br />
                <span className="soft">{Reason}</span>{' '}
                <span className="faint small">
                  by {shortName(CreatedBy)}, <TimeText at={CreatedAt} zoneHidden />
                </span>
              </span>
              <Button
                small
                disabled={!mayEnd}
                busy={end.isPending}
                onClick={() => end.mutate({ Name: budget.Name, IncreaseId })}
              >
                End now
              </Button>
            </li>
          ))}
        </ul>
      )}
      {end.error && <p className="field-error">{sentence(end.error.message)}</p>}
      <hr />
      <dl className="facts">
        <div className="facts-row">
          <dt>Warns at</dt>
          <dd>{budget.WarnAtPercent.map((one) => `${one} %`).join(', ') || 'nothing'}</dd>
        </div>
        <div className="facts-row">
          <dt>Tells</dt>
          <dd>{budget.Subscribers.map(({ Address }) => Address).join(', ') || 'nobody'}</dd>
        </div>
        {budget.Unit === 'USD' && (
          <div className="facts-row">
            <dt>Unpriced models</dt>
            <dd>{budget.Unpriced === 'refuse' ? 'are refused' : 'may be called, and count nothing'}</dd>
          </div>
        )}
      </dl>
    </Card>
  );
}

function DeleteDialog(props: {
  readonly name: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}): ReactElement {
  const remove = useChange<object, { readonly Name: string }>('tallyline', 'DeleteHardBudget', [
    'tallyline',
    'ListHardBudgets',
  ]);
  return (
    <DeleteBudgetDialog {...props} remove={remove} input={{ Name: props.name }}>
      From the next call on nothing is counted or refused by it. The ledger keeps what was spent.
    </DeleteBudgetDialog>
  );
}
