import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';
import { type Column, formatTable } from './table.ts';

export interface NoticesOptions {
  readonly state?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

/** As far as a row shows it; `--json` prints all of it. */
interface ListedNotice {
  readonly State: string;
  readonly CreatedAt: string;
  readonly Address: string;
  readonly Subject: string;
  readonly Attempts: number;
  readonly Failure?: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'time', align: 'left' },
  { title: 'state', align: 'left' },
  { title: 'attempts', align: 'right' },
  { title: 'to', align: 'left' },
  { title: 'subject', align: 'left' },
  { title: 'last failure', align: 'left' },
];

const LIMIT_MAX = 10_000;
const PAGE_MAX = 1_000;
const FAILURE_CHARACTERS_MAX = 80;

/** `tallyline notices`: what was sent about spend, what waits and what was given up, newest first. */
export async function notices(
  client: TallylineClient,
  options: NoticesOptions,
  print: (text: string) => void,
): Promise<void> {
  const limit = readLimit(options.limit ?? '50');
  const found: ListedNotice[] = [];
  let next: string | undefined;
  do {
    const MaxResults = Math.min(PAGE_MAX, limit - found.length);
    const page = { MaxResults, ...(options.state !== undefined && { State: options.state }) };
    const answer = await client.call<{ Notices: ListedNotice[]; NextToken?: string }>('ListNotices', {
      ...page,
      ...(next !== undefined && { NextToken: next }),
    });
    found.push(...answer.Notices);
    next = answer.NextToken;
  } while (next !== undefined && found.length < limit);
  if (options.json) print(JSON.stringify(found, null, 2));
  else print(found.length === 0 ? 'no such notices' : formatTable(COLUMNS, found.map(rowOf)));
}

function rowOf({ CreatedAt, State, Attempts, Address, Subject, Failure = '' }: ListedNotice): string[] {
  return [CreatedAt, State, String(Attempts), Address, Subject, Failure.slice(0, FAILURE_CHARACTERS_MAX)];
}

function readLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new Fault('QueryInvalid', `--limit \`${text}\` is not valid: use 1 to ${LIMIT_MAX}`);
}
