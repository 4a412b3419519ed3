import type { ReactElement } from 'react';
import { useCall } from '../api/use-call.ts';
import { Stat } from '../components/card.tsx';
import { Count, Delta, Money, Share } from '../components/figures.tsx';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { add, divide, multiply } from '../format/decimal.ts';
import { type MeasureWord, type ReportRow, type ReportSums, reportInput } from '../report/get-report.ts';
import { Calls } from './calls.tsx';
import type { SubjectQuestion } from './subject-question.ts';

interface Answer {
  readonly Rows: readonly ReportRow[];
}

const MEASURES: readonly MeasureWord[] = [
  'COST',
  'REQUESTS',
  'TOKENS',
  'INPUT_TOKENS',
  'OUTPUT_TOKENS',
  'CACHE_READ_TOKENS',
  'CACHE_WRITE_TOKENS',
  'UNPRICED',
];

/** What a subject came to in the range, beside the span before. */
export function SubjectStats({ question }: { readonly question: SubjectQuestion }): ReactElement {
  const ask = (span: SubjectQuestion['span']) => {
    const { filter, scope } = question;
    const { zone } = question.present;
    return reportInput({
      span,
      granularity: 'TOTAL',
      timeZone: zone.name,
      groupBy: [],
      filter,
      scope,
      measures: MEASURES,
    });
  };
  const now = useCall<Answer>('tallyline', 'GetReport', ask(question.span));
  const before = useCall<Answer>('tallyline', 'GetReport', ask(question.before));
  if (now.error && !now.data) return <ErrorState error={now.error} onRetry={() => void now.refetch()} />;
  const [sums] = now.data?.Rows ?? [];
  if (!sums) return <Loading />;
  return <Figures sums={sums} before={before.data?.Rows[0]} />;
}

function Figures({
  sums,
  before,
}: {
  readonly sums: ReportSums;
  readonly before: ReportSums | undefined;
}): ReactElement {
  const { CostUsd: cost = '0', Requests: calls = '0', Tokens: tokens = '0' } = sums;
  const input = inputOf(sums);
  const perMillion = divide(multiply(cost, '1000000'), tokens, 6);
  const perCall = divide(cost, calls, 8);
  return (
    <div className="grid-4" data-testid="subject-stats">
      <Stat
        label="Cost"
        value={<Money usd={cost} />}
        note={
          before && (
            <span>
              <Delta now={cost} before={before.CostUsd ?? '0'} good="down" /> than <Money usd={before.CostUsd ?? '0'} />{' '}
              before
            </span>
          )
        }
      />
      <Stat
        label="Calls"
        value={<Calls value={calls} />}
        note={
          perCall === undefined ? (
            'none in this range'
          ) : (
            <span>
              <Money usd={perCall} /> a call
            </span>
          )
        }
      />
      <Stat
        label="Tokens"
        value={<Count value={tokens} short />}
        note={
          perMillion === undefined ? (
            'none'
          ) : (
            <span>
              <Money usd={perMillion} /> per 1M · <Share part={sums.OutputTokens ?? '0'} whole={tokens} /> written
            </span>
          )
        }
      />
      <Stat
        label="Input read from the cache"
        value={<Share part={sums.CacheReadTokens ?? '0'} whole={input} />}
        note={
          before && (
            <span>
              <Share part={before.CacheReadTokens ?? '0'} whole={inputOf(before)} /> before
            </span>
          )
        }
      />
    </div>
  );
}

/** Everything that was read, cached or not. */
function inputOf({ InputTokens = '0', CacheReadTokens = '0', CacheWriteTokens = '0' }: ReportSums): string {
  return add(InputTokens, CacheReadTokens, CacheWriteTokens);
}

function Loading(): ReactElement {
  return (
    <div className="grid-4">
      {['cost', 'calls', 'tokens', 'cache'].map((name) => (
        <div key={name} className="stat">
          <Skeleton lines={3} height={76} />
        </div>
      ))}
    </div>
  );
}
