import { isFilled, type ScopeLine, scopeLines, scopeOf } from '../../spend/spend-scope.ts';
import type { BudgetUnit, BudgetWindow, HardBudget, HardBudgetDefinition, Subscriber } from './answers.ts';

export const EACH_CHOICES = [
  { value: '', label: 'everybody together' },
  { value: 'principal', label: 'each principal' },
  { value: 'role', label: 'each role' },
  { value: 'tag', label: 'each value of a tag' },
  { value: 'account', label: 'each account' },
  { value: 'model', label: 'each model' },
  { value: 'key', label: 'each key' },
] as const;

/** A hard budget while it is written. */
export interface BudgetDraft {
  readonly name: string;
  readonly unit: BudgetUnit;
  readonly limit: string;
  readonly windowUnit: BudgetWindow['Unit'];
  readonly timeZone: string;
  readonly hours: string;
  readonly each: (typeof EACH_CHOICES)[number]['value'];
  readonly eachTag: string;
  readonly lines: readonly ScopeLine[];
  /** Percentages, separated by commas. */
  readonly warnAt: string;
  readonly mode: HardBudgetDefinition['Mode'];
  readonly unpriced: HardBudgetDefinition['Unpriced'];
  readonly subscribers: readonly Subscriber[];
}

export function newDraft(timeZone: string, teamTagKey: string): BudgetDraft {
  return {
    ...{ name: '', unit: 'USD', limit: '', windowUnit: 'month', timeZone, hours: '24' },
    ...{ each: '', eachTag: teamTagKey, lines: [{ kind: 'tag', tagKey: teamTagKey, value: '' }] },
    ...{ warnAt: '80, 100', mode: 'enforce', unpriced: 'allow', subscribers: [] },
  };
}

export function draftOf(budget: HardBudget, timeZone: string, teamTagKey: string): BudgetDraft {
  const { Each = '', Window } = budget;
  const isTag = Each.startsWith('tag:');
  return {
    ...newDraft(Window?.TimeZone ?? timeZone, teamTagKey),
    ...{ name: budget.Name, unit: budget.Unit, limit: budget.Limit, lines: scopeLines(budget.Scope) },
    ...(Window && { windowUnit: Window.Unit, hours: String(Window.Hours ?? 24) }),
    each: isTag ? 'tag' : (Each as BudgetDraft['each']),
    ...(isTag && { eachTag: Each.slice('tag:'.length) }),
    warnAt: budget.WarnAtPercent.join(', '),
    ...{ mode: budget.Mode, unpriced: budget.Unpriced, subscribers: budget.Subscribers },
  };
}

export function definitionOf(draft: BudgetDraft): HardBudgetDefinition {
  const { each, unit, subscribers } = draft;
  return {
    ...{ Name: draft.name.trim(), Unit: unit, Limit: draft.limit.trim(), Scope: scopeOf(draft.lines) },
    ...(each !== '' && { Each: each === 'tag' ? `tag:${draft.eachTag.trim()}` : each }),
    ...(unit !== 'concurrency' && { Window: windowOf(draft) }),
    WarnAtPercent: draft.warnAt
      .split(/[,;\s]+/)
      .filter(Boolean)
      .map(Number),
    ...{ Mode: draft.mode, Unpriced: draft.unpriced },
    Subscribers: subscribers
      .filter(({ Address }) => Address.trim() !== '')
      .map(({ Type, Address }) => ({ Type, Address: Address.trim() })),
  };
}

function windowOf({ windowUnit, timeZone, hours }: BudgetDraft): BudgetWindow {
  return windowUnit === 'rolling'
    ? { Unit: 'rolling', Hours: Number(hours) }
    : { Unit: windowUnit, TimeZone: timeZone.trim() };
}

/** What keeps a draft from being sent, by the field it concerns; everything else is the server's to judge. */
export function draftErrors(draft: BudgetDraft): Partial<Record<'name' | 'limit' | 'warnAt' | 'lines', string>> {
  const { unit, limit, lines } = draft;
  const percents = draft.warnAt.split(/[,;\s]+/).filter(Boolean);
  const isWhole = unit !== 'USD';
  return {
    ...(!/^[A-Za-z0-9._-]{1,64}$/.test(draft.name.trim()) && {
      name: 'letters, digits, ".", "_" and "-", without spaces',
    }),
    ...(!(isWhole ? /^\d{1,18}$/ : /^\d{1,12}(\.\d{1,12})?$/).test(limit.trim()) && {
      limit: isWhole ? 'a whole number above zero' : 'dollars, such as 250 or 0.50',
    }),
    ...(!percents.every((text) => /^\d{1,4}(\.\d+)?$/.test(text)) && { warnAt: 'percentages, such as 80, 100' }),
    ...(!lines.every(isFilled) && { lines: 'a condition has no value yet: fill it in or remove it' }),
  };
}
