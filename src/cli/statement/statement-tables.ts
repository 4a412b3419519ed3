import { formatUsdRounded, parsePicoUsd } from '../../kernel/money.ts';
import { type Column, formatTable } from '../table.ts';
import type {
  DefinitionWire,
  MonthAnswer,
  StatementAnswer,
  StatementLineWire,
  StatementStateWire,
  StatementWire,
} from './answers.ts';

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });
const AMOUNT_COLUMNS = [right('month USD'), right('corrections'), right('total USD')];
const STATEMENT_COLUMNS = [left('number'), left('period'), left('value'), ...AMOUNT_COLUMNS, left('status')];
const LINE_COLUMNS = [left('who and what'), right('tokens'), right('USD per 1M'), right('amount USD')];
const DEFINITION_COLUMNS = [left('name'), left('kind'), left('prefix'), left('by'), left('book'), left('latest')];

export function statementTable(statements: readonly StatementWire[]): string {
  if (statements.length === 0) return 'no statements';
  return formatTable(
    STATEMENT_COLUMNS,
    statements.map((one) => [
      ...[numberText(one), one.BillingPeriod, one.Value || 'no value'],
      ...[one.MonthAmount, one.CorrectionsAmount, one.TotalAmount, one.Status.toLowerCase()],
    ]),
  );
}

/** With what is carried, and the bill that all of it is. */
export function monthText({ BillAmount, Statements, Carried }: MonthAnswer): string {
  const some = Carried.filter(({ TotalAmount }) => TotalAmount !== '0.00');
  const carried = some.map(({ Value, TotalAmount }) => `${Value || 'no value'} ${TotalAmount}`);
  return [
    statementTable(Statements),
    ...(carried.length === 0 ? [] : [`below the minimum, carried to the next month: ${carried.join(', ')}`]),
    `the bill of the month: ${BillAmount} USD`,
  ].join('\n');
}

export function statementText({ Statement, State, Differences }: StatementAnswer): string {
  const { BillingPeriod, Value, Title, CostCenter, TotalAmount, BillAmount, Status } = Statement;
  const center = CostCenter ? `, cost center ${CostCenter}` : '';
  const parts = [
    `${numberText(Statement)}, ${BillingPeriod}: ${Title || Value || 'no value'}${center}`,
    '',
    formatTable(LINE_COLUMNS, [...Statement.Lines.filter(isPrinted).map(lineRow), ['total', '', '', TotalAmount]]),
    '',
    `of the bill of ${BillAmount} USD; ${Status === undefined ? '' : `${Status.toLowerCase()}, `}${eventsText(State)}`,
  ];
  for (const { Line, BeforeAmount, Amount, ChangeAmount } of Differences ?? []) {
    parts.push(`changed: ${whatText(Line)}: ${BeforeAmount} to ${Amount} (${ChangeAmount})`);
  }
  return [...parts, ...deliveryTexts(State)].join('\n');
}

export function eventsText({ Events }: StatementStateWire): string {
  return Events.map(({ Status, Version, At, By, Reason }) => {
    const reason = Reason === undefined ? '' : `: ${Reason}`;
    return `${Status.toLowerCase()} version ${Version} ${At.slice(0, 10)} by ${By}${reason}`;
  }).join('; ');
}

export function deliveryTexts({ Deliveries }: StatementStateWire): string[] {
  return Deliveries.map(({ Address, Version, Status, Failure }) => {
    const failure = Failure === undefined ? '' : ` (${Failure})`;
    return `version ${Version} to ${Address}: ${Status.toLowerCase()}${failure}`;
  });
}

export function definitionTable(definitions: readonly DefinitionWire[]): string {
  if (definitions.length === 0) return 'no statement definitions';
  return formatTable(
    DEFINITION_COLUMNS,
    definitions.map(({ Name, Kind, Prefix, Key, Book, LatestPeriod }) => [
      ...[Name, Kind, Prefix, Key.Key, Book, LatestPeriod ?? 'nothing issued'],
    ]),
  );
}

/** Corrections of no cent are left to exact files. */
function isPrinted({ Kind, Amount }: StatementLineWire): boolean {
  return Kind !== 'earlier' || Amount !== '0.00';
}

function lineRow(line: StatementLineWire): string[] {
  return [whatText(line), line.Tokens ?? '', unitPriceText(line), line.Amount];
}

function unitPriceText({ NetUsdPerMillionTokens: price }: StatementLineWire): string {
  return price === undefined ? '' : formatUsdRounded(parsePicoUsd(price), 4);
}

function whatText({ Kind, Principal, Model, TokenClass, Text, Corrects }: StatementLineWire): string {
  const used = Principal === undefined ? [] : [Principal || 'no principal', Model, TokenClass];
  const what = [...used, Text, Corrects && `corrects ${Corrects}`].filter(Boolean).join(', ');
  return what || Kind;
}

function numberText({ Number: number, Version }: StatementWire): string {
  if (number === undefined) return 'draft';
  return Version === undefined || Version === 1 ? number : `${number} v${Version}`;
}
