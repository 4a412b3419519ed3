import { add, compare, divide, isZero, multiply, subtract } from '../../format/decimal.ts';
import type { InvoiceAmounts, ReportRow } from './answers.ts';

/** One part of the bill: what one value of the key pays. */
export interface Share extends InvoiceAmounts {
  /** Empty: what has no value. */
  readonly value: string;
  readonly tokens: string;
  /** Pieces without a price, which cost nothing here and are no mistake of nobody. */
  readonly unpriced: string;
}

/** Lines of one principal on a statement. */
export interface StatementGroup {
  /** Empty: no caller, as of charges and of hours of models. */
  readonly principal: string;
  readonly lines: readonly StatementLine[];
  readonly totalUsd: string;
}

export interface StatementLine {
  readonly model: string;
  /** `input`, `output`, `cache read`, `Tax`. */
  readonly kind: string;
  readonly tokens: string;
  /** Mean price of a million tokens, to six digits; absent of what is not tokens. */
  readonly pricePerMillionUsd?: string;
  /** After discounts. */
  readonly amountUsd: string;
}

const PARTS: Readonly<Record<string, keyof InvoiceAmounts>> = {
  Correction: 'CorrectionsUsd',
  Discount: 'DiscountsUsd',
  Credit: 'CreditsUsd',
  Refund: 'RefundsUsd',
  Fee: 'FeesUsd',
  Tax: 'TaxUsd',
};

const NOTHING: Omit<Share, 'value'> = {
  ...{ UsageUsd: '0', DiscountsUsd: '0', CorrectionsUsd: '0', CreditsUsd: '0' },
  ...{ RefundsUsd: '0', FeesUsd: '0', TaxUsd: '0', TotalUsd: '0', tokens: '0', unpriced: '0' },
};

/** Adds up as invoices do. `rows` are grouped by the key and `invoiceLine`; the dearest come first, what has no value last. */
export function sharesOf(rows: readonly ReportRow[]): Share[] {
  const shares = new Map<string, Share>();
  for (const row of rows) {
    const [value = '', line = ''] = row.Keys;
    const before = shares.get(value) ?? { ...NOTHING, value };
    shares.set(value, plus(before, line, row));
  }
  return [...shares.values()].sort((a, b) => {
    if ((a.value === '') !== (b.value === '')) return a.value === '' ? 1 : -1;
    return compare(b.TotalUsd, a.TotalUsd);
  });
}

function plus(share: Share, line: string, { CostUsd, NetCostUsd, Tokens, Unpriced }: ReportRow): Share {
  const added = {
    ...share,
    TotalUsd: add(share.TotalUsd, NetCostUsd),
    tokens: add(share.tokens, Tokens),
    unpriced: add(share.unpriced, Unpriced),
  };
  const part = PARTS[line];
  if (part) return { ...added, [part]: add(share[part], NetCostUsd) };
  return {
    ...added,
    UsageUsd: add(share.UsageUsd, CostUsd),
    DiscountsUsd: add(share.DiscountsUsd, subtract(NetCostUsd, CostUsd)),
  };
}

/** Lines by principal, the dearest first. `rows` are grouped by principal, model, direction and `invoiceLine`. */
export function groupsOf(rows: readonly ReportRow[]): StatementGroup[] {
  const byPrincipal = Map.groupBy(rows, ({ Keys }) => Keys[0] ?? '');
  return [...byPrincipal]
    .map(([principal, own]) => ({
      principal,
      lines: own.map(lineOf).sort((a, b) => a.model.localeCompare(b.model) || compare(b.amountUsd, a.amountUsd)),
      totalUsd: add(...own.map(({ NetCostUsd }) => NetCostUsd)),
    }))
    .sort((a, b) => compare(b.totalUsd, a.totalUsd));
}

function lineOf({ Keys, NetCostUsd, Tokens }: ReportRow): StatementLine {
  const [, model = '', direction = '', line = ''] = Keys;
  const isUsage = line === 'Usage';
  const price = isUsage && !isZero(Tokens) ? divide(multiply(NetCostUsd, 1_000_000), Tokens, 6) : undefined;
  return {
    model,
    kind: isUsage ? direction : line === 'Correction' ? `correction, ${direction}` : line,
    tokens: Tokens,
    ...(price !== undefined && { pricePerMillionUsd: price }),
    amountUsd: NetCostUsd,
  };
}
