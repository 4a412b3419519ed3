import type { TallylineClient } from '../client.ts';
import { formatTable } from '../table.ts';
import { count } from './row-count.ts';

interface ListedImport {
  readonly ImportId: string;
  readonly SourceId: string;
  readonly State: string;
  readonly Cause: string;
  readonly CreatedAt: string;
  readonly ReplacedPeriods: readonly string[];
  readonly Log?: { readonly Calls: string };
  readonly Problems: readonly { readonly File?: string; readonly Text: string }[];
}

interface ListedSource {
  readonly SourceId: string;
  readonly Location: string;
  readonly Watch: boolean;
  readonly Log?: { readonly Calls: string; readonly From?: string; readonly To?: string };
  readonly Periods: readonly {
    readonly BillingPeriod: string;
    readonly Format: string;
    readonly Rows: string;
    readonly CostUsd: string;
  }[];
}

/** `tallyline imports`. */
export async function listImports(client: TallylineClient, print: (text: string) => void): Promise<void> {
  const { Imports } = await client.call<{ Imports: ListedImport[] }>('ListBillImports', {});
  const columns = ['begun', 'import', 'source', 'by', 'state', 'periods or problems'];
  const rows = Imports.map((one) => [
    one.CreatedAt,
    one.ImportId,
    one.SourceId,
    one.Cause,
    one.State,
    one.Problems.map(({ File, Text }) => (File === undefined ? Text : `${File}: ${Text}`)).join('; ') ||
      (one.Log ? `${count(one.Log.Calls)} calls` : one.ReplacedPeriods.join(', ')),
  ]);
  print(
    rows.length === 0
      ? 'nothing was imported yet'
      : formatTable(
          columns.map((title) => ({ title, align: 'left' })),
          rows,
        ),
  );
}

/** `tallyline bill-source list`. */
export async function listSources(client: TallylineClient, print: (text: string) => void): Promise<void> {
  const { Sources, PrimaryBook } = await client.call<{ Sources: ListedSource[]; PrimaryBook: string }>(
    'ListBillSources',
    {},
  );
  const rows = Sources.flatMap(({ SourceId, Location, Watch, Log, Periods }) => {
    if (Log) {
      const days = [Log.From, Log.To].map((time) => time?.slice(0, 10) ?? '-').join(' to ');
      return [[SourceId, Location, Watch ? 'watched' : '', days, 'invocation log', count(Log.Calls), '-']];
    }
    const none = [{ BillingPeriod: '-', Format: '-', Rows: '0', CostUsd: '-' }];
    return (Periods.length === 0 ? none : Periods).map((one) => {
      return [SourceId, Location, Watch ? 'watched' : '', one.BillingPeriod, one.Format, count(one.Rows), one.CostUsd];
    });
  });
  const columns = [
    ...['source', 'place', '', 'period', 'format'].map((title) => ({ title, align: 'left' }) as const),
    ...['rows', 'cost USD'].map((title) => ({ title, align: 'right' }) as const),
  ];
  print(rows.length === 0 ? 'no source of bills yet: `tallyline import PLACE` makes one' : formatTable(columns, rows));
  print(`\nreports show the ${PrimaryBook}`);
}
