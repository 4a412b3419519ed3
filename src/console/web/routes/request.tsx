import { Link, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useCall } from '../api/use-call.ts';
import { Card, Stat } from '../components/card.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { Count, Money } from '../components/figures.tsx';
import { Page as Frame } from '../components/page.tsx';
import { ErrorState, PartialNotice, Skeleton } from '../components/states.tsx';
import { TimeText } from '../components/time.tsx';
import { useScope } from '../display/scope.ts';
import { compact } from '../format/amounts.ts';
import { add } from '../format/decimal.ts';
import { AccessCard } from './request/access-card.tsx';
import { AttemptsCard } from './request/attempts-card.tsx';
import { BudgetsCard } from './request/budgets-card.tsx';
import { CopiesCard } from './request/copies-card.tsx';
import { IdentityCard } from './request/identity-card.tsx';
import { LedgerCard } from './request/ledger-card.tsx';
import type { RequestDetail } from './request/request-detail.ts';
import { TagsCard } from './request/tags-card.tsx';
import { durationMs, durationText, type RequestSummary } from './requests/request-summary.ts';
import { StatusChips } from './requests/status-chips.tsx';
import './request/request.css';

/** One call: who, with what right, what it used, and what that cost to the last digit. */
export function Page(): ReactElement {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const scope = useScope();
  const input = { RequestId: id, ...(scope !== 'ALL' && { Scope: scope }) };
  const { data, error, refetch } = useCall<RequestDetail>('tallyline', 'GetRequest', input);
  return (
    <Frame
      title="Request"
      heading={
        <span className="row">
          <Link to="/requests">Requests</Link>
          <span className="faint">/</span>
          <span className="mono request-id">{id}</span>
          <CopyButton text={id} what="the request id" />
        </span>
      }
      about={data && <Headline call={data.Request} />}
    >
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <Detail detail={data} />
      ) : (
        <div className="card card-body">
          <Skeleton lines={14} height={560} />
        </div>
      )}
    </Frame>
  );
}

function Headline({ call }: { readonly call: RequestSummary }): ReactElement {
  return (
    <span className="row">
      <StatusChips call={call} />
      <span>
        {call.Operation} at <TimeText at={call.AdmittedAt} show="second" />
      </span>
    </span>
  );
}

function Detail({ detail }: { readonly detail: RequestDetail }): ReactElement {
  const { Request: call } = detail;
  const input = add(
    call.InputTokens,
    call.CacheReadInputTokens ?? '0',
    call.CacheWrite5mInputTokens ?? '0',
    call.CacheWrite1hInputTokens ?? '0',
  );
  return (
    <div className="stack">
      {call.IsEstimated && (
        <PartialNotice>
          The vendor reported no usable count, or the process died before the answer: what was used is an estimate.
        </PartialNotice>
      )}
      <div className="grid-4">
        <Stat
          label="Cost"
          value={call.IsUnpriced ? 'Unpriced' : <Money usd={detail.CostUsd} />}
          note={
            <span>
              <span className="mono">{`$${detail.CostUsd}`}</span>
              {call.IsUnpriced && ' for what has a price'}
            </span>
          }
        />
        <Stat
          label="Tokens read"
          value={<Count value={input} />}
          note={
            call.CacheReadInputTokens === undefined
              ? 'no cache reported'
              : `${compact(call.CacheReadInputTokens)} of them from the cache`
          }
        />
        <Stat label="Tokens written" value={<Count value={call.OutputTokens} />} note="thinking included" />
        <Stat
          label="Took"
          value={durationText(durationMs(call))}
          note={
            call.FirstTokenMs === undefined
              ? 'waiting for a turn included; nothing was streamed'
              : `first token after ${durationText(call.FirstTokenMs)}`
          }
        />
      </div>
      <LedgerCard detail={detail} />
      <div className="grid-2">
        <IdentityCard detail={detail} />
        <div className="stack">
          <AttemptsCard detail={detail} />
          <TagsCard tags={detail.Tags} />
        </div>
      </div>
      <div className="grid-2">
        {detail.Access && <AccessCard access={detail.Access} />}
        <BudgetsCard budgets={detail.Budgets} />
      </div>
      <div className="grid-2">
        <CopiesCard detail={detail} />
        <BillCard detail={detail} />
      </div>
    </div>
  );
}

/** What the call became in bills. */
function BillCard({ detail }: { readonly detail: RequestDetail }): ReactElement {
  const { LineItem: line, Charges: charges } = detail;
  return (
    <Card title="In bills" note="CUR 2.0 and FOCUS">
      <dl className="facts">
        <Fact name="Billing period">{line.BillingPeriod}</Fact>
        <Fact name="Added up in">
          <TimeText at={line.BucketStart} /> and 15 minutes
        </Fact>
        <Fact name="line_item_iam_principal">
          <span className="mono small">{line.IamPrincipal}</span>
        </Fact>
        <Fact name="line_item_resource_id">
          <span className="mono small">{line.ResourceId}</span>
        </Fact>
        {charges.map(({ UsageType: type, ProductCode: product, PricingUnit: unit }) => (
          <Fact key={type} name="line_item_usage_type">
            <span className="mono small">{type}</span>{' '}
            <span className="faint small">
              {product}, in {unit}
            </span>
          </Fact>
        ))}
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }): ReactElement {
  return (
    <div className="facts-row">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
