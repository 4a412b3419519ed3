import { formatUsd, type PicoUsd } from '../kernel/money.ts';
import { costPerMillionTokens } from '../kernel/unit-cost.ts';
import type { BookLine } from './book-line.ts';
import { type MetricUnits, sharedParts } from './shared-costs.ts';
import type { LineKind, StatementLine } from './statement.ts';
import type { SharedCost } from './statement-definition.ts';

/** A line whose cents are not decided yet. */
export interface DraftLine {
  readonly line: Omit<StatementLine, 'amount'>;
  readonly netPicoUsd: PicoUsd;
}

/** What the book says of one month, by value and after costs were shared. */
export interface MonthFigures {
  readonly period: string;
  /** The bill: what all values sum to. */
  readonly netPicoUsd: PicoUsd;
  readonly values: ReadonlyMap<string, ValueFigures>;
}

export interface ValueFigures {
  readonly netPicoUsd: PicoUsd;
  readonly lines: readonly DraftLine[];
}

/** Lines of usage on one statement; the rest, which costs least, is one line. */
const USAGE_LINES_MAX = 1_000;

const CHARGE_KINDS: Readonly<Record<string, LineKind>> = {
  Credit: 'credit',
  Refund: 'refund',
  Fee: 'fee',
  Tax: 'tax',
  Discount: 'discount',
};

export function monthFigures(
  period: string,
  book: readonly BookLine[],
  sharedCosts: readonly SharedCost[],
  unitsOf?: MetricUnits,
): MonthFigures {
  const values = new Map<string, { netPicoUsd: PicoUsd; lines: DraftLine[] }>();
  const add = (value: string, lines: readonly DraftLine[]) => {
    const known = values.get(value) ?? { netPicoUsd: 0n, lines: [] };
    for (const line of lines) {
      known.netPicoUsd += line.netPicoUsd;
      known.lines.push(line);
    }
    values.set(value, known);
  };
  for (const [value, lines] of Map.groupBy(book, (line) => line.value)) add(value, ownLines(lines));
  for (const { value, isOut, words, netPicoUsd } of sharedParts(book, sharedCosts, unitsOf)) {
    const kind = isOut ? 'shared-out' : 'shared-in';
    add(value, [{ line: { kind, text: words, netUsd: formatUsd(netPicoUsd) }, netPicoUsd }]);
  }
  const netPicoUsd = book.reduce((sum, line) => sum + line.netCostPicoUsd, 0n);
  return { period, netPicoUsd, values };
}

/** Usage by principal, the costliest first; then what is late, then charges. */
function ownLines(lines: readonly BookLine[]): DraftLine[] {
  const used = lines.filter(({ kind }) => kind === 'Usage' || kind === 'Correction').sort(byCost);
  const listed = used.slice(0, USAGE_LINES_MAX);
  const rest = Map.groupBy(used.slice(USAGE_LINES_MAX), ({ kind, correctedPeriod }) => `${kind} ${correctedPeriod}`);
  const charges = lines.filter(({ kind }) => kind !== 'Usage' && kind !== 'Correction');
  return [
    ...byPrincipal(listed.filter(({ kind }) => kind === 'Usage')).map((line) => usageLine(line)),
    ...listed.filter(({ kind }) => kind === 'Correction').map((line) => usageLine(line)),
    ...[...rest.values()].map((folded) => usageLine(sumOf(folded), folded.length)),
    ...charges.map(chargeLine),
  ];
}

/** Those of one principal together, the costliest principal first. */
function byPrincipal(lines: readonly BookLine[]): BookLine[] {
  const groups = [...Map.groupBy(lines, ({ principal }) => principal).values()];
  const costOf = (group: readonly BookLine[]) => group.reduce((sum, { netCostPicoUsd }) => sum + netCostPicoUsd, 0n);
  return groups
    .map((group) => ({ group, cost: costOf(group) }))
    .sort((a, b) => (a.cost === b.cost ? 0 : a.cost > b.cost ? -1 : 1))
    .flatMap(({ group }) => group);
}

function byCost(a: BookLine, b: BookLine): number {
  if (a.netCostPicoUsd !== b.netCostPicoUsd) return a.netCostPicoUsd > b.netCostPicoUsd ? -1 : 1;
  return orderOf(a) < orderOf(b) ? -1 : 1;
}

function orderOf({ kind, correctedPeriod, principal, model, meter }: BookLine): string {
  return JSON.stringify([kind, correctedPeriod, principal, model, meter]);
}

/** `folded`: of how many lines it is the sum. */
function usageLine(line: BookLine, folded?: number): DraftLine {
  const { principal, model, meter, kind, correctedPeriod, netCostPicoUsd } = line;
  const perMillionUsd = costPerMillionTokens(netCostPicoUsd, line.tokens);
  const late = `late usage of ${correctedPeriod}`;
  return {
    netPicoUsd: netCostPicoUsd,
    line: {
      kind: kind === 'Usage' ? 'usage' : 'late',
      text: [
        ...(folded === undefined ? [] : [`${folded} further lines, which cost less each`]),
        ...(kind === 'Correction' ? [late] : []),
      ].join(', '),
      ...(folded === undefined && { principal, model, ...(meter !== '' && { meter }) }),
      ...(kind === 'Correction' && { period: correctedPeriod }),
      quantities: {
        tokens: `${line.tokens}`,
        inputTokens: `${line.inputTokens}`,
        outputTokens: `${line.outputTokens}`,
        cacheReadTokens: `${line.cacheReadTokens}`,
        cacheWriteTokens: `${line.cacheWriteTokens}`,
        requests: `${line.requests}`,
        unpriced: `${line.unpriced}`,
        ...(perMillionUsd !== undefined && { perMillionUsd }),
      },
      listUsd: formatUsd(line.listCostPicoUsd),
      costUsd: formatUsd(line.costPicoUsd),
      netUsd: formatUsd(netCostPicoUsd),
    },
  };
}

function chargeLine({ kind, service, account, netCostPicoUsd }: BookLine): DraftLine {
  const text = `${kind}, ${service}, account ${account}`;
  return { netPicoUsd: netCostPicoUsd, line: { kind: CHARGE_KINDS[kind]!, text, netUsd: formatUsd(netCostPicoUsd) } };
}

function sumOf(lines: readonly BookLine[]): BookLine {
  const sumBy = (of: (line: BookLine) => bigint) => lines.reduce((sum, line) => sum + of(line), 0n);
  return {
    ...lines[0]!,
    tokens: sumBy(({ tokens }) => tokens),
    inputTokens: sumBy(({ inputTokens }) => inputTokens),
    outputTokens: sumBy(({ outputTokens }) => outputTokens),
    cacheReadTokens: sumBy(({ cacheReadTokens }) => cacheReadTokens),
    cacheWriteTokens: sumBy(({ cacheWriteTokens }) => cacheWriteTokens),
    requests: sumBy(({ requests }) => requests),
    unpriced: sumBy(({ unpriced }) => unpriced),
    listCostPicoUsd: sumBy(({ listCostPicoUsd }) => listCostPicoUsd),
    costPicoUsd: sumBy(({ costPicoUsd }) => costPicoUsd),
    netCostPicoUsd: sumBy(({ netCostPicoUsd }) => netCostPicoUsd),
  };
}
