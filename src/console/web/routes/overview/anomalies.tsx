import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { Money } from '../../components/figures.tsx';
import { NameBadge, shortName } from '../../components/name-badge.tsx';
import { EmptyState } from '../../components/states.tsx';
import { usePresent } from '../../display/present.ts';
import { dayText } from '../../time/day-text.ts';
import { isoDate } from '../../time/range.ts';
import type { OverviewAnomaly } from './answer.ts';

/** The latest days on which something cost far more than expected, with what most of it came from. */
export function Anomalies({ anomalies }: { readonly anomalies: readonly OverviewAnomaly[] }): ReactElement {
  return (
    <Card title="Anomalies" note="of the last 30 days" flush actions={<Link to="/budgets">Monitors</Link>}>
      {anomalies.length === 0 ? (
        <EmptyState title="No anomaly" icon="check" action={<Link to="/budgets">Watch spend</Link>}>
          Monitors look every day at services, tags, cost categories and principals. Without a monitor nothing is found.
        </EmptyState>
      ) : (
        <ol className="movers">
          {anomalies.map((anomaly) => (
            <AnomalyLine key={anomaly.AnomalyId} anomaly={anomaly} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function AnomalyLine({ anomaly }: { readonly anomaly: OverviewAnomaly }): ReactElement {
  const { zone } = usePresent();
  const { From: from, To: to, Value: value, Monitor: monitor, Principal: principal, Cause: cause } = anomaly;
  const lastMs = Date.parse(to) - 1;
  const range = `${isoDate(Date.parse(from), zone)}..${isoDate(lastMs, zone)}`;
  const [first, last] = [dayText(from, zone), dayText(lastMs, zone)];
  return (
    <li className="mover">
      <div className="mover-head">
        <NameBadge name={value || monitor} />
        <span className="mover-figures">
          <b className="mover-more">
            +<Money usd={anomaly.ImpactUsd} />
          </b>
          <span className="faint">{first === last ? first : `${first} – ${last}`}</span>
        </span>
      </div>
      <p className="mover-why">
        <Money usd={anomaly.ActualUsd} /> where <Money usd={anomaly.ExpectedUsd} /> was expected
        {cause && (
          <>
            {': '}
            <span className="soft">
              {cause.UsageType} in {cause.Region}
            </span>
          </>
        )}
        {principal !== undefined && (
          <>
            {', most of it by '}
            <Link to="/principals/$id" params={{ id: principal } as never} search={{ range } as never}>
              {shortName(principal)}
            </Link>
          </>
        )}
        .{' '}
        <Link to="/why" search={{ anomaly: anomaly.AnomalyId } as never} aria-label={`Why ${value || monitor}`}>
          Why?
        </Link>
      </p>
    </li>
  );
}
