import type { ReactElement } from 'react';
import { useSession } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge, shortName } from '../../components/name-badge.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { usePrimaryBook } from '../../display/present.ts';
import { count, money, percent } from '../../format/amounts.ts';
import { add, isZero } from '../../format/decimal.ts';
import type { SplitRow } from '../splits/split-results.tsx';
import type { HeldShare } from './answers.ts';
import { INVOICE_PARTS } from './invoice-columns.tsx';
import { groupsOf, type Share, type StatementGroup, sharesOf } from './statement.ts';
import { saveStatement } from './statement-files.ts';
import { keyName, type StatementKey, useInvoices, useLineRows, useShareRows } from './use-statements.ts';

/** What one team, cost category or account pays for a month: made from the ledger when it is looked at, ready for paper. */
export function StatementDocument(props: {
  readonly period: string;
  readonly by: StatementKey;
  readonly value: string;
}): ReactElement {
  const { period, by, value } = props;
  const isBilled = usePrimaryBook() === 'bill';
  const shares = useShareRows(period, by, true);
  const lines = useLineRows(period, by, value);
  const invoices = useInvoices(period);
  const failed = [shares, lines].find(({ error }) => error);
  if (failed?.error) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!shares.data || !lines.data || lines.isPlaceholderData) return <Skeleton lines={14} height={640} />;
  const all = sharesOf(shares.data.Rows);
  const share = all.find((one) => one.value === value);
  if (!share)
    return (
      <EmptyState title={`Nothing was billed to this ${keyName(by)} in ${period}`} icon="statement">
        Choose another month, or go back to all statements.
      </EmptyState>
    );
  const groups = groupsOf(lines.data.Rows);
  const ofPeriod = invoices.data?.Invoices ?? [];
  const isFinal = ofPeriod.length > 0 && ofPeriod.every(({ State }) => State === 'FINAL');
  const save = (kind: 'csv' | 'json') => saveStatement({ period, by, share, groups, isFinal }, kind);
  return (
    <>
      <div className="row spread no-print">
        <span className="soft">
          Made from the {isBilled ? 'imported bill' : 'ledger'} now; nothing here is numbered or approved.
        </span>
        <div className="row">
          <Button icon="export" onClick={() => save('csv')}>
            CSV
          </Button>
          <Button icon="export" onClick={() => save('json')}>
            JSON
          </Button>
          <Button look="primary" icon="statement" onClick={() => window.print()}>
            Print
          </Button>
        </div>
      </div>
      <article className="paper">
        <Head {...{ period, by, value, isFinal }} invoiceIds={ofPeriod.flatMap(({ InvoiceId }) => InvoiceId ?? [])} />
        <Summary share={share} billUsd={add(...all.map(({ TotalUsd }) => TotalUsd))} />
        {by.startsWith('category:') && <SplitSection {...{ period, value }} category={by.slice('category:'.length)} />}
        <Lines groups={groups} totalUsd={share.TotalUsd} />
        <HeldSection period={period} principals={groups.map(({ principal }) => principal)} />
        <footer className="faint small">
          Amounts are exact to 0.000000000001 USD and rounded to cents here, so that a column can differ from its total
          by cents; CSV and JSON have every digit. Prices are means after discounts. Months are of UTC.
        </footer>
      </article>
    </>
  );
}

function Head(props: {
  readonly period: string;
  readonly by: StatementKey;
  readonly value: string;
  readonly isFinal: boolean;
  readonly invoiceIds: readonly string[];
}): ReactElement {
  const { AccountName, AccountId } = useSession();
  const { period, by, value, isFinal, invoiceIds } = props;
  return (
    <header className="paper-head">
      <div>
        <p className="faint small">Showback statement · {keyName(by)}</p>
        <h2>{value === '' ? `Without ${keyName(by)}` : value}</h2>
        <p className="soft">
          Inference in {monthName(period)} · {AccountName ?? AccountId}
        </p>
      </div>
      <dl className="facts small">
        <div className="facts-row">
          <dt>Billing period</dt>
          <dd>{period}</dd>
        </div>
        <div className="facts-row">
          <dt>State</dt>
          <dd>{isFinal ? 'final' : 'estimate: the month is not closed'}</dd>
        </div>
        {invoiceIds.length > 0 && (
          <div className="facts-row">
            <dt>Part of</dt>
            <dd>
              {invoiceIds.length === 1 ? 'invoice' : 'invoices'} {invoiceIds.join(', ')}
            </dd>
          </div>
        )}
      </dl>
    </header>
  );
}

function monthName(period: string): string {
  return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(`${period}-01T00:00:00Z`),
  );
}

