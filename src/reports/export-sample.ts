import { billingPeriodOf } from '../kernel/time.ts';
import { billedThrough } from './billed-through.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CompiledQuery, CostStore } from './cost-store.ts';
import { chunksOf } from './export-chunks.ts';
import { billOf, type ExportDefinition, planQuery } from './export-definition.ts';
import { hoursOf } from './export-hours.ts';
import type { OutputColumn } from './export-sql/bind.ts';
import { compileStatement } from './export-sql/compile.ts';
import type { BillFacts } from './export-table.ts';

export interface SampleQuestion {
  readonly query: Pick<ExportDefinition, 'queryStatement' | 'tableConfigurations'>;
  readonly accountId: string;
  /** `2026-05`; absent: the present one, or the latest that was billed. */
  readonly period?: string | undefined;
  readonly maxRows: number;
  readonly nowMs: number;
}

export interface ExportSample {
  readonly columns: readonly OutputColumn[];
  /** By column, as a CSV file would have them; null where there is no value. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** A sample is made from about so many line items, however many its period has. */
const LINE_ITEMS = 20_000;

/** Some of the latest rows that a delivery of a period would have now. Throws ValidationException as an export does. */
export async function exportSample(
  { query, accountId, period: asked, maxRows, nowMs }: SampleQuestion,
  { store, bill: whole }: { readonly store: CostStore; readonly bill: BillFacts },
  signal?: AbortSignal,
): Promise<ExportSample> {
  const { table, configuration, statement } = planQuery(query, accountId);
  const bill = billOf(query, accountId, whole);
  const onlyAccountId = accountId === bill.payerAccountId ? undefined : accountId;
  const ask = <Row>(compiled: CompiledQuery) => store.query<Row>(compiled, signal);
  const period = asked ?? (await latestPeriod(bill, nowMs, store, signal));
  const hours = await hoursOf(period, onlyAccountId, bill, ask);
  const chunks = chunksOf(period, configuration.get('TIME_GRANULARITY'), hours, LINE_ITEMS);
  const parameters = new Parameters();
  const request = { period, chunk: chunks.at(-1)!, configuration, bill, ...(onlyAccountId && { onlyAccountId }) };
  const rows = await table.rows(request, parameters, ask);
  const limit = Math.min(maxRows, statement.limit ?? maxRows);
  const compiled = compileStatement(statement, table, 'TEXT_OR_CSV', rows, parameters, limit);
  return { columns: statement.outputs, rows: await ask<Readonly<Record<string, unknown>>>(compiled) };
}

async function latestPeriod(
  { books }: BillFacts,
  nowMs: number,
  store: CostStore,
  signal: AbortSignal | undefined,
): Promise<string> {
  const endMs = books?.primary === 'bill' ? await billedThrough(books, nowMs, store, signal) : undefined;
  return billingPeriodOf(endMs === undefined ? nowMs : endMs - 1);
}
