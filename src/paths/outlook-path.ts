import { sliceAt } from '../admission/budget-window.ts';
import {
  type HardBudget,
  type HardBudgetDraft,
  amountText as hardAmountText,
  limitAt,
} from '../admission/hard-budget.ts';
import type { WindowSpend } from '../admission/spend-history.ts';
import type { Budget } from '../budgets/budget.ts';
import { amountText } from '../budgets/budget-amount.ts';
import { type BudgetQuestion, questionOf, rowAmount } from '../budgets/budget-filter.ts';
import { limitAmount, limitIn } from '../budgets/budget-limit.ts';
import { bucketed, NO_END_MS, type Period, periodAt } from '../budgets/budget-period.ts';
import type { BudgetRecord, BudgetRegistry } from '../budgets/budget-registry.ts';
import { Fault } from '../kernel/fault.ts';
import { RecentMap } from '../kernel/recent-map.ts';
import { DAY_MS } from '../kernel/time.ts';
import type { Outlook, OutlookBeside } from '../reports/forecast.ts';
import { knownUntil, type ReportDeps, report } from './report-path.ts';

/** Of history that an outlook is made from. Hard budgets are asked of single principals, which takes longer. */
const HISTORY_DAYS = 400;
const HARD_HISTORY_DAYS = 90;
/** Values of a hard budget with a limit for each: those that used most of it. */
const VALUES_MAX = 10;
const LEVEL = 0.8;
/** Budgets whose outlook is kept until midnight. */
const KEPT_MAX = 5_000;

export interface OutlookDeps extends ReportDeps {
  readonly registry: BudgetRegistry;
  readonly managementAccountId: string;
  readonly hardBudgets: () => Iterable<HardBudget>;
  /** Oldest window first; the last one is under way. */
  readonly history: (draft: HardBudgetDraft, count: number) => Promise<WindowSpend[]>;
  readonly outlook: OutlookBeside;
}

/** How the period of a budget that is under way is expected to end. Amounts are text in the budget's unit. */
export interface BudgetOutlook {
  readonly kind: 'aws' | 'hard';
  readonly name: string;
  readonly accountId?: string;
  /** Of a hard budget with a limit for each value of something. */
  readonly value?: string;
  readonly unit: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly limit: string;
  /** Before the outlook was made. */
  readonly actual: string;
  readonly madeAtMs: number;
  /** The limit has been passed already. */
  readonly isPassed: boolean;
  /** At the end of the period. Absent: there are less than 28 days of history. */
  readonly expected?: string;
  readonly lower?: string;
  readonly upper?: string;
  /** Of passing the limit, from 0 to 1. */
  readonly chance?: number;
  readonly passes?: Pick<Outlook, 'earliestMs' | 'likelyMs' | 'latestMs'>;
}

/**
 * Whether budgets will be passed, and when. Each is worked out once a day, when somebody asks: the history ends yesterday. A
 * budget that was changed is another one.
 */
export class LimitOutlooks {
  readonly #deps: OutlookDeps;
  readonly #kept = new RecentMap<string, Promise<readonly BudgetOutlook[]>>(KEPT_MAX);

  constructor(deps: OutlookDeps) {
    this.#deps = deps;
  }

