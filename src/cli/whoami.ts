import type { SelfClient } from './self-client.ts';
import { type Column, formatTable } from './table.ts';
import type { VerbParts } from './verb-parts.ts';

interface WhoamiOptions {
  readonly timeZone?: string;
  readonly json?: boolean;
}

interface Self {
  readonly principal: string;
  readonly accountId: string;
  readonly accountName?: string;
  readonly chain: readonly { readonly type: string; readonly id: string; readonly name?: string }[];
  readonly tags: Readonly<Record<string, string>>;
  readonly sessionTags?: Readonly<Record<string, string>>;
  readonly sourceIdentity?: string;
  readonly expiresAt?: string;
  readonly scopes?: readonly string[];
  readonly allowedModels?: readonly string[];
}

interface Sums {
  readonly costUsd: string;
  readonly tokens: string;
  readonly requests: string;
}

interface Spend {
  readonly today: Sums;
  readonly monthToDate: Sums;
  readonly last30Days: Sums;
  readonly models: readonly (Sums & { readonly modelId: string })[];
}

interface Changes {
  readonly models: readonly {
    readonly modelId: string;
    readonly costUsd: string;
    readonly previousCostUsd: string;
    readonly changeUsd: string;
    readonly drivers: readonly { readonly type: string; readonly name: string; readonly changeUsd: string }[];
  }[];
}

interface Budgets {
  readonly budgets: readonly {
    readonly name: string;
    readonly kind: string;
    readonly unit: string;
    readonly limit: string;
    readonly used?: string;
    readonly resetsAt?: string;
  }[];
}

const MODELS_SHOWN = 10;

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

export function whoamiVerb(
  { verb, print }: VerbParts,
  client: (options: { readonly data: string }) => SelfClient,
): void {
  verb('whoami', 'who you are to the server, what you spent, your budgets, what rose')
    .option('--time-zone <name>', 'whose days and months: Europe/Berlin (default UTC)')
    .option('--json', 'JSON')
    .action((options: WhoamiOptions & { readonly data: string }) => whoami(client(options), options, print));
}

/** `tallyline whoami`: who the caller is to the server, what that one spent, its budgets, and what rose since last week. */
async function whoami(client: SelfClient, options: WhoamiOptions, print: (text: string) => void): Promise<void> {
  const zone = options.timeZone === undefined ? '' : `?timeZone=${encodeURIComponent(options.timeZone)}`;
  const [self, spend, changes, { budgets }] = await Promise.all([
    client.get<Self>('/gateway/v1/me'),
    client.get<Spend>(`/gateway/v1/me/spend${zone}`),
    client.get<Changes>('/gateway/v1/me/changes'),
    client.get<Budgets>('/gateway/v1/me/budgets'),
  ]);
  if (options.json) return print(JSON.stringify({ ...self, spend, changes, budgets }, null, 2));
  print(`${identityLines(self).join('\n')}\n`);
  print(`${spendTable(spend)}\n`);
  if (budgets.length > 0) print(`${budgetTable(budgets)}\n`);
  print(changes.models.length > 0 ? risersTable(changes) : 'nothing costs more than in the seven days before');
}

function identityLines(self: Self): string[] {
  const lines: [string, string | undefined][] = [
    ['principal', self.principal],
    ['account', self.accountName === undefined ? self.accountId : `${self.accountId} (${self.accountName})`],
    [
      'through',
      self.chain
        .slice(0, -1)
        .map(({ type, id, name }) => `${type} ${name ?? id}`)
        .join(' > '),
    ],
    ['tags', tagText(self)],
    ['source identity', self.sourceIdentity],
    ['until', self.expiresAt],
    ['scopes', self.scopes?.join(', ')],
    ['models', self.allowedModels?.join(', ')],
  ];
  return lines.flatMap(([name, value]) => (value ? [`${name.padEnd(16)}${value}`] : []));
}

function tagText({ tags, sessionTags = {} }: Self): string {
  const texts = Object.entries(tags).map(([key, value]) => {
    return `${key}=${value}${Object.hasOwn(sessionTags, key) ? ' (of the session)' : ''}`;
  });
  return texts.join(', ') || 'none';
}

function spendTable({ today, monthToDate, last30Days, models }: Spend): string {
  const row = (name: string, { costUsd, tokens, requests }: Sums) => [name, costUsd, tokens, requests];
  const shown = models.slice(0, MODELS_SHOWN).map((model) => row(`  ${model.modelId}`, model));
  const totals = [row('today', today), row('month to date', monthToDate), row('last 30 days', last30Days)];
  return formatTable([left('spend'), right('cost USD'), right('tokens'), right('requests')], [...totals, ...shown]);
}

function budgetTable(budgets: Budgets['budgets']): string {
  const columns = [left('budget'), left('kind'), right('used'), right('limit'), left('unit'), left('resets')];
  const rows = budgets.map(({ name, kind, used = '?', limit, unit, resetsAt = 'never' }) => {
    return [name, kind, used, limit, unit, resetsAt];
  });
  return formatTable(columns, rows);
}

function risersTable({ models }: Changes): string {
  const columns = [left('rose since last week'), right('before'), right('now'), right('more USD'), left('mostly')];
  const rows = models.map(({ modelId, previousCostUsd, costUsd, changeUsd, drivers: [driver] }) => {
    const reason = driver && `${driver.type === 'RATE_CHANGE' ? 'price' : 'usage'} of ${driver.name}`;
    return [modelId, previousCostUsd, costUsd, changeUsd, reason ?? ''];
  });
  return formatTable(columns, rows);
}
