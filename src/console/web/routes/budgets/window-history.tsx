import type { ReactElement } from 'react';
import { timeZoneOf, UTC } from '../../../../kernel/time-zone.ts';
import { useCall } from '../../api/use-call.ts';
import { shortName } from '../../components/name-badge.tsx';
import { Skeleton } from '../../components/states.tsx';
import { compare, divide, isZero } from '../../format/decimal.ts';
import { sentence } from '../../format/sentence.ts';
import { timeText } from '../../time/time-text.ts';
import { amountText } from './amount.tsx';
import type { BudgetUnit, BudgetWindow, HardBudgetDefinition, WindowSpend } from './answers.ts';

const WINDOWS = 8;

type Previewed = Pick<HardBudgetDefinition, 'Scope' | 'Each' | 'Window' | 'Unit' | 'Limit'>;

/** How a definition would have gone in its last windows, as the ledger says. */
export function WindowHistory({ definition }: { readonly definition: Previewed }): ReactElement {
  const { Scope, Each, Window, Unit, Limit } = definition;
  const input = { Scope, ...(Each && { Each }), ...(Window && { Window }), Unit, Limit, Windows: WINDOWS };
  const { data, error, isPending } = useCall<{ readonly Windows: readonly WindowSpend[] }>(
    'tallyline',
    'PreviewHardBudget',
    input,
    { enabled: Window !== undefined },
  );
  if (!Window) return <p className="faint small">A limit on calls at once has no windows to look back on.</p>;
  if (error) return <p className="faint small">{sentence(error.message)}</p>;
  if (isPending) return <Skeleton lines={WINDOWS} height={220} />;
  const first = data.Windows.findIndex(({ ValueCount }) => ValueCount > 0);
  if (first < 0) return <p className="soft">No call of the last {WINDOWS} windows would have counted.</p>;
  const windows = data.Windows.slice(first).toReversed();
  const most = windows.reduce((max, { Values: [top] }) => (top && compare(top.Used, max) > 0 ? top.Used : max), Limit);
  const over = windows.filter(({ OverLimit }) => OverLimit > 0).length;
  return (
    <div className="stack">
      <p className="soft">{verdict(over, windows.length, definition)}</p>
      <ul aria-label="Last windows">
        {windows.map((window, index) => (
          <li key={window.Start} className="history-row">
            <span className="small figures">
              {windowLabel(window, Window)}
              {index === 0 && Window.Unit !== 'rolling' && <span className="faint"> so far</span>}
            </span>
            <Bar window={window} most={most} limit={Limit} />
            <span className="small figures">
              {usedText(window, Unit)}
              {window.OverLimit > 0 && <span className="chip chip-bad">over</span>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function verdict(over: number, all: number, { Each, Limit, Unit }: Previewed): string {
  const limit = amountText(Unit, Limit);
  if (over === 0)
    return `Within ${limit} in each of ${all === 1 ? 'the one window' : `the ${all} windows`} with calls.`;
  const whose = Each ? 'somebody would have gone over' : 'calls would have gone over';
  return `In ${over} of the last ${all} windows ${whose} ${limit}, and been refused from there on.`;
}

function usedText({ Values: [top], ValueCount }: WindowSpend, unit: BudgetUnit): string {
  if (!top) return 'nothing';
  const whose = top.Value === '' ? '' : ` ${shortName(top.Value)}`;
  const others = ValueCount > 1 ? ` +${ValueCount - 1}` : '';
  return `${amountText(unit, top.Used)}${whose}${others}`;
}

function Bar(props: { readonly window: WindowSpend; readonly most: string; readonly limit: string }): ReactElement {
  const width = (amount: string) => 100 * Number(divide(amount, props.most, 4) ?? 0);
  const [top] = props.window.Values;
  const used = top && !isZero(top.Used) ? Math.max(0.6, width(top.Used)) : 0;
  return (
    <div className="history-bar" data-over={props.window.OverLimit > 0} aria-hidden="true">
      <span style={{ width: `${used}%` }} />
      <i style={{ left: `calc(${width(props.limit)}% - 2px)` }} title="limit" />
    </div>
  );
}

/** In the zone of the window, whatever the reader's is. */
function windowLabel({ Start, End }: WindowSpend, window: BudgetWindow): string {
  const zone = timeZoneOf(window.TimeZone ?? 'UTC') ?? UTC;
  const from = Date.parse(Start);
  const until = Date.parse(End);
  switch (window.Unit) {
    case 'hour':
      return timeText(from, zone, 'minute');
    case 'day':
      return timeText(from, zone, 'date');
    case 'month':
      return timeText(from, zone, 'date').slice(0, 7);
    case 'week':
      return `${timeText(from, zone, 'date')} – ${timeText(until - 1, zone, 'date').slice(5)}`;
    case 'rolling':
      return `until ${timeText(until, zone, 'minute').slice(5)}`;
  }
}
