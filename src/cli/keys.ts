import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';
import { collect } from './repeated-option.ts';
import { type Column, formatTable } from './table.ts';
import type { VerbParts } from './verb-parts.ts';

interface DataOption {
  readonly data: string;
}

interface NewKeyOptions {
  readonly user?: string;
  readonly role?: string;
  readonly session?: string;
  readonly days?: string;
  readonly scope: readonly string[];
  readonly model: readonly string[];
  /** `KEY=VALUE`. */
  readonly tag: readonly string[];
}

interface ListOptions {
  readonly user?: string;
  readonly role?: string;
  readonly json?: boolean;
}

interface RotateOptions {
  readonly graceHours?: string;
  readonly days?: string;
}

interface Key {
  readonly KeyId: string;
  readonly Name: string;
  readonly Principal: string;
  readonly Status: string;
  readonly Scopes: readonly string[];
  readonly AllowedModels?: readonly string[];
  readonly Tags: Readonly<Record<string, string>>;
  readonly CreatedAt: string;
  readonly CreatedBy: string;
  readonly SecretIssuedAt: string;
  readonly PreviousSecretUntil?: string;
  readonly ExpiresAt: string;
  readonly LastUsedAt?: string;
}

interface IssuedKey {
  readonly GatewayKey: Key;
  readonly Secret: string;
}

type Print = (text: string) => void;

const left = (title: string): Column => ({ title, align: 'left' });
const COLUMNS: readonly Column[] = ['name', 'key id', 'principal', 'status', 'expires', 'last used'].map(left);

/** `tallyline keys`. */
export function gatewayKeyVerbs({ verb, program, client, print }: VerbParts): void {
  const group = program
    .command('keys')
    .description('gateway keys: each stands for a user or a role session when it calls models');
  verb('create <name>', 'make a key; it is shown this once', group)
    .option('--user <name>', 'of a user')
    .option('--role <name>', 'of a role, with --session')
    .option('--session <name>', 'session name of the role: who the bill names')
    .option('--days <days>', 'until it expires (default: 90)')
    .option('--scope <scope>', 'inference, models, self or scim; repeat for more (default: all but scim)', collect, [])
    .option(
      '--model <pattern>',
      'model ids that it may call, with * and ?; repeat for more (default: all)',
      collect,
      [],
    )
    .option('--tag <key=value>', 'tag of its calls, over those of the user or role; repeat for more', collect, [])
    .action((name: string, options: NewKeyOptions & DataOption) => createKey(client(options), name, options, print));
  verb('list', 'keys of the account', group)
    .option('--user <name>', 'of one user')
    .option('--role <name>', 'of one role')
    .option('--json', 'JSON')
    .action((options: ListOptions & DataOption) => listKeys(client(options), options, print));
  verb('show <key>', 'one key, by its id or name', group).action((key: string, options: DataOption) =>
    showKey(client(options), key, print),
  );
  verb('rotate <key>', 'a new secret and a new term; the old secret is taken a while longer', group)
    .option('--grace-hours <hours>', 'how long the old secret is taken (default: 24)')
    .option('--days <days>', 'until the key expires (default: 90)')
    .action((key: string, options: RotateOptions & DataOption) => rotateKey(client(options), key, options, print));
  verb('disable <key>', 'refuse it from the next call on', group).action((key: string, options: DataOption) =>
    switchKey(client(options), key, true, print),
  );
  verb('enable <key>', 'take it again', group).action((key: string, options: DataOption) =>
    switchKey(client(options), key, false, print),
  );
  verb('delete <key>', 'delete it for good', group).action((key: string, options: DataOption) =>
    deleteKey(client(options), key, print),
  );
}

/** `tallyline keys create NAME`: the secret is shown this once. */
async function createKey(client: TallylineClient, name: string, options: NewKeyOptions, print: Print): Promise<void> {
  const { user, role, session, days, scope, model, tag } = options;
  const issued = await client.call<IssuedKey>('CreateGatewayKey', {
    Name: name,
    ...(user !== undefined && { UserName: user }),
    ...(role !== undefined && { RoleName: role }),
    ...(session !== undefined && { SessionName: session }),
    ...(days !== undefined && { ExpiresInDays: readNumber('--days', days) }),
    ...(scope.length > 0 && { Scopes: scope }),
    ...(model.length > 0 && { AllowedModels: model }),
    ...(tag.length > 0 && { Tags: Object.fromEntries(tag.map(readTag)) }),
  });
  printIssued(issued, print);
}

