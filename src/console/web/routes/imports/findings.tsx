import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Money } from '../../components/figures.tsx';
import { sentence } from '../../format/sentence.ts';
import type { BillDelivery, BillFinding, BillPeriod, BillRemedy } from './import-calls.ts';

/** What imported bills cannot answer, and usage that was not understood. */
export function Findings({ periods }: { readonly periods: readonly BillPeriod[] }): ReactElement | null {
  const findings = periods.flatMap((one) => one.Findings);
  const unread = periods.flatMap(({ BillingPeriod, Unrecognised }) =>
    Unrecognised.map((one) => ({ BillingPeriod, ...one })),
  );
  if (findings.length === 0 && unread.length === 0) return null;
  return (
    <Card title="What these bills cannot answer">
      <FindingList findings={findings} />
      <ul className="stack">
        {unread.map(({ BillingPeriod, UsageType, Unread, CostUsd }) => (
          <li key={`${BillingPeriod}/${UsageType}/${Unread.join()}`}>
            <span className="chip chip-warn">not understood</span> <code className="mono">{UsageType}</code> in{' '}
            {BillingPeriod}, <Money usd={CostUsd} />: {Unread.join(', ')}
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Each finding once, with what turns it on. */
export function FindingList({ findings }: { readonly findings: readonly BillFinding[] }): ReactElement {
  const once = [...new Map(findings.map((one) => [one.Code, one])).values()];
  return (
    <ul className="stack">
      {once.map(({ Code, Loses, Text, ...remedy }) => (
        <li key={Code}>
          <span className={Loses === 'answer' ? 'chip chip-bad' : 'chip chip-warn'}>{Loses}</span> {sentence(Text)}
          <Remedy {...remedy} />
        </li>
      ))}
    </ul>
  );
}

/** The same of deliveries; where the last one lacks several things, with the one change that turns all of them on. */
export function DeliveryFindings({ deliveries }: { readonly deliveries: readonly BillDelivery[] }): ReactElement {
  const { Findings: ofLast = [], Remedy: change } = deliveries.at(-1) ?? {};
  const isOne = ofLast.filter(({ Commands }) => Commands !== undefined).length < 2;
  return (
    <>
      <FindingList findings={deliveries.flatMap(({ Findings: found }) => found)} />
      {change && !isOne && (
        <div>
          All that the export can have, in one change:
          <Remedy {...change} />
        </div>
      )}
    </>
  );
}

function Remedy({ Commands = [], Console }: BillRemedy): ReactElement {
  return (
    <>
      {Commands.length > 0 && (
        <div className="spread">
          <code className="mono small" style={{ overflowWrap: 'anywhere' }}>
            {Commands.join(' && ')}
          </code>
          <CopyButton text={Commands.join('\n')} what="the commands" />
        </div>
      )}
      {Console !== undefined && <p className="soft small">Or: {Console}</p>}
    </>
  );
}
