import type { Command } from 'commander';
import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';
import { collect } from './repeated-option.ts';
import { type ScopeOptions, scopeOptions, scopeText, type WireScope, wireScope } from './spend-scope.ts';
import { type Column, formatTable } from './table.ts';
import { instantAfter } from './time-span.ts';
import type { VerbParts } from './verb-parts.ts';

interface DataOption {
  readonly data: string;
}

interface DefinitionOptions extends ScopeOptions, DataOption {
  readonly limit: string;
  readonly unit: string;
  readonly window?: string;
  readonly timeZone: string;
  readonly each?: string;
  readonly warnAt: readonly string[];
  readonly warnOnly?: boolean;
  readonly refuseUnpriced?: boolean;
  readonly notify: readonly string[];
}

interface IncreaseOptions extends DataOption {
  readonly reason: string;
  readonly for: string;
}

interface Increase {
  readonly IncreaseId: string;
  readonly Amount: string;
  readonly Reason: string;
  readonly ExpiresAt: string;
  readonly CreatedBy: string;
}

interface Budget {
  readonly Name: string;
  readonly Scope: WireScope;
  readonly Each?: string;
  readonly Window?: { readonly Unit: string; readonly TimeZone?: string; readonly Hours?: number };
  readonly Unit: string;
  readonly Limit: string;
  readonly EffectiveLimit: string;
  readonly Mode: string;
  readonly Increases: readonly Increase[];
  readonly IsDeclared: boolean;
}

interface Counter {
  readonly Value: string;
  readonly Spent: string;
  readonly Held: string;
  readonly Limit: string;
  readonly ResetsAt?: string;
}

interface BudgetAnswer {
  readonly HardBudget: Budget;
  readonly Counters?: readonly Counter[];
  readonly NextToken?: string;
}

type Print = (text: string) => void;

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });
const BUDGET_COLUMNS = [left('name'), right('limit'), left('window'), left('for'), left('each'), left('mode')];
const COUNTER_COLUMNS = [left('value'), right('spent'), right('held'), right('limit'), left('resets')];
const INCREASE_COLUMNS = [left('increase'), right('amount'), left('until'), left('reason'), left('by')];

/** `tallyline budget`. */
export function hardBudgetVerbs({ verb, program, client, print, now }: VerbParts): void {
  const group = program.command('budget').description('hard budgets: calls that could go over their limit are refused');
  definitionVerb(verb('create <name>', 'make a budget', group)).action((name: string, options: DefinitionOptions) =>
    define(client(options), 'CreateHardBudget', name, options, print),
  );
  definitionVerb(verb('update <name>', 'put another definition in its place; increases stay', group)).action(
    (name: string, options: DefinitionOptions) => define(client(options), 'UpdateHardBudget', name, options, print),
  );
  verb('list', 'all budgets', group).action((options: DataOption) => list(client(options), print));
  verb('show <name>', 'one budget with what is spent and held', group).action((name: string, options: DataOption) =>
    show(client(options), name, print),
  );
  verb('delete <name>', 'delete it: its calls are not counted any more', group).action(
    async (name: string, options: DataOption) => {
      await client(options).call('DeleteHardBudget', { Name: name });
    },
  );
  verb('increase <name> <amount>', 'more room for a while, in the unit of its limit', group)
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--for <time>', 'how long: 30m, 8h or 7d')
    .action(async (name: string, amount: string, options: IncreaseOptions) => {
      const input = { Name: name, Amount: amount, Reason: options.reason };
      const answer = await client(options).call<BudgetAnswer>('IncreaseHardBudget', {
        ...{ ...input, ExpiresAt: instantAfter('--for', options.for, now()) },
      });
      printIncreases(answer.HardBudget, print);
    });
  verb('end-increase <name> <increase>', 'take an increase back at once', group).action(
    async (name: string, id: string, options: DataOption) => {
      await client(options).call('EndHardBudgetIncrease', { Name: name, IncreaseId: id });
    },
  );
}

function definitionVerb(command: Command): Command {
  return scopeOptions(command)
    .requiredOption('--limit <amount>', 'how much')
    .option('--unit <unit>', 'USD, tokens, requests or concurrency', 'USD')
    .option('--window <window>', 'hour, day, week, month, or the last so many hours: 5h (default: month)')
    .option('--time-zone <name>', 'in which hours, days, weeks and months begin', 'UTC')
    .option(
      '--each <dimension>',
      'a budget for every principal, role, account, model, key, or value of a tag: tag:team',
    )
    .option('--warn-at <percent>', 'of the limit; repeat for more (default: 80 and 100)', collect, [])
    .option('--warn-only', 'count and warn, never refuse')
    .option('--refuse-unpriced', 'refuse models without a price; they cost nothing otherwise')
    .option('--notify <address>', 'mail address or topic ARN; repeat for more', collect, []);
}