/** `tallyline keys list`. */
async function listKeys(client: TallylineClient, options: ListOptions, print: Print): Promise<void> {
  const keys = await allKeys(client, options);
  if (options.json) return print(JSON.stringify(keys, null, 2));
  const rows = keys.map((key) => [
    ...[key.Name, key.KeyId, key.Principal, key.Status.toLowerCase(), key.ExpiresAt, key.LastUsedAt ?? 'never'],
  ]);
  print(rows.length === 0 ? 'no gateway keys' : formatTable(COLUMNS, rows));
}

/** `tallyline keys show KEY`. */
async function showKey(client: TallylineClient, key: string, print: Print): Promise<void> {
  const KeyId = await keyIdOf(client, key);
  const { GatewayKey } = await client.call<{ readonly GatewayKey: Key }>('GetGatewayKey', { KeyId });
  printKey(GatewayKey, print);
}

/** `tallyline keys rotate KEY`: a new secret; the one before is taken for some hours more. */
async function rotateKey(client: TallylineClient, key: string, options: RotateOptions, print: Print): Promise<void> {
  const { graceHours, days } = options;
  const issued = await client.call<IssuedKey>('RotateGatewayKey', {
    KeyId: await keyIdOf(client, key),
    ...(graceHours !== undefined && { GraceHours: readNumber('--grace-hours', graceHours) }),
    ...(days !== undefined && { ExpiresInDays: readNumber('--days', days) }),
  });
  printIssued(issued, print);
}

/** `tallyline keys disable KEY` and `enable KEY`: counts from the next call on. */
async function switchKey(client: TallylineClient, key: string, isDisabled: boolean, print: Print): Promise<void> {
  const KeyId = await keyIdOf(client, key);
  await client.call('UpdateGatewayKey', { KeyId, Disabled: isDisabled });
  print(`${isDisabled ? 'disabled' : 'enabled'} ${KeyId}`);
}

/** `tallyline keys delete KEY`. */
async function deleteKey(client: TallylineClient, key: string, print: Print): Promise<void> {
  const KeyId = await keyIdOf(client, key);
  await client.call('DeleteGatewayKey', { KeyId });
  print(`deleted ${KeyId}`);
}

async function allKeys(client: TallylineClient, { user, role }: ListOptions = {}): Promise<Key[]> {
  const keys: Key[] = [];
  let next: string | undefined;
  do {
    const answer = await client.call<{ GatewayKeys: Key[]; NextToken?: string }>('ListGatewayKeys', {
      ...(user !== undefined && { UserName: user }),
      ...(role !== undefined && { RoleName: role }),
      ...(next !== undefined && { NextToken: next }),
    });
    keys.push(...answer.GatewayKeys);
    next = answer.NextToken;
  } while (next !== undefined);
  return keys;
}

/** By id, or by a name that one key alone has. */
async function keyIdOf(client: TallylineClient, key: string): Promise<string> {
  if (/^TLYK[A-Z2-7]{16}$/.test(key)) return key;
  const [found, another] = (await allKeys(client)).filter(({ Name }) => Name === key);
  if (!found) throw new Fault('NotFound', `no gateway key \`${key}\`: see \`tallyline keys list\``);
  if (another) throw new Fault('QueryInvalid', `several gateway keys are called \`${key}\`: use the key id`);
  return found.KeyId;
}

function printIssued({ GatewayKey, Secret }: IssuedKey, print: Print): void {
  printKey(GatewayKey, print);
  print(`key           ${Secret}`);
}

function printKey(key: Key, print: Print): void {
  const tags = Object.entries(key.Tags).map((pair) => pair.join('='));
  const lines: [string, string | undefined][] = [
    ['name', key.Name],
    ['key id', key.KeyId],
    ['principal', key.Principal],
    ['status', key.Status.toLowerCase()],
    ['scopes', key.Scopes.join(', ')],
    ['models', key.AllowedModels?.join(', ') ?? 'all'],
    ['tags', tags.join(', ')],
    ['made', `${key.CreatedAt} by ${key.CreatedBy}`],
    ['secret of', key.SecretIssuedAt],
    ['old one until', key.PreviousSecretUntil],
    ['expires', key.ExpiresAt],
    ['last used', key.LastUsedAt],
  ];
  print(lines.flatMap(([name, value]) => (value ? [`${name.padEnd(14)}${value}`] : [])).join('\n'));
}

function readNumber(option: string, text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new Fault('QueryInvalid', `${option} \`${text}\` is not a whole number`);
}

function readTag(tag: string): [string, string] {
  const equals = tag.indexOf('=');
  if (equals < 1) throw new Fault('QueryInvalid', `--tag \`${tag}\` is not KEY=VALUE`);
  return [tag.slice(0, equals), tag.slice(equals + 1)];
}
