import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Count, Money, Share as ShareOf } from '../../components/figures.tsx';
import { Icon } from '../../components/icon.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../../components/states.tsx';
import { usePrimaryBook } from '../../display/present.ts';
import { add, isZero, subtract } from '../../format/decimal.ts';
import { sentence } from '../../format/sentence.ts';
import { amountColumns, amountSums } from './invoice-columns.tsx';
import { sharesOf } from './statement.ts';
import { keyName, type StatementKey, useInvoices, useShareRows } from './use-statements.ts';

/** A month's bill, shared out among the values of a key, with nothing left over. */
export function ShareList({ period, by }: { readonly period: string; readonly by: StatementKey }): ReactElement {
  // The bill first: in a month that goes on, what comes in between makes the shares larger and not the bill.
  const invoices = useInvoices(period);
  const isBilled = usePrimaryBook() === 'bill';
  const report = useShareRows(period, by, !invoices.isPending);
  const error = report.error;
  if (error) return <ErrorState error={error} onRetry={() => void report.refetch()} />;
  if (!report.data || invoices.isPending) return <Skeleton lines={9} height={380} />;
  const shares = sharesOf(report.data.Rows);
  const sums = amountSums(shares);
  const none = `no ${keyName(by)}`;
  const unpriced = add(...shares.map((share) => share.unpriced));
  return (
    <>
      <Card
        title={`${period} by ${keyName(by)}`}
        note="the whole bill; what belongs to nobody is a line of its own"
        flush
        busy={report.isPlaceholderData}
      >
        <DataTable
          label={`${period} by ${keyName(by)}`}
          rows={shares}
          rowId={({ value }) => value}
          download={`statements-${period}-by-${keyName(by)}`}
          empty={
            <EmptyState title={`Nothing was billed in ${period}`} icon="statement">
              Choose another month.
            </EmptyState>
          }
          columns={[
            {
              id: 'value',
              header: keyName(by),
              text: ({ value }) => value,
              cell: ({ value }) => (
                <Link to="." search={((before: object) => ({ ...before, of: value })) as never}>
                  <NameBadge name={value} none={none} />
                </Link>
              ),
            },
            {
              id: 'tokens',
              header: 'Tokens',
              kind: 'number',
              text: ({ tokens }) => tokens,
              cell: ({ tokens }) => <Count value={tokens} short />,
            },
            ...amountColumns(shares),
            {
              id: 'share',
              header: 'Of the bill',
              kind: 'number',
              text: ({ TotalUsd }) => TotalUsd,
              cell: ({ TotalUsd }) => <ShareOf part={TotalUsd} whole={sums.TotalUsd} />,
            },
          ]}
          foot={{
            value: 'All',
            tokens: <Count value={add(...shares.map(({ tokens }) => tokens))} short />,
            ...Object.fromEntries(
              Object.entries(sums).map(([member, sum]) => [member, <Money key={member} usd={sum} />]),
            ),
          }}
        />
      </Card>
      {isBilled ? (
        <PartialNotice look="plain">Of the imported bill.</PartialNotice>
      ) : invoices.data ? (
        <Reconciled
          billUsd={add(...invoices.data.Invoices.map(({ TotalUsd }) => TotalUsd))}
          sharesUsd={sums.TotalUsd}
          isFinal={invoices.data.Invoices.every(({ State }) => State === 'FINAL')}
        />
      ) : (
        <PartialNotice look="plain">
          The bill itself is not shown: {invoices.error ? sentence(invoices.error.message) : ''}
        </PartialNotice>
      )}
      {!isZero(unpriced) && (
        <PartialNotice>
          <Count value={unpriced} short /> pieces have no price and cost nothing here. See{' '}
          <Link to="/prices">Prices</Link>.
        </PartialNotice>
      )}
    </>
  );
}

/** Whether the shares are the bill. */
function Reconciled(props: {
  readonly billUsd: string;
  readonly sharesUsd: string;
  readonly isFinal: boolean;
}): ReactElement {
  const { billUsd, sharesUsd, isFinal } = props;
  const difference = subtract(sharesUsd, billUsd);
  const state = isFinal ? 'final' : 'an estimate until the month is closed';
  if (isZero(difference))
    return (
      <p className="reconciled">
        <Icon name="check" size={15} />
        <span>
          Equal to the bill of <Money usd={billUsd} />, to the last digit; {state}.
        </span>
      </p>
    );
  return (
    <PartialNotice>
      The bill is <Money usd={billUsd} />, <Money usd={difference} /> away.{' '}
      {isFinal
        ? 'Look at the corrections of this month.'
        : 'Calls came in between the two questions: load the page again.'}
    </PartialNotice>
  );
}
