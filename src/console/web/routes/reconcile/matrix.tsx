import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import type { NameOfSource } from './source-names.ts';
import type { ReconciliationSummary } from './wire.ts';

/** Months by sources: how much is open in each. The chosen cell is looked at below. */
export function Matrix(props: {
  /** Newest first. */
  readonly all: readonly ReconciliationSummary[];
  readonly chosen: ReconciliationSummary | undefined;
  readonly nameOf: NameOfSource;
  readonly onChoose: (one: ReconciliationSummary) => void;
}): ReactElement {
  const { all, chosen, nameOf, onChoose } = props;
  const sources = [...new Set(all.map(({ SourceId }) => SourceId))].sort();
  const months = [...new Set(all.map(({ BillingPeriod }) => BillingPeriod))].sort().reverse();
  return (
    <Card title="Months and sources" note="what is open, in percent of the bill or ledger" flush>
      <div className="table-scroll">
        <table className="reconcile-matrix">
          <thead>
            <tr>
              <th scope="col">Month</th>
              {sources.map((source) => (
                <th scope="col" key={source}>
                  {nameOf(source)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {months.map((month) => (
              <tr key={month}>
                <th scope="row">{month}</th>
                {sources.map((source) => {
                  const found = all.filter((one) => one.SourceId === source && one.BillingPeriod === month);
                  return (
                    <td key={source}>
                      <Cell found={found} isChosen={found.some(({ Id }) => Id === chosen?.Id)} onChoose={onChoose} />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Cell(props: {
  /** Of one source and month, newest first. */
  readonly found: readonly ReconciliationSummary[];
  readonly isChosen: boolean;
  readonly onChoose: (one: ReconciliationSummary) => void;
}): ReactElement {
  const [latest] = props.found;
  const done = props.found.find(({ State }) => State === 'DONE');
  if (!latest) return <span className="faint">–</span>;
  const isUnderWay = latest.State === 'WAITING' || latest.State === 'RUNNING';
  const word = isUnderWay ? 'comparing …' : latest.State === 'FAILED' ? 'failed' : undefined;
  if (!done) return <span className={latest.State === 'FAILED' ? 'chip chip-bad' : 'faint'}>{word}</span>;
  return (
    <button
      type="button"
      className={`reconcile-cell chip ${lookOf(done)}`}
      aria-pressed={props.isChosen}
      onClick={() => props.onChoose(done)}
    >
      {done.OpenUsd === '0' ? 'agrees' : `${(done.OpenPercent ?? 0).toFixed(2)} %`}
      {done.IsFinal && ' · final'}
      {word !== undefined && ` · ${word}`}
    </button>
  );
}

function lookOf({ OpenUsd, OpenPercent = 0 }: ReconciliationSummary): string {
  if (OpenUsd === '0') return 'chip-good';
  return OpenPercent >= 1 ? 'chip-bad' : 'chip-warn';
}