async function define(
  client: TallylineClient,
  operation: string,
  name: string,
  options: DefinitionOptions,
  print: Print,
): Promise<void> {
  const { limit, unit, each, warnAt, warnOnly, refuseUnpriced, notify } = options;
  await client.call<BudgetAnswer>(operation, {
    ...{ Name: name, Limit: limit, Unit: unit, Scope: wireScope(options) },
    ...(unit !== 'concurrency' && { Window: readWindow(options) }),
    ...(each !== undefined && { Each: each }),
    ...(warnAt.length > 0 && { WarnAtPercent: warnAt.map(readPercent) }),
    Mode: warnOnly ? 'warn' : 'enforce',
    Unpriced: refuseUnpriced ? 'refuse' : 'allow',
    Subscribers: notify.map((Address) => ({ Type: Address.startsWith('arn:') ? 'SNS' : 'EMAIL', Address })),
  });
  await show(client, name, print);
}

function readWindow({ window = 'month', timeZone }: DefinitionOptions): Budget['Window'] {
  const [, hours] = /^(\d{1,3})h$/.exec(window) ?? [];
  if (hours !== undefined) return { Unit: 'rolling', Hours: Number(hours) };
  if (['hour', 'day', 'week', 'month'].includes(window)) return { Unit: window, TimeZone: timeZone };
  throw new Fault(
    'QueryInvalid',
    `--window \`${window}\` is not valid: use hour, day, week, month, or hours such as 5h`,
  );
}

function readPercent(text: string): number {
  if (/^\d{1,4}(\.\d{1,2})?$/.test(text)) return Number(text);
  throw new Fault('QueryInvalid', `--warn-at \`${text}\` is not valid: use a percentage such as 80`);
}

async function list(client: TallylineClient, print: Print): Promise<void> {
  const budgets: Budget[] = [];
  let token: string | undefined;
  do {
    const page = await client.call<{ HardBudgets: Budget[]; NextToken?: string }>('ListHardBudgets', {
      ...(token !== undefined && { NextToken: token }),
    });
    budgets.push(...page.HardBudgets);
    token = page.NextToken;
  } while (token !== undefined);
  print(budgets.length === 0 ? 'no hard budgets' : formatTable(BUDGET_COLUMNS, budgets.map(budgetRow)));
}

async function show(client: TallylineClient, name: string, print: Print): Promise<void> {
  const { HardBudget, Counters = [], NextToken } = await client.call<BudgetAnswer>('GetHardBudget', { Name: name });
  print(formatTable(BUDGET_COLUMNS, [budgetRow(HardBudget)]));
  const rows = Counters.map(({ Value, Spent, Held, Limit, ResetsAt }) => [
    ...[Value || (HardBudget.Each === undefined ? 'all' : 'none'), Spent, Held, Limit, ResetsAt ?? ''],
  ]);
  print(rows.length === 0 ? '\nnothing spent' : `\n${formatTable(COUNTER_COLUMNS, rows)}`);
  if (NextToken !== undefined) print('... and more');
  if (HardBudget.Increases.length > 0) {
    print('');
    printIncreases(HardBudget, print);
  }
}

function printIncreases({ Increases }: Budget, print: Print): void {
  const rows = Increases.map(({ IncreaseId, Amount, ExpiresAt, Reason, CreatedBy }) => [
    ...[IncreaseId, Amount, ExpiresAt, Reason, CreatedBy],
  ]);
  print(formatTable(INCREASE_COLUMNS, rows));
}

function budgetRow({ Name, EffectiveLimit, Unit, Window, Scope, Each, Mode, IsDeclared }: Budget): string[] {
  const window = Window?.Hours === undefined ? [Window?.Unit, Window?.TimeZone] : [`${Window.Hours}h`];
  const mode = IsDeclared ? `${Mode}, declared` : Mode;
  return [Name, `${EffectiveLimit} ${Unit}`, window.filter(Boolean).join(' '), scopeText(Scope), Each ?? '', mode];
}
