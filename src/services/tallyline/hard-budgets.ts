import type { AdmissionRecords } from '../../admission/admission-records.ts';
import type { BudgetState, BudgetTable } from '../../admission/budget-table.ts';
import { type BudgetWindow, windowStartMs } from '../../admission/budget-window.ts';
import {
  amountText,
  dimensionText,
  type HardBudget,
  type HardBudgetDraft,
  limitAt,
  readDimension,
} from '../../admission/hard-budget.ts';
import { SpendCounter } from '../../admission/spend-counter.ts';
import type { WindowSpend } from '../../admission/spend-history.ts';
import type { SpendScope } from '../../admission/spend-scope.ts';
import { Fault } from '../../kernel/fault.ts';
import type { NoticeAddress } from '../../kernel/notice.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import { managementOnly } from './management-only.ts';

export interface HardBudgetParts {
  readonly admission: {
    readonly records: AdmissionRecords;
    readonly table: BudgetTable;
    /** Resolves when new budgets know what was spent in their window before. */
    readonly seeded: () => Promise<void>;
    /** Oldest window first; the last one is under way. */
    readonly history: (draft: HardBudgetDraft, count: number) => Promise<WindowSpend[]>;
  };
  readonly managementAccountId: string;
  readonly newToken: () => string;
}

