import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';
import { collect } from './repeated-option.ts';
import { type CheckOptions, checkSessions } from './sessions/check.ts';
import { type Column, formatTable } from './table.ts';
import type { VerbParts } from './verb-parts.ts';

interface SessionWire {
  readonly SessionName: string;
  readonly BilledPrincipal: string;
  readonly Upstream: string;
  readonly Principal: string;
  readonly Tags: Readonly<Record<string, string>>;
  readonly TagsLeftOut: readonly string[];
  readonly LastUsedAt: string;
  readonly ExpiresAt?: string;
}

interface SessionsOptions {
  readonly data: string;
  readonly name?: string;
  readonly principal?: string;
  readonly upstream?: string;
  readonly limit: string;
  readonly json?: boolean;
}

const COLUMNS: readonly Column[] = ['session name', 'principal', 'tags', 'upstream', 'last used', 'expires'].map(
  (title) => ({ title, align: 'left' }),
);
const LIMIT_MAX = 10_000;
const PAGE_MAX = 1_000;

/** `tallyline sessions`: who is behind the session names in AWS's bill. */
export function sessionsVerb({ verb, client, print }: VerbParts): void {
  const group = verb('sessions', 'who is behind the session names in the bill of AWS, the latest first')
    .option('--name <name>', 'one session, by its name or by the ARN in the bill')
    .option('--principal <arn>', 'sessions of one caller')
    .option('--upstream <name>', 'sessions at one upstream')
    .option('--limit <count>', 'how many', '50')
    .option('--json', 'JSON')
    .action((options: SessionsOptions) => listSessions(client(options), options, print));
  group
    .command('renew')
    .description('have the next call of every caller begin a new session')
    .option('--data <folder>', 'data folder of the server (default: as for sessions)')
    .option('--principal <arn>', 'of one caller')
    .action(async (own: { data?: string; principal?: string }) => {
      const { Renewed } = await client({ ...group.opts<SessionsOptions>(), ...own }).call<{ Renewed: number }>(
        'RenewUpstreamSessions',
        own.principal === undefined ? {} : { Principal: own.principal },
      );
      print(`${Renewed} sessions given up`);
    });
  group
    .command('check')
    .description('list every principal that the bills of upstreams do not name')
    .option('--data <folder>', 'data folder of the server (default: as for sessions)')
    .option('--period <month>', 'billing period (default: the current one)')
    .option('--bill <file>', 'a delivered CUR 2.0 file to compare with, CSV or CSV.gz; repeat for more', collect, [])
    .option('--json', 'JSON')
    .action(async (own: CheckOptions & { data?: string }) => {
      if (!(await checkSessions(client({ ...group.opts<SessionsOptions>(), ...own }), own, print)))
        process.exitCode = 1;
    });
}

async function listSessions(
  client: TallylineClient,
  { name, principal, upstream, limit: limitText, json }: SessionsOptions,
  print: (text: string) => void,
): Promise<void> {
  const limit = /^\d{1,5}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > LIMIT_MAX) {
    throw new Fault('QueryInvalid', `--limit \`${limitText}\` is not valid: use 1 to ${LIMIT_MAX}`);
  }
  const found: SessionWire[] = [];
  let NextToken: string | undefined;
  do {
    const answer = await client.call<{ Sessions: SessionWire[]; NextToken?: string }>('ListUpstreamSessions', {
      ...{ SessionName: name, Principal: principal, Upstream: upstream, NextToken },
      MaxResults: Math.min(PAGE_MAX, limit - found.length),
    });
    found.push(...answer.Sessions);
    NextToken = answer.NextToken;
  } while (NextToken !== undefined && found.length < limit);
  if (json) print(JSON.stringify(found, null, 2));
  else print(found.length === 0 ? 'no such sessions' : formatTable(COLUMNS, found.map(rowOf)));
}

function rowOf({ SessionName, Principal, Tags, TagsLeftOut, Upstream, LastUsedAt, ExpiresAt }: SessionWire): string[] {
  const tags = Object.entries(Tags).map(([key, value]) => `${key}=${value}`);
  const left = TagsLeftOut.map((key) => `${key} left out`);
  return [SessionName, Principal, [...tags, ...left].join(', '), Upstream, LastUsedAt, ExpiresAt ?? '-'];
}