function Summary({ share, billUsd }: { readonly share: Share; readonly billUsd: string }): ReactElement {
  const parts = INVOICE_PARTS.filter(([member]) => member === 'UsageUsd' || !isZero(share[member]));
  return (
    <table className="paper-table paper-summary">
      <caption className="only-read-aloud">Summary</caption>
      <tbody>
        {parts.map(([member, name]) => (
          <tr key={member}>
            <th scope="row">{name}</th>
            <td className="number">
              <Money usd={share[member]} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">
            Total{' '}
            <span className="faint">
              {percent(share.TotalUsd, billUsd) ?? '–'} of the bill of {money(billUsd)}
            </span>
          </th>
          <td className="number">
            <Money usd={share.TotalUsd} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}

/** What the split charge rules of a cost category move here, as they are shown by themselves: they change no bill. */
function SplitSection(props: {
  readonly period: string;
  readonly category: string;
  readonly value: string;
}): ReactElement | null {
  const { data } = useCall<{ readonly Rows: readonly SplitRow[] }>('tallyline', 'GetSplitCharges', {
    CostCategory: props.category,
    FirstPeriod: props.period,
  });
  const row = data?.Rows.find(({ Value }) => Value === props.value);
  if (!row || (isZero(row.AllocatedInUsd) && isZero(row.AllocatedOutUsd))) return null;
  const lines = [
    ['Own cost, before discounts', row.CostUsd],
    ['Shared costs taken on', row.AllocatedInUsd],
    ['Shared out to others', isZero(row.AllocatedOutUsd) ? '0' : `-${row.AllocatedOutUsd}`],
  ] as const;
  return (
    <section>
      <h3>With shared costs split</h3>
      <table className="paper-table paper-summary">
        <caption className="only-read-aloud">With shared costs split</caption>
        <tbody>
          {lines
            .filter(([, amount]) => !isZero(amount))
            .map(([name, amount]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="number">
                  <Money usd={amount} />
                </td>
              </tr>
            ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">After the split</th>
            <td className="number">
              <Money usd={row.TotalUsd} />
            </td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

function Lines({
  groups,
  totalUsd,
}: {
  readonly groups: readonly StatementGroup[];
  readonly totalUsd: string;
}): ReactElement {
  return (
    <section>
      <h3>Who and what</h3>
      <div className="paper-scroll">
        <table className="paper-table">
          <caption className="only-read-aloud">Lines by principal and model</caption>
          <thead>
            <tr>
              <th scope="col">Principal and model</th>
              <th scope="col">Kind</th>
              <th scope="col" className="number">
                Tokens
              </th>
              <th scope="col" className="number">
                USD per million
              </th>
              <th scope="col" className="number">
                Amount
              </th>
            </tr>
          </thead>
          {groups.map(({ principal, lines, totalUsd: ofPrincipal }) => (
            <tbody key={principal}>
              <tr className="paper-group">
                <th scope="rowgroup" colSpan={4} title={principal}>
                  <NameBadge name={principal} none="no caller: charges, and hours of models" />
                </th>
                <td className="number">
                  <Money usd={ofPrincipal} />
                </td>
              </tr>
              {lines.map(({ model, kind, tokens, pricePerMillionUsd, amountUsd }) => (
                <tr key={`${model} ${kind}`}>
                  <td>{model || '–'}</td>
                  <td>{kind}</td>
                  <td className="number">{isZero(tokens) ? '–' : <Count value={tokens} />}</td>
                  <td className="number">{pricePerMillionUsd === undefined ? '–' : count(pricePerMillionUsd)}</td>
                  <td className="number">
                    <Money usd={amountUsd} />
                  </td>
                </tr>
              ))}
            </tbody>
          ))}
          <tfoot>
            <tr>
              <th scope="row" colSpan={4}>
                Total
              </th>
              <td className="number">
                <Money usd={totalUsd} />
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}

/** Hours of models have no caller on the bill; by whom they were used is said beside it. */
function HeldSection(props: { readonly period: string; readonly principals: readonly string[] }): ReactElement | null {
  const { data } = useCall<{ readonly Rows: readonly HeldShare[] }>('tallyline', 'GetHeldModelSplit', {
    Period: props.period,
  });
  const own = data?.Rows.filter(({ Principal }) => Principal !== '' && props.principals.includes(Principal)) ?? [];
  if (own.length === 0) return null;
  return (
    <section>
      <h3>Models paid by the hour, by use</h3>
      <p className="faint small">Not in the total: on the bill these hours have no caller.</p>
      <table className="paper-table">
        <caption className="only-read-aloud">Models paid by the hour, by use</caption>
        <tbody>
          {own.map(({ Resource, Principal, CostUsd }) => (
            <tr key={`${Resource} ${Principal}`}>
              <th scope="row">{shortName(Principal)}</th>
              <td>{shortName(Resource)}</td>
              <td className="number">
                <Money usd={CostUsd} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
