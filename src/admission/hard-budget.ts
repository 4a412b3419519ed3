import { Fault } from '../kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import type { NoticeAddress } from '../kernel/notice.ts';
import { timeZoneOf } from '../kernel/time-zone.ts';
import type { BudgetWindow } from './budget-window.ts';
import type { SpendDimension, SpendScope } from './spend-scope.ts';

/** What a limit counts. `tokens`: input and output of every class. `concurrency`: calls that are under way. */
export type LimitUnit = 'USD' | 'tokens' | 'requests' | 'concurrency';

/** A budget that refuses: calls that could go over its limit are not made. */
export interface HardBudget {
  /** Unique in the installation; letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  readonly scope: SpendScope;
  /** One counter for every value, each with the whole limit. Absent: one counter for all. */
  readonly each?: SpendDimension;
  /** Absent for `concurrency`, which has none. */
  readonly window?: BudgetWindow;
  readonly unit: LimitUnit;
  /** Decimal text: USD to twelve digits, else a whole number. */
  readonly limit: string;
  /** Percent of the limit at which answers carry a warning and notices are sent; ascending. */
  readonly warnAtPercent: readonly number[];
  /** `warn`: everything but the refusal. */
  readonly mode: 'enforce' | 'warn';
  /** Calls of models without a price, on a budget in USD. */
  readonly unpriced: 'allow' | 'refuse';
  readonly subscribers: readonly NoticeAddress[];
  readonly increases: readonly TemporaryIncrease[];
  /** Written in the configuration, and kept as it says. */
  readonly isDeclared: boolean;
}

/** Room beyond the limit, for a while. */
export interface TemporaryIncrease {
  readonly id: string;
  /** As `limit`. */
  readonly amount: string;
  readonly reason: string;
  readonly expiresAtMs: number;
  readonly createdAtMs: number;
  /** ARN of who gave it. */
  readonly createdBy: string;
}

/** What a definition is made of; what is absent has the default. */
export type HardBudgetDraft = Pick<HardBudget, 'name' | 'unit' | 'limit'> &
  Partial<Omit<HardBudget, 'increases' | 'isDeclared'>>;

const DIMENSIONS: ReadonlySet<string> = new Set(['principal', 'role', 'account', 'model', 'key']);
const WARN_AT_PERCENT = [80, 100];
const MAX_ROLLING_HOURS = 31 * 24;
const MAX_PATTERNS = 50;
const MAX_SUBSCRIBERS = 11;
/** Beyond every real budget, and far below where arithmetic would end. */
const MAX_WHOLE = 10n ** 18n;

/** Fills in what is absent. Throws ValidationException with the member that is wrong. */
export function hardBudgetOf(draft: HardBudgetDraft): Omit<HardBudget, 'increases' | 'isDeclared'> {
  const { name, unit, scope = {}, each, window, warnAtPercent = WARN_AT_PERCENT, subscribers = [] } = draft;
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(name)) {
    throw invalid(`the name \`${name}\` must be 1 to 64 letters, digits, \`.\`, \`_\` or \`-\``);
  }
  const limit = amountText(readAmount(draft.limit, unit), unit);
  requireScope(scope);
  requireWindow(unit, window);
  if (warnAtPercent.length > 10 || !warnAtPercent.every((percent) => percent > 0 && percent <= 1_000)) {
    throw invalid('thresholds are at most 10 percentages above 0 and up to 1,000');
  }
  if (subscribers.length > MAX_SUBSCRIBERS) throw invalid(`a budget tells at most ${MAX_SUBSCRIBERS} subscribers`);
  return {
    name,
    scope,
    ...(each !== undefined && { each }),
    ...(window && { window }),
    ...{ unit, limit, subscribers },
    warnAtPercent: [...new Set(warnAtPercent)].sort((a, b) => a - b),
    mode: draft.mode ?? 'enforce',
    unpriced: draft.unpriced ?? 'allow',
  };
}

/** An amount in the unit's smallest parts: pico-USD, or whole ones. Throws ValidationException for what is not above zero. */
export function readAmount(text: string, unit: LimitUnit): bigint {
  let amount: bigint | undefined;
  try {
    amount = unit === 'USD' ? parsePicoUsd(text) : BigInt(/^\d{1,19}$/.exec(text)?.[0] ?? 'none');
  } catch {
    amount = undefined;
  }
  const most = unit === 'USD' ? MAX_WHOLE * 10n ** 12n : MAX_WHOLE;
  if (amount === undefined || amount <= 0n || amount > most) {
    const kind = unit === 'USD' ? 'a decimal number with at most twelve fraction digits' : 'a whole number';
    throw invalid(`the amount \`${text}\` is not ${kind} above zero`);
  }
  return amount;
}

export function amountText(amount: bigint, unit: LimitUnit): string {
  return unit === 'USD' ? formatUsd(amount) : amount.toString();
}

/** What counts against a limit as it is at an instant: with the increases that are in force. */
export function limitAt(budget: HardBudget, atMs: number): bigint {
  return limitOf(budget)(atMs);
}

/** `limitAt` of one budget, its texts read once. */
export function limitOf({ unit, limit, increases }: HardBudget): (atMs: number) => bigint {
  const own = readAmount(limit, unit);
  const more = increases.map(({ amount, expiresAtMs }) => ({ amount: readAmount(amount, unit), expiresAtMs }));
  return (atMs) => more.reduce((sum, { amount, expiresAtMs }) => (atMs < expiresAtMs ? sum + amount : sum), own);
}

/** Reads `principal`, `role`, `account`, `model`, `key` or `tag:team`. Throws ValidationException for another text. */
export function readDimension(text: string): SpendDimension {
  if (/^tag:.{1,128}$/s.test(text)) return { tag: text.slice('tag:'.length) };
  if (DIMENSIONS.has(text)) return text as SpendDimension;
  throw invalid(`\`${text}\` is not one of ${[...DIMENSIONS].join(', ')} or \`tag:\` with a tag's key`);
}

export function dimensionText(dimension: SpendDimension): string {
  return typeof dimension === 'string' ? dimension : `tag:${dimension.tag}`;
}

export function requireScope(scope: SpendScope): void {
  for (const [member, values] of Object.entries(scope) as [string, readonly unknown[]][]) {
    if (values.length === 0 || values.length > MAX_PATTERNS) {
      throw invalid(`\`${member}\` of a scope has 1 to ${MAX_PATTERNS} values`);
    }
  }
}

function requireWindow(unit: LimitUnit, window: BudgetWindow | undefined): void {
  if (unit === 'concurrency') {
    if (window) throw invalid('a limit on concurrency has no window');
    return;
  }
  if (!window) throw invalid(`a limit in ${unit} needs a window`);
  if (!('rollingHours' in window)) {
    if (!timeZoneOf(window.timeZone)) throw invalid(`there is no time zone \`${window.timeZone}\``);
    return;
  }
  const { rollingHours } = window;
  if (!Number.isInteger(rollingHours) || rollingHours < 1 || rollingHours > MAX_ROLLING_HOURS) {
    throw invalid(`a rolling window has 1 to ${MAX_ROLLING_HOURS} whole hours`);
  }
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
