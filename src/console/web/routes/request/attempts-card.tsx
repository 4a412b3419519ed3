import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { Money } from '../../components/figures.tsx';
import { shortModel } from '../../format/model-name.ts';
import { durationMs, durationText } from '../requests/request-summary.ts';
import { StatusChips } from '../requests/status-chips.tsx';
import type { RequestDetail } from './request-detail.ts';

/** What was asked for, where that led, and how often it was tried. */
export function AttemptsCard({ detail }: { readonly detail: RequestDetail }): ReactElement {
  const { Request: call, Attempts: attempts } = detail;
  return (
    <Card title="Route taken" note={attempts.length > 1 ? `${attempts.length} attempts` : 'one attempt'}>
      <dl className="facts">
        <div className="facts-row">
          <dt>Asked for</dt>
          <dd className="mono">{call.RequestedModelId}</dd>
        </div>
        <div className="facts-row">
          <dt>Model</dt>
          <dd className="route-model">
            <Link to="/models/$id" params={{ id: call.ModelId } as never}>
              {shortModel(call.ModelId)}
            </Link>{' '}
            <span className="faint">
              {call.Route.replace('_', ' ')} from {call.Region}, {call.Tier.replace('_', ' ')} tier
            </span>
          </dd>
        </div>
        {call.BilledPrincipal !== undefined && (
          <div className="facts-row">
            <dt>AWS bills</dt>
            <dd>
              <span className="mono">{call.BilledPrincipal}</span>
              {call.IsGatewayPrincipal && <span className="chip chip-warn">the gateway’s own</span>}
            </dd>
          </div>
        )}
      </dl>
      <ol className="attempts">
        {attempts.map((attempt, index) => (
          <li key={attempt.RequestId} data-current={attempt.RequestId === call.RequestId}>
            <b>{index + 1}</b>
            <span>
              {attempt.RequestId === call.RequestId ? (
                attempt.Upstream
              ) : (
                <Link to="/requests/$id" params={{ id: attempt.RequestId } as never}>
                  {attempt.Upstream}
                </Link>
              )}{' '}
              <span className="faint small">
                {shortModel(attempt.ModelId)}, {durationText(durationMs(attempt))}
              </span>
            </span>
            <StatusChips call={attempt} />
            {attempt.IsUnpriced ? <span className="chip chip-bad">unpriced</span> : <Money usd={attempt.CostUsd} />}
          </li>
        ))}
      </ol>
    </Card>
  );
}
