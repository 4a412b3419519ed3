import { type ReactElement, useMemo } from 'react';
import { Card } from '../../components/card.tsx';
import { Chart } from '../../components/chart.tsx';
import { Money } from '../../components/figures.tsx';
import { EmptyState } from '../../components/states.tsx';
import { usePreferences } from '../../display/preferences.ts';
import { money } from '../../format/amounts.ts';
import { shortModel } from '../../format/model-name.ts';
import { reasonWord } from '../../spend/change-reasons.tsx';
import type { Why } from './answer.ts';
import { shortMoney } from './short-money.ts';

const ROW_HEIGHT = 30;

/** From the earlier amount to the later one, reason by reason. */
export function Reasons({ why, busy }: { readonly why: Why; readonly busy: boolean }): ReactElement {
  const { currency } = usePreferences();
  const { PreviousUsd: before, CostUsd: now, Reasons: reasons } = why;
  const { labels, series } = useMemo(
    () => ({
      labels: ['before', ...reasons.map(reasonWord), 'after'],
      series: [
        { key: 'cost', name: 'Cost', colour: '--other', values: [before, ...reasons.map((one) => one.ChangeUsd), now] },
      ],
    }),
    [before, now, reasons],
  );
  return (
    <Card title="Reasons" note="they add up to the difference, to the last digit" busy={busy}>
      {reasons.length === 0 ? (
        <EmptyState title="Nothing changed" icon="same">
          Both periods cost the same, for the same reasons.
        </EmptyState>
      ) : (
        <div className="stack">
          <Chart
            kind="waterfall"
            title="Reasons of the change"
            labelHeader="Reason"
            labels={labels}
            series={series}
            sums={false}
            height={ROW_HEIGHT * labels.length}
            format={(value) => money(value, currency)}
            axisText={(value) => shortMoney(value, currency)}
          />
          <ul className="why-reasons">
            {reasons.map((reason) => (
              <li key={reason.Reason}>
                <b>{reasonWord(reason)}</b>{' '}
                <span className="soft">
                  {reason.ModelId !== undefined && <span title={reason.ModelId}>{shortModel(reason.ModelId)}: </span>}
                  {reason.Text}, {reason.ChangeUsd.startsWith('-') ? '' : '+'}
                  <Money usd={reason.ChangeUsd} />
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}
