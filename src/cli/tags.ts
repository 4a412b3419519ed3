import type { TallylineClient } from './client.ts';
import { type Column, formatCsv, formatTable } from './table.ts';

export interface TagsOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

interface TagEntry {
  readonly TagKey: string;
  readonly Status: 'Active' | 'Inactive';
  readonly LastUsedAt: string;
  readonly LastUpdatedAt?: string;
  readonly LastUpdatedBy?: string;
  readonly Shown: readonly { readonly From: string; readonly Until?: string }[];
  readonly Switches?: readonly TagSwitch[];
}

interface TagSwitch {
  readonly Status: string;
  readonly At: string;
  readonly EffectiveFrom: string;
  readonly By: string;
}

interface TagBackfillEntry {
  readonly From: string;
  readonly RequestedAt: string;
  readonly CompletedAt: string;
  readonly IsDone?: boolean;
  readonly RequestedBy?: string;
}

interface TagHistory {
  readonly Tags: readonly TagEntry[];
  readonly Backfills: readonly TagBackfillEntry[];
  readonly NextToken?: string;
}

const PAGE = 1_000;

const left = (...titles: string[]): Column[] => titles.map((title) => ({ title, align: 'left' }));

/** `tallyline tags`: the keys that usage has carried; with KEY, everything that was ever decided about it. */
export async function tags(
  client: TallylineClient,
  key: string | undefined,
  options: TagsOptions,
  print: (text: string) => void,
): Promise<void> {
  const { Tags, Backfills } = key === undefined ? await everyTag(client) : await one(client, key);
  if (options.json) return print(JSON.stringify({ Tags, Backfills }, null, 2));
  const tables = key === undefined ? [keyTable(Tags)] : [switchTable(Tags[0]!), shownTable(Tags[0]!)];
  if (options.csv) return print(formatCsv(tables[0]!.columns, tables[0]!.rows));
  const shown = [...tables, backfillTable(Backfills)].filter(({ rows }) => rows.length > 0);
  print(shown.map(({ columns, rows }) => formatTable(columns, rows)).join('\n\n') || 'no usage has tags yet');
}

async function everyTag(client: TallylineClient): Promise<TagHistory> {
  const all: TagEntry[] = [];
  let page: TagHistory;
  let NextToken: string | undefined;
  do {
    page = await client.call<TagHistory>('GetTagHistory', { MaxResults: PAGE, ...(NextToken && { NextToken }) });
    all.push(...page.Tags);
    NextToken = page.NextToken;
  } while (NextToken);
  return { Tags: all, Backfills: page.Backfills };
}

function one(client: TallylineClient, TagKey: string): Promise<TagHistory> {
  return client.call<TagHistory>('GetTagHistory', { TagKey });
}

interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

function keyTable(entries: readonly TagEntry[]): Table {
  return {
    columns: left('key', 'status', 'since', 'last used', 'by'),
    rows: entries.map(({ TagKey, Status, LastUpdatedAt = '', LastUsedAt, LastUpdatedBy = '' }) => {
      return [TagKey, Status, LastUpdatedAt, LastUsedAt.slice(0, 'YYYY-MM'.length), LastUpdatedBy];
    }),
  };
}

function switchTable({ Switches = [] }: TagEntry): Table {
  const rows = Switches.map(({ Status, At, EffectiveFrom, By }) => [Status, At, EffectiveFrom, By]);
  return { columns: left('switched to', 'at', 'for usage from', 'by'), rows };
}

function shownTable({ Shown }: TagEntry): Table {
  return { columns: left('shown from', 'until'), rows: Shown.map(({ From, Until = '' }) => [From, Until]) };
}

function backfillTable(backfills: readonly TagBackfillEntry[]): Table {
  return {
    columns: left('backfill from', 'requested', 'done', 'by'),
    rows: backfills.map(({ From, RequestedAt, CompletedAt, IsDone, RequestedBy = '' }) => {
      return [From, RequestedAt, IsDone ? CompletedAt : `(expected ${CompletedAt})`, RequestedBy];
    }),
  };
}
