import { add, compare, divide, multiply } from '../../format/decimal.ts';
import { eachText, scopeText } from '../../spend/spend-scope.ts';
import type { AwsBudget, AwsNotification, BudgetCounter, BudgetUnit, BudgetWindow, HardBudget } from './answers.ts';
import { filterText } from './filter-text.ts';

/** How urgently a budget wants a look, the most urgent first. */
const STANDINGS = ['refusing', 'over', 'exceeded', 'warned', 'ahead', 'fine', 'unused'] as const;
export type Standing = (typeof STANDINGS)[number];

/** A budget of either kind, as the list shows it. */
export interface ListedBudget {
  /** `hard:blue-day`, `aws:team search`: stands in addresses. */
  readonly id: string;
  readonly kind: 'hard' | 'aws';
  readonly name: string;
  readonly about: string;
  readonly window: string;
  readonly unit: BudgetUnit;
  /** Decimal text, as all amounts. Of the counter that is fullest, where there are several. */
  readonly spent: string;
  readonly held: string;
  readonly limit: string;
  readonly forecast?: string;
  /** Whose counter it is. */
  readonly value?: string;
  readonly resetsAt?: string;
  readonly standing: Standing;
  readonly refusedAt?: string;
}

/** `1` is the whole limit. */
function fillOf({ spent, held, limit }: Pick<ListedBudget, 'spent' | 'held' | 'limit'>): string {
  return divide(add(spent, held), limit, 6) ?? '0';
}

export function byUrgency(a: ListedBudget, b: ListedBudget): number {
  return STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing) || compare(fillOf(b), fillOf(a));
}

export function listedHardBudget(budget: HardBudget): ListedBudget {
  const { Name, Scope, Each, Window, Unit, Fullest } = budget;
  return {
    id: `hard:${Name}`,
    kind: 'hard',
    name: Name,
    about: [scopeText(Scope), ...(Each ? [eachText(Each)] : [])].join(' · '),
    window: windowText(Window),
    unit: Unit,
    spent: Fullest?.Spent ?? '0',
    held: Fullest?.Held ?? '0',
    limit: budget.EffectiveLimit,
    ...(Each !== undefined && Fullest && { value: Fullest.Value }),
    ...(Fullest?.ResetsAt && { resetsAt: Fullest.ResetsAt }),
    standing: hardStanding(budget, Fullest),
    ...(Fullest?.RefusedAt && { refusedAt: Fullest.RefusedAt }),
  };
}

/** A refusal counts until there is more room: since an increase it says nothing. */
function isRefusing({ Increases, Mode }: HardBudget, { RefusedAt }: BudgetCounter): boolean {
  return Mode === 'enforce' && RefusedAt !== undefined && Increases.every(({ CreatedAt }) => CreatedAt < RefusedAt);
}

export function hardStanding(budget: HardBudget, counter: BudgetCounter | undefined): Standing {
  if (!counter) return 'unused';
  if (isRefusing(budget, counter)) return 'refusing';
  const full = fillOf({ spent: counter.Spent, held: counter.Held, limit: counter.Limit });
  if (compare(full, 1) >= 0) return 'over';
  const [first] = budget.WarnAtPercent;
  if (first !== undefined && compare(multiply(full, 100), first) >= 0) return 'warned';
  return compare(full, 0) === 0 ? 'unused' : 'fine';
}

export function listedAwsBudget(budget: AwsBudget, notifications: readonly AwsNotification[]): ListedBudget {
  const { BudgetName, TimeUnit, CalculatedSpend, BudgetLimit } = budget;
  const spent = CalculatedSpend?.ActualSpend.Amount ?? '0';
  const limit = BudgetLimit?.Amount ?? '0';
  const forecast = CalculatedSpend?.ForecastedSpend?.Amount;
  return {
    id: `aws:${BudgetName}`,
    kind: 'aws',
    name: BudgetName,
    about: filterText(budget),
    window: PERIODS[TimeUnit],
    unit: 'USD',
    ...{ spent, held: '0', limit },
    ...(forecast !== undefined && { forecast }),
    standing: awsStanding(spent, limit, forecast, notifications),
  };
}

function awsStanding(
  spent: string,
  limit: string,
  forecast: string | undefined,
  notifications: readonly AwsNotification[],
): Standing {
  if (compare(spent, limit) >= 0 && compare(limit, 0) > 0) return 'exceeded';
  if (notifications.some(({ NotificationState }) => NotificationState === 'ALARM')) return 'warned';
  if (forecast !== undefined && compare(forecast, limit) > 0) return 'ahead';
  return compare(spent, 0) === 0 ? 'unused' : 'fine';
}

const PERIODS: Readonly<Record<AwsBudget['TimeUnit'], string>> = {
  DAILY: 'a day',
  MONTHLY: 'a month',
  QUARTERLY: 'a quarter',
  ANNUALLY: 'a year',
  CUSTOM: 'its period',
};

export function windowText(window: BudgetWindow | undefined): string {
  if (!window) return 'at once';
  if (window.Unit === 'rolling') return window.Hours === 1 ? 'in the last hour' : `in the last ${window.Hours} hours`;
  return `a ${window.Unit}`;
}
