import type { ReactElement } from 'react';
import { Count } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { TimeText } from '../../components/time.tsx';
import { count as countText, money } from '../../format/amounts.ts';
import { add, isZero, round } from '../../format/decimal.ts';
import { keyTitle, type StatementAnswer, type WireLine } from '../statements/statement-calls.ts';

type Shown = StatementAnswer['Statement'];

const SECTIONS: Readonly<Record<string, string>> = {
  usage: 'Usage',
  late: 'Late usage of closed months',
  credit: 'Credits, refunds, fees and discounts',
  refund: 'Credits, refunds, fees and discounts',
  fee: 'Credits, refunds, fees and discounts',
  discount: 'Credits, refunds, fees and discounts',
  tax: 'Taxes',
  'shared-in': 'Shared costs',
  'shared-out': 'Shared costs',
  earlier: 'Corrections of earlier months',
};

/** The version as it is printed: the same words, lines and cents as its PDF. */
export function StatementPaper({ statement }: { readonly statement: Shown }): ReactElement {
  return (
    <article className="paper">
      <Head statement={statement} />
      <Summary statement={statement} />
      <Lines statement={statement} />
      <footer className="faint small">
        Cents are rounded so that lines add up to the total and all statements of the month to the bill after discounts;
        exact: {statement.TotalUsd} USD. Months are of UTC, prices are means after discounts.
      </footer>
    </article>
  );
}

function Head({ statement }: { readonly statement: Shown }): ReactElement {
  const { Kind, DefinitionName, Title, Key, BillingPeriod, Number: number, Version, CostCenter, IsFinal } = statement;
  const facts = [
    ['Number', Version === 1 ? number : `${number}, version ${Version}`],
    ['Issued', <TimeText key="issued" at={statement.IssuedAt} show="date" zoneHidden />],
    [
      Kind === 'chargeback' ? 'Due' : 'Approve or dispute by',
      <TimeText key="due" at={statement.DueAt} show="date" zoneHidden />,
    ],
    ['Month', `${BillingPeriod}, ${IsFinal ? 'closed' : 'not closed yet'}`],
    ...(CostCenter === '' ? [] : [['Cost center', CostCenter] as const]),
  ] as const;
  return (
    <header className="paper-head">
      <div>
        <p className="faint small">
          {Kind === 'chargeback' ? 'Chargeback' : 'Showback'} statement · {DefinitionName}
        </p>
        <h2>{Title || 'No value'}</h2>
        <p className="soft">
          Inference in {monthName(BillingPeriod)}
          {Title === '' && `, without ${keyTitle(Key)}`}
        </p>
      </div>
      <dl className="facts small">
        {facts.map(([name, value]) => (
          <div className="facts-row" key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

function monthName(period: string): string {
  return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(`${period}-01T00:00:00Z`),
  );
}

/** What each part of the month comes to, the corrections, and the total. */
function Summary({ statement }: { readonly statement: Shown }): ReactElement {
  const titles = [...new Set(Object.values(SECTIONS))];
  const parts = titles.map((title) => {
    const lines = statement.Lines.filter((line) => isPrinted(line) && SECTIONS[line.Kind] === title);
    return { title, amount: add(...lines.map(({ Amount }) => Amount)), isShown: lines.length > 0 };
  });
  return (
    <table className="paper-table paper-summary">
      <caption className="only-read-aloud">Summary</caption>
      <tbody>
        {parts
          .filter(({ isShown }) => isShown)
          .map(({ title, amount }) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              <td className="number">{money(amount)}</td>
            </tr>
          ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">
            Total <span className="faint">of the bill of {money(statement.BillAmount)}</span>
          </th>
          <td className="number">{money(statement.TotalAmount)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

function Lines({ statement }: { readonly statement: Shown }): ReactElement {
  return (
    <section>
      <h3>Lines</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section className="paper-scroll" aria-label="Lines of the statement" tabIndex={0}>
        <table className="paper-table">
          <caption className="only-read-aloud">Lines by principal and model</caption>
          <thead>
            <tr>
              <th scope="col">Who and what</th>
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
          {groupsOf(statement.Lines.filter(isPrinted)).map(({ name, isPrincipal, lines }) => (
            <tbody key={`${isPrincipal} ${name} ${lines[0]!.Kind}`}>
              <tr className="paper-group">
                <th scope="rowgroup" colSpan={3} title={name}>
                  {isPrincipal ? <NameBadge name={name} none="no principal" /> : name}
                </th>
                <td className="number">{money(add(...lines.map(({ Amount }) => Amount)))}</td>
              </tr>
              {lines.map((line, index) => (
                <LineRow key={index} line={line} />
              ))}
            </tbody>
          ))}
          <tfoot>
            <tr>
              <th scope="row" colSpan={3}>
                Total
              </th>
              <td className="number">{money(statement.TotalAmount)}</td>
            </tr>
          </tfoot>
        </table>
      </section>
    </section>
  );
}

function LineRow({ line }: { readonly line: WireLine }): ReactElement {
  const { Model, TokenClass, Text, Corrects, Tokens, NetUsdPerMillionTokens, Amount } = line;
  const what = [Model, TokenClass?.replaceAll('_', ' '), Text].filter(Boolean).join(', ') || 'no model';
  const classes = classesOf(line);
  return (
    <tr>
      <td>
        {what}
        {classes !== '' && <span className="faint small paper-note">{classes}</span>}
        {Corrects !== undefined && <span className="faint small paper-note">corrects {Corrects}</span>}
      </td>
      <td className="number">{Tokens === undefined ? '' : <Count value={Tokens} />}</td>
      <td className="number">{NetUsdPerMillionTokens === undefined ? '' : round(NetUsdPerMillionTokens, 4)}</td>
      <td className="number">{money(Amount)}</td>
    </tr>
  );
}

/** Corrections of no cent are left to exact files. */
function isPrinted({ Kind, Amount }: WireLine): boolean {
  return Kind !== 'earlier' || Amount !== '0.00';
}

function classesOf(line: WireLine): string {
  const classes = [
    ['requests', line.Requests],
    ['input', line.InputTokens],
    ['output', line.OutputTokens],
    ['cache read', line.CacheReadTokens],
    ['cache write', line.CacheWriteTokens],
    ['without a price', line.Unpriced],
  ] as const;
  const used = classes.filter(([, count]) => count !== undefined && !isZero(count));
  return used.map(([name, count]) => `${name} ${countText(count!)}`).join(' · ');
}

interface LineGroup {
  readonly name: string;
  readonly isPrincipal: boolean;
  readonly lines: readonly WireLine[];
}

/** Lines that stand together: of one principal, or of one section. */
function groupsOf(lines: readonly WireLine[]): LineGroup[] {
  const groups: { name: string; isPrincipal: boolean; lines: WireLine[] }[] = [];
  for (const line of lines) {
    const isPrincipal = line.Principal !== undefined && line.Kind === 'usage';
    const name = isPrincipal ? line.Principal! : SECTIONS[line.Kind]!;
    const last = groups.at(-1);
    if (last && last.name === name && last.isPrincipal === isPrincipal) last.lines.push(line);
    else groups.push({ name, isPrincipal, lines: [line] });
  }
  return groups;
}
