import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { Money } from '../../components/figures.tsx';
import { add, isZero } from '../../format/decimal.ts';
import { type CodeSum, capitalised, type ReconciliationAnswer } from './wire.ts';

interface Step {
  readonly key: string;
  readonly label: string;
  readonly title: string;
  readonly usd: string;
  /** Ends of the bar, USD. */
  readonly from: number;
  readonly to: number;
  readonly look: 'total' | 'expected' | 'open' | 'none';
  readonly code?: CodeSum;
}

/** From the ledger to the bill, cause by cause. What money does not tell apart has no bar, but its row. */
export function Waterfall(props: {
  readonly answer: ReconciliationAnswer;
  readonly code: string | undefined;
  readonly onChoose: (code: string | undefined) => void;
}): ReactElement {
  const { answer, code: chosen, onChoose } = props;
  const steps = stepsOf(answer);
  const ends = steps.flatMap(({ from, to, look }) => (look === 'total' ? [to] : [from, to]));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  // Totals would leave the differences no room: the axis begins shortly below the lowest step.
  const room = (high - low || Math.abs(high) || 1) * 0.15;
  const percentOf = (usd: number) => Math.max(0, Math.min(100, ((usd - (low - room)) / (high - low + 2 * room)) * 100));
  return (
    <Card title="From the ledger to the bill" note="the axis does not begin at zero">
      <ol className="reconcile-steps">
        {steps.map((step) => {
          const start = step.look === 'total' ? 0 : percentOf(Math.min(step.from, step.to));
          const end = percentOf(step.look === 'total' ? step.to : Math.max(step.from, step.to));
          const inside = (
            <>
              <span className="reconcile-label">
                {step.label}
                {step.code && <small className="faint"> {step.code.Rows} rows</small>}
              </span>
              <span className="reconcile-track" aria-hidden="true">
                <span
                  className={`reconcile-bar reconcile-bar-${step.look}`}
                  style={{ insetInlineStart: `${start}%`, inlineSize: `${Math.max(end - start, 0.4)}%` }}
                />
              </span>
              <span className="reconcile-amount">
                <Money usd={step.usd} />
              </span>
            </>
          );
          return (
            <li key={step.key} title={step.title}>
              {step.code ? (
                <button
                  type="button"
                  className="reconcile-step"
                  aria-pressed={chosen === step.key}
                  onClick={() => onChoose(chosen === step.key ? undefined : step.key)}
                >
                  {inside}
                </button>
              ) : (
                <div className="reconcile-step reconcile-total">{inside}</div>
              )}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

function stepsOf({ LedgerUsd, BillUsd, Codes }: ReconciliationAnswer): Step[] {
  const total = (key: string, label: string, usd: string): Step => ({
    ...{ key, label, title: '', usd, from: 0, to: Number(usd), look: 'total' },
  });
  const steps = [total('ledger', 'Ledger', LedgerUsd)];
  let reached = LedgerUsd;
  for (const code of Codes) {
    // What nothing explains is shown even where there is none.
    if (code.Code === 'MATCHED' || (code.Rows === 0 && code.Code !== 'REST')) continue;
    const from = Number(reached);
    reached = add(reached, code.DifferenceUsd);
    const look = isZero(code.DifferenceUsd) ? 'none' : code.Kind === 'open' ? 'open' : 'expected';
    const label = capitalised(code.Title);
    steps.push({
      key: code.Code,
      label,
      title: code.Meaning,
      usd: code.DifferenceUsd,
      from,
      to: Number(reached),
      look,
      code,
    });
  }
  return [...steps, total('bill', 'Bill', BillUsd)];
}