export interface WireScope {
  readonly Principals?: readonly string[];
  readonly Roles?: readonly string[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly Accounts?: readonly string[];
  readonly Models?: readonly string[];
  readonly Keys?: readonly string[];
}

interface WireWindow {
  readonly Unit: 'hour' | 'day' | 'week' | 'month' | 'rolling';
  readonly TimeZone?: string;
  readonly Hours?: number;
}

export interface DefinitionInput {
  readonly Name: string;
  readonly Scope?: WireScope;
  readonly Each?: string;
  readonly Window?: WireWindow;
  readonly Unit: HardBudget['unit'];
  readonly Limit: string;
  readonly WarnAtPercent?: readonly number[];
  readonly Mode?: HardBudget['mode'];
  readonly Unpriced?: HardBudget['unpriced'];
  readonly Subscribers?: readonly { readonly Type: NoticeAddress['type']; readonly Address: string }[];
}

const PAGE: PageManner = {
  size: 100,
  direction: 'ascending',
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** Budgets that refuse: made and changed by the management account. */
export function hardBudgetOperations({ admission, managementAccountId, newToken }: HardBudgetParts): OperationTable {
  const { records, table } = admission;
  const ofManagement = managementOnly(managementAccountId, 'has to do with hard budgets');
  const answer = (budget: HardBudget, nowMs: number) => ({ HardBudget: wireBudget(budget, nowMs) });
  return {
    CreateHardBudget: ofManagement<DefinitionInput>('CreateHardBudget', async ({ input, nowMs }) => {
      const budget = await records.create(readDraft(input));
      await admission.seeded();
      return answer(budget, nowMs);
    }),
    UpdateHardBudget: ofManagement<DefinitionInput>('UpdateHardBudget', async ({ input, nowMs }) => {
      const budget = await records.update(readDraft(input));
      await admission.seeded();
      return answer(budget, nowMs);
    }),
    GetHardBudget: ofManagement<{ Name: string } & PageInput>('GetHardBudget', ({ input, nowMs }) => {
      const budget = records.budget(input.Name);
      const counters = countersOf(table.get(input.Name), nowMs);
      const { items, rest } = resultPage(counters, ({ Value }) => Value, input, PAGE);
      return { ...answer(budget, nowMs), Counters: items, ...rest };
    }),
    ListHardBudgets: ofManagement<PageInput>('ListHardBudgets', ({ input, nowMs }) => {
      const { items, rest } = resultPage(records.budgets(), ({ name }) => name, input, PAGE);
      const listed = items.map((budget) => ({
        ...wireBudget(budget, nowMs),
        ...standing(table.get(budget.name), nowMs),
      }));
      return { HardBudgets: listed, ...rest };
    }),
    DeleteHardBudget: ofManagement<{ Name: string }>('DeleteHardBudget', async ({ input }) => {
      await records.delete(input.Name);
      return {};
    }),
    IncreaseHardBudget: ofManagement<{ Name: string; Amount: string; Reason: string; ExpiresAt: Date }>(
      'IncreaseHardBudget',
      async ({ input, nowMs, caller }) => {
        const expiresAtMs = futureMs(input.ExpiresAt, nowMs);
        const { Amount: amount, Reason: reason } = input;
        const increase = { id: newToken(), amount, reason, expiresAtMs, createdAtMs: nowMs, createdBy: caller.arn };
        return answer(await records.increase(input.Name, increase), nowMs);
      },
    ),
    EndHardBudgetIncrease: ofManagement<{ Name: string; IncreaseId: string }>(
      'EndHardBudgetIncrease',
      async ({ input, nowMs }) => answer(await records.endIncrease(input.Name, input.IncreaseId), nowMs),
    ),
  };
}

/** Throws ValidationException for an instant that has passed. */
export function futureMs(at: Date, nowMs: number): number {
  if (at.getTime() > nowMs) return at.getTime();
  throw new Fault('ValidationException', 'the expiry must be in the future');
}

export function readDraft(input: DefinitionInput): HardBudgetDraft {
  const { Name, Unit, Limit, Scope, Each, Window, WarnAtPercent, Mode, Unpriced, Subscribers } = input;
  return {
    ...{ name: Name, unit: Unit, limit: Limit },
    ...(Scope && { scope: readScope(Scope) }),
    ...(Each !== undefined && { each: readDimension(Each) }),
    ...(Window && { window: readWindow(Window) }),
    ...(WarnAtPercent && { warnAtPercent: WarnAtPercent }),
    ...(Mode && { mode: Mode }),
    ...(Unpriced && { unpriced: Unpriced }),
    ...(Subscribers && { subscribers: Subscribers.map(({ Type, Address }) => ({ type: Type, address: Address })) }),
  };
}

export function readScope({ Principals, Roles, Tags, Accounts, Models, Keys }: WireScope): SpendScope {
  return {
    ...(Principals && { principals: Principals }),
    ...(Roles && { roles: Roles }),
    ...(Tags && { tags: Tags.map(({ Key, Value }) => [Key, Value] as const) }),
    ...(Accounts && { accounts: Accounts }),
    ...(Models && { models: Models }),
    ...(Keys && { keys: Keys }),
  };
}

export function wireScope({ principals, roles, tags, accounts, models, keys }: SpendScope): WireScope {
  return {
    ...(principals && { Principals: principals }),
    ...(roles && { Roles: roles }),
    ...(tags && { Tags: tags.map(([Key, Value]) => ({ Key, Value })) }),
    ...(accounts && { Accounts: accounts }),
    ...(models && { Models: models }),
    ...(keys && { Keys: keys }),
  };
}

function readWindow({ Unit, TimeZone = 'UTC', Hours }: WireWindow): BudgetWindow {
  if (Unit !== 'rolling') return { unit: Unit, timeZone: TimeZone };
  if (Hours === undefined) throw new Fault('ValidationException', 'a rolling window needs its hours');
  return { rollingHours: Hours };
}

function wireWindow(window: BudgetWindow): WireWindow {
  if ('rollingHours' in window) return { Unit: 'rolling', Hours: window.rollingHours };
  return { Unit: window.unit, TimeZone: window.timeZone };
}

function wireBudget(budget: HardBudget, nowMs: number): object {
  const { name, scope, each, window, unit, limit, warnAtPercent, mode, unpriced, subscribers, isDeclared } = budget;
  return {
    Name: name,
    Scope: wireScope(scope),
    ...(each !== undefined && { Each: dimensionText(each) }),
    ...(window && { Window: wireWindow(window) }),
    Unit: unit,
    Limit: limit,
    EffectiveLimit: amountText(limitAt(budget, nowMs), unit),
    WarnAtPercent: warnAtPercent,
    Mode: mode,
    Unpriced: unpriced,
    Subscribers: subscribers.map(({ type, address }) => ({ Type: type, Address: address })),
    Increases: budget.increases
      .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
      .map(({ id, amount, reason, expiresAtMs, createdAtMs, createdBy }) => ({
        ...{ IncreaseId: id, Amount: amount, Reason: reason, CreatedBy: createdBy },
        ...{ ExpiresAt: new Date(expiresAtMs), CreatedAt: new Date(createdAtMs) },
      })),
    IsDeclared: isDeclared,
  };
}

/** The counter that most needs a look, one that refused in this window before all others, and how many there are. */
function standing(state: BudgetState | undefined, nowMs: number): object {
  if (!state) return {};
  const isMoreUrgent = (a: SpendCounter, b: SpendCounter) => {
    const refused = hasRefused(state, a, nowMs);
    return refused === hasRefused(state, b, nowMs) ? a.used > b.used : refused;
  };
  let fullest: SpendCounter | undefined;
  for (const counter of state.counters.values()) {
    counter.advance(nowMs);
    if (!fullest || isMoreUrgent(counter, fullest)) fullest = counter;
  }
  const { each, window } = state.budget;
  // A budget for all together has its one counter from the beginning, also where nobody has called yet.
  const shown = fullest ?? (each === undefined ? new SpendCounter('', window) : undefined);
  return { ...(shown && { Fullest: wireCounter(state, shown, nowMs) }), CounterCount: state.counters.size };
}

function countersOf(state: BudgetState | undefined, nowMs: number) {
  if (!state) return [];
  return [...state.counters.values()].map((counter) => wireCounter(state, counter, nowMs)).sort(byValue);
}

/** In the window that counts now. */
function hasRefused({ budget: { window } }: BudgetState, { refusedAtMs }: SpendCounter, nowMs: number): boolean {
  return refusedAtMs !== undefined && (!window || refusedAtMs >= windowStartMs(window, nowMs));
}

function wireCounter(state: BudgetState, counter: SpendCounter, nowMs: number) {
  counter.advance(nowMs);
  const { unit } = state.budget;
  const resetsAtMs = counter.resetsAtMs(nowMs);
  return {
    Value: counter.value,
    Spent: amountText(counter.spent, unit),
    Held: amountText(counter.held, unit),
    Limit: amountText(state.limit(nowMs), unit),
    ...(resetsAtMs !== undefined && { ResetsAt: new Date(resetsAtMs) }),
    ...(hasRefused(state, counter, nowMs) && { RefusedAt: new Date(counter.refusedAtMs!) }),
  };
}

function byValue(a: { readonly Value: string }, b: { readonly Value: string }): number {
  return a.Value < b.Value ? -1 : 1;
}
