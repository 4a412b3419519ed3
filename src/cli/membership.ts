import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { Fault } from '../kernel/fault.ts';
import { isoSeconds } from '../kernel/time.ts';
import { readKnownRange, sayRange } from './known-range.ts';
import { type Column, formatTable } from './table.ts';
import { type RangeOptions, readRange } from './time-range.ts';
import type { VerbParts } from './verb-parts.ts';

interface StructureOptions {
  readonly data: string;
  readonly structure: string;
}

interface ImportOptions extends StructureOptions {
  readonly endOpen?: boolean;
  readonly replace?: boolean;
}

interface ListOptions extends StructureOptions {
  readonly text?: string;
  readonly at?: string;
  readonly json?: boolean;
}

interface PreviewOptions extends ImportOptions, RangeOptions {
  readonly json?: boolean;
}

interface DeriveOptions extends StructureOptions {
  readonly tag?: string;
  readonly account?: boolean;
}

interface Change {
  readonly Added: number;
  readonly Removed: number;
  readonly Kept: number;
  readonly Ambiguous?: readonly string[];
  readonly AmbiguousCount?: number;
}

interface EntryWire {
  readonly Who: string;
  readonly Value: string;
  readonly From: string;
  readonly To?: string;
  readonly Source: string;
}

interface Preview {
  readonly Errors: readonly { readonly Line: number; readonly Message: string }[];
  readonly Moves: readonly {
    readonly From: string;
    readonly To: string;
    readonly CostUsd: string;
    readonly Requests: string;
  }[];
  readonly TotalUsd?: string;
  readonly MovedUsd?: string;
}

const ENTRY_COLUMNS: readonly Column[] = [
  { title: 'who', align: 'left' },
  { title: 'value', align: 'left' },
  { title: 'from', align: 'left' },
  { title: 'to', align: 'left' },
  { title: 'source', align: 'left' },
];
const MOVE_COLUMNS: readonly Column[] = [
  { title: 'from', align: 'left' },
  { title: 'to', align: 'left' },
  { title: 'cost USD', align: 'right' },
  { title: 'calls', align: 'right' },
];

/** `tallyline membership import | derive | list | export | preview`: who belongs to which team, and when. */
export function membershipVerbs({ program, verb, client, print, now }: VerbParts): void {
  const membership = program.command('membership').description('who belongs to which team or cost center, and when');
  const of = (name: string, description: string) =>
    verb(name, description, membership).option('--structure <name>', 'the structure', 'team');
  of('import <file>', 'entries of a CSV file (who,value,from,to), all or nothing')
    .option('--end-open', 'end entries without an end where a new one of the same member begins')
    .option('--replace', 'drop entries of earlier files that are not in this one')
    .action(async (file: string, options: ImportOptions) => {
      const input = { Structure: options.structure, Csv: readText(file), ...mannerOf(options) };
      print(changeText(await client(options).call<Change>('ImportMembership', input)));
    });
  of('derive', 'entries from the usage: by a tag of principals, or accounts by their names')
    .addOption(new Option('--tag <key>', 'tag key, such as team').conflicts('account'))
    .option('--account', 'accounts by their names')
    .action(async (options: DeriveOptions) => {
      if (options.tag === undefined && !options.account) throw new Fault('QueryInvalid', 'say --tag KEY or --account');
      const input = { Structure: options.structure, ...(options.tag !== undefined && { TagKey: options.tag }) };
      const change = await client(options).call<Change>('DeriveMembership', input);
      print(changeText(change));
      if (change.AmbiguousCount) {
        print(`on some day ${change.AmbiguousCount} had several values: ${change.Ambiguous!.join(', ')}`);
      }
    });
  of('list', 'entries, or the structures with --structure ""')
    .option('--text <text>', 'part of who or of the value')
    .option('--at <time>', 'those that hold at this instant')
    .option('--json', 'JSON')
    .action(async (options: ListOptions) => print(await list(options)));
  of('export', 'the entries as CSV').action(async (options: StructureOptions) => {
    print(
      (await client(options).call<{ Csv: string }>('ExportMembership', { Structure: options.structure })).Csv.trimEnd(),
    );
  });
  of('preview [file]', "what today's structure, or that of a file, would move of the past")
    .option('--end-open', 'as for import')
    .option('--replace', 'as for import')
    .option('--from <time>', 'from this date (UTC) on')
    .option('--to <time>', 'before it')
    .option('--last <time>', 'the last days: 90d (default)')
    .option('--month <month>', 'one month: 2026-05')
    .option('--json', 'JSON')
    .action(async (file: string | undefined, options: PreviewOptions) => {
      const hasRange = options.from !== undefined || options.month !== undefined || options.last !== undefined;
      const asked = hasRange ? options : { ...options, last: '90d' };
      const range = await readKnownRange(client(options), asked, { nowMs: now() });
      const preview = await client(options).call<Preview>('PreviewMembership', {
        ...{
          Structure: options.structure,
          Start: isoSeconds(range.startMs),
          End: isoSeconds(range.endMs),
          ...mannerOf(options),
        },
        ...(file !== undefined && { Csv: readText(file) }),
      });
      if (options.json) return print(JSON.stringify(preview, null, 2));
      sayRange(range, print);
      print(previewText(preview));
    });

  async function list(options: ListOptions): Promise<string> {
    const rows: EntryWire[] = [];
    if (options.structure === '') {
      const { Structures } = await client(options).call<{ Structures: object[] }>('ListMembershipStructures', {});
      return JSON.stringify(Structures, null, 2);
    }
    let NextToken: string | undefined;
    do {
      const page = await client(options).call<{ Entries: EntryWire[]; NextToken?: string }>('ListMembershipEntries', {
        ...{ Structure: options.structure, MaxResults: 1_000 },
        ...(options.text !== undefined && { Text: options.text }),
        ...(options.at !== undefined && {
          At: isoSeconds(readRange({ from: options.at, to: '2100-01-01' }, now()).startMs),
        }),
        ...(NextToken !== undefined && { NextToken }),
      });
      rows.push(...page.Entries);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    if (options.json) return JSON.stringify(rows, null, 2);
    if (rows.length === 0) return 'no entries';
    return formatTable(
      ENTRY_COLUMNS,
      rows.map(({ Who, Value, From, To = '', Source }) => [Who, Value, From, To, Source]),
    );
  }
}

function mannerOf({ endOpen, replace }: ImportOptions): object {
  return { ...(endOpen && { OpenEntries: 'END' }), ...(replace && { Replace: true }) };
}

function changeText({ Added, Removed, Kept }: Change): string {
  return `${Added} entries added, ${Removed} removed, ${Kept} kept`;
}

function previewText({ Errors, Moves, TotalUsd, MovedUsd }: Preview): string {
  if (Errors.length > 0) return Errors.map(({ Line, Message }) => `line ${Line}: ${Message}`).join('\n');
  const head = `${MovedUsd} of ${TotalUsd} USD would move`;
  if (Moves.length === 0) return head;
  const rows = Moves.map(({ From, To, CostUsd, Requests }) => [
    From || '(nobody)',
    To || '(nobody)',
    CostUsd,
    Requests,
  ]);
  return `${head}\n\n${formatTable(MOVE_COLUMNS, rows)}`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Fault('NotFound', `\`${file}\` cannot be read; name a CSV file`);
  }
}
