import { type ReactElement, useState } from 'react';
import { CodeBlock } from '../../components/code-block.tsx';
import { Segmented } from '../../components/select.tsx';
import { tableOf, type WireExport } from '../exports/export-calls.ts';

const ENGINES = [
  { value: 'duckdb', label: 'DuckDB' },
  { value: 'athena', label: 'Athena' },
  { value: 'clickhouse', label: 'ClickHouse' },
] as const;

type Engine = (typeof ENGINES)[number]['value'];

/** Statements to begin with, over the files of this export. */
export function Queries({ definition }: { readonly definition: WireExport }): ReactElement {
  const [engine, setEngine] = useState<Engine>('duckdb');
  return (
    <div className="stack">
      <div>
        <Segmented label="Engine" value={engine} options={ENGINES} onChange={setEngine} />
      </div>
      <p className="soft">{ABOUT[engine]}</p>
      <CodeBlock text={statementOf(engine, definition)} what="the statement" />
    </div>
  );
}

const ABOUT: Readonly<Record<Engine, string>> = {
  duckdb:
    'Where the bucket is a folder, run it there: in exports/ of the server’s data folder, with file paths in place of s3://.',
  athena: 'Create the table first: an export with set-up files for Athena brings the statement and a crawler along.',
  clickhouse: 'Reads the files where they are; local files with file() in place of s3().',
};

/** What is summed by what: the columns differ between CUR 2.0 and FOCUS. */
function figuresOf(definition: WireExport): { readonly who: string; readonly cost: string } {
  const statement = definition.DataQuery.QueryStatement;
  const has = (name: string) => new RegExp(`\\b${name}\\b`).test(statement);
  if (tableOf(definition).startsWith('FOCUS')) {
    return {
      who: has('x_IamPrincipal') ? 'x_IamPrincipal' : 'ServiceName',
      cost: has('EffectiveCost') ? 'EffectiveCost' : 'BilledCost',
    };
  }
  const who = ['line_item_iam_principal', 'line_item_usage_account_id', 'line_item_usage_type'].find(has);
  return { who: who ?? 'line_item_usage_type', cost: 'line_item_unblended_cost' };
}

function statementOf(engine: Engine, definition: WireExport): string {
  const { S3Bucket, S3Prefix, S3OutputConfigurations } = definition.DestinationConfigurations.S3Destination;
  const isParquet = S3OutputConfigurations.Format === 'PARQUET';
  const folder = `s3://${[S3Bucket, S3Prefix].filter(Boolean).join('/')}/${definition.Name}/data`;
  const { who, cost } = figuresOf(definition);
  if (engine === 'athena') {
    return `SELECT ${who}, sum(${cost}) AS usd\nFROM ${definition.Name.toLowerCase().replaceAll('-', '_')}\nGROUP BY ${who}\nORDER BY usd DESC`;
  }
  if (engine === 'clickhouse') {
    const files = isParquet ? `s3('${folder}/**/*.parquet', 'Parquet')` : `s3('${folder}/**/*.csv.gz', 'CSVWithNames')`;
    return `SELECT ${who}, sum(${cost}) AS usd\nFROM ${files}\nGROUP BY ${who}\nORDER BY usd DESC`;
  }
  const files = isParquet
    ? `read_parquet('${folder}/**/*.parquet', union_by_name = true)`
    : `read_csv('${folder}/**/*.csv.gz', header = true)`;
  return `SELECT ${who}, sum(${cost}) AS usd\nFROM ${files}\nGROUP BY ALL\nORDER BY usd DESC`;
}