  /** Of the AWS budgets of an account; of those without a period now, a limit or a filter that holds, nothing. */
  async ofAccount(accountId: string, nowMs: number, name?: string): Promise<BudgetOutlook[]> {
    const found: BudgetOutlook[] = [];
    for (const budget of this.#deps.registry.list(accountId)) {
      const record = this.#deps.registry.find(budget);
      if (!record || (name !== undefined && budget.name !== name)) continue;
      const { adjusted } = record.state.body;
      const question = readable(record.budget.body, this.#deps.managementAccountId);
      if (!question) continue;
      const knownMs = await knownUntil(question, nowMs, this.#deps);
      const what = [record.budget.key, record.budget.version, adjusted?.adjustedAtMs ?? ''];
      // Of a bill a day comes to be known when it is imported.
      const key = ['aws', ...what, dayOf(nowMs), ...(knownMs < nowMs ? [knownMs] : [])].join(' ');
      found.push(...(await this.#once(key, () => this.#aws(record, question, { nowMs, knownMs }))));
    }
    return found;
  }

  /** Of the hard budgets with a day, a week or a month. */
  async ofHardBudgets(nowMs: number, name?: string): Promise<BudgetOutlook[]> {
    const found: BudgetOutlook[] = [];
    for (const budget of this.#deps.hardBudgets()) {
      if (name !== undefined && budget.name !== name) continue;
      const key = `hard ${JSON.stringify(budget)} ${dayOf(nowMs)}`;
      found.push(...(await this.#once(key, () => this.#hard(budget, nowMs))));
    }
    return found;
  }

  #once(key: string, make: () => Promise<readonly BudgetOutlook[]>): Promise<readonly BudgetOutlook[]> {
    const known = this.#kept.get(key);
    if (known) return known;
    const made = make();
    this.#kept.set(key, made);
    // What failed is tried again by whoever asks next.
    made.catch(() => this.#kept.delete(key));
    return made;
  }

  async #aws(
    record: BudgetRecord,
    question: BudgetQuestion,
    { nowMs, knownMs }: { readonly nowMs: number; readonly knownMs: number },
  ): Promise<readonly BudgetOutlook[]> {
    const budget = record.budget.body;
    const period = periodAt(budget, nowMs);
    const limit = period && limitIn(budget, period, record.state.body.adjusted);
    if (!period || !limit || period.endMs >= NO_END_MS) return [];
    const todayMs = dayOf(knownMs) * DAY_MS;
    const startMs = todayMs - HISTORY_DAYS * DAY_MS;
    const days = await this.#amounts(question, { startMs, endMs: todayMs }, 'DAILY');
    const [actual = 0n] = await this.#amounts(
      question,
      bucketed({ startMs: period.startMs, endMs: Math.max(nowMs, period.startMs + 1) }),
      'TOTAL',
    );
    const before = days.reduce(
      (sum, amount, day) => (startMs + day * DAY_MS >= period.startMs ? sum + amount : sum),
      0n,
    );
    const sums = { days: { startMs, values: days.map(unitsOf) }, actual, before, limit: limitAmount(limit), knownMs };
    const facts = {
      kind: 'aws' as const,
      name: budget.name,
      accountId: budget.accountId,
      unit: limit.unit,
      madeAtMs: nowMs,
    };
    return [await this.#outlook(facts, period, sums, (amount) => amountText(amount))];
  }

  async #hard(budget: HardBudget, nowMs: number): Promise<readonly BudgetOutlook[]> {
    const { window, unit, name, each } = budget;
    if (!window || 'rollingHours' in window || window.unit === 'hour' || unit === 'concurrency') return [];
    const { increases: _, isDeclared: __, ...draft } = budget;
    const [windows, days] = await Promise.all([
      this.#deps.history(draft, 1),
      this.#deps.history({ ...draft, window: { unit: 'day', timeZone: 'UTC' } }, HARD_HISTORY_DAYS + 1),
    ]).catch(unknownToLedger);
    const period = sliceAt(window, nowMs);
    const used = new Map(windows?.[0]?.used);
    const today = new Map(days?.at(-1)?.used);
    const past = days?.slice(0, -1) ?? [];
    const limit = limitAt(budget, nowMs);
    const found: BudgetOutlook[] = [];
    const scale = unit === 'USD' ? 1n : AMOUNT_SCALE;
    for (const [value, amount] of [...used].slice(0, VALUES_MAX)) {
      const values = past.map((day) => unitsOf((new Map(day.used).get(value) ?? 0n) * scale));
      const sums = {
        days: { startMs: past[0]?.startMs ?? 0, values },
        ...{ actual: amount * scale, before: (amount - (today.get(value) ?? 0n)) * scale, limit: limit * scale },
        knownMs: nowMs,
      };
      const facts = { kind: 'hard' as const, name, unit, madeAtMs: nowMs, ...(each !== undefined && { value }) };
      found.push(await this.#outlook(facts, period, sums, (one) => hardAmountText(one / scale, unit)));
    }
    return found;
  }

  /** Of this day on, because the history ends yesterday; `before` is what the period came to until then. */
  async #outlook(
    facts: Pick<BudgetOutlook, 'kind' | 'name' | 'accountId' | 'value' | 'unit' | 'madeAtMs'>,
    period: Period,
    sums: {
      readonly days: { readonly startMs: number; readonly values: readonly number[] };
      readonly actual: bigint;
      readonly before: bigint;
      readonly limit: bigint;
      /** Up to when usage is known. */
      readonly knownMs: number;
    },
    text: (amount: bigint) => string,
  ): Promise<BudgetOutlook> {
    const { days, actual, before, limit, knownMs } = sums;
    const todayMs = dayOf(knownMs) * DAY_MS;
    const rest = { startMs: Math.max(todayMs, period.startMs), endMs: period.endMs };
    const isPassed = actual > limit;
    const outlook = await this.#deps.outlook(days, rest, unitsOf(limit - before), LEVEL);
    const known = { ...facts, ...period, limit: text(limit), actual: text(actual), isPassed };
    if (!outlook) return known;
    // Where this day has come to more than was expected of it, the time that is left is expected to go on as usual.
    const left = (rest.endMs - Math.max(knownMs, rest.startMs)) / (rest.endMs - rest.startMs);
    const end = (units: number) => {
      const sum = before + BigInt(Math.round(units * UNITS_SCALE));
      const since = actual + BigInt(Math.round(units * left * UNITS_SCALE));
      return text(sum > since ? sum : since);
    };
    const { mean, lower, upper, chance, earliestMs, likelyMs, latestMs } = outlook;
    return {
      ...known,
      ...{ expected: end(mean), lower: end(lower), upper: end(upper), chance: isPassed ? 1 : chance },
      ...(!isPassed && {
        passes: {
          ...(earliestMs !== undefined && { earliestMs }),
          ...(likelyMs !== undefined && { likelyMs }),
          ...(latestMs !== undefined && { latestMs }),
        },
      }),
    };
  }

  async #amounts(
    { measure, ...question }: BudgetQuestion,
    range: Period,
    granularity: 'DAILY' | 'TOTAL',
  ): Promise<bigint[]> {
    const query = { ...question, range, granularity, groupBy: [], measures: [measure] };
    return (await report(query, this.#deps)).map((row) => rowAmount(row, measure));
  }
}

/** Amounts are counted in 1e-12 of their unit; whole ones of hard budgets are made so. */
const UNITS_SCALE = 1e12;
const AMOUNT_SCALE = 10n ** 12n;

function unitsOf(amount: bigint): number {
  return Number(amount) / UNITS_SCALE;
}

function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS);
}

/** A filter that holds no more is the budget's own trouble, and is shown there. */
function readable(budget: Budget, managementAccountId: string): BudgetQuestion | undefined {
  try {
    return questionOf(budget, managementAccountId);
  } catch (error) {
    if (error instanceof Fault && error.code === 'ValidationException') return undefined;
    throw error;
  }
}

/** Of keys the ledger knows nothing. */
function unknownToLedger(error: unknown): [] {
  if (error instanceof Fault && error.code === 'ValidationException') return [];
  throw error;
}
