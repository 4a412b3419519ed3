import type { Ignored, ImportProblem } from '../../imports/delivery.ts';
import type { ImportLedger } from '../../imports/import-ledger.ts';
import type { BillImport, BillSource, ImportDelivery, ImportedPeriod } from '../../imports/import-records.ts';
import { logUpstream } from '../../imports/log-source.ts';
import type { LogTally } from '../../imports/log-tally.ts';
import { Fault } from '../../kernel/fault.ts';
import type { CheckedPlace } from '../../paths/import-path.ts';
import type { OperationCall, OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import type { BillFinding, Remedy } from '../../reports/bill-doctor.ts';
import type { Book } from '../../reports/book.ts';
import type { BillUploadParts } from './bill-uploads.ts';
import { managementOnly } from './management-only.ts';

export interface BillImportParts {
  readonly managementAccountId: string;
  readonly billImports: BillUploadParts['billImports'] & {
    readonly check: (location: string) => Promise<CheckedPlace>;
    readonly begin: (
      location: string,
      options: { readonly createdBy: string; readonly allServices?: boolean; readonly isWatched?: boolean },
    ) => Promise<BillImport>;
    readonly cancel: (importId: string) => Promise<void>;
    readonly removeSource: (sourceId: string) => Promise<void>;
    readonly progressOf: (importId: string) => BillImportProgress | undefined;
  };
}

/** How far an import is that runs now. */
export interface BillImportProgress {
  readonly step: string;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly rowsDone: number;
  readonly rowsTotal?: number;
  readonly periodsDone: number;
  readonly periodsTotal: number;
}

interface StartInput {
  readonly Location: string;
  /** Absent: as at the last import of the place, at first Bedrock alone. */
  readonly AllServices?: boolean;
  /** True: the server looks for new deliveries by itself. Absent: as before. */
  readonly Watch?: boolean;
}

const PAGE: PageManner = {
  size: 50,
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** Imports of bills: the management account's, for a bill shows every account's spend. */
export function billImportOperations({ billImports, managementAccountId }: BillImportParts): OperationTable {
  const { ledger } = billImports;
  const ofManagement = managementOnly(managementAccountId, 'imports bills');
  const found = (importId: string) => {
    const one = ledger.import(importId);
    if (one) return one;
    throw new Fault('ResourceNotFoundException', `there is no import \`${importId}\``);
  };
  return {
    CheckBillLocation: ofManagement(
      'CheckBillLocation',
      async ({ input }: OperationCall<{ readonly Location: string }>) => {
        const { deliveries, problems, ignored } = await billImports.check(input.Location);
        const source = ledger.sources().find(({ location }) => location === input.Location);
        const imported = new Set(source && ledger.periods(source.id).map(({ fingerprint }) => fingerprint));
        return {
          Deliveries: deliveries.map((one) => ({ ...wireDelivery(one), IsImported: imported.has(one.fingerprint) })),
          ...{ Problems: problems.map(wireProblem), Ignored: ignored.map(wireIgnored) },
        };
      },
    ),
    StartBillImport: ofManagement('StartBillImport', async ({ input, caller }: OperationCall<StartInput>) => {
      const { Location, AllServices, Watch } = input;
      const options = {
        createdBy: caller.arn,
        ...(AllServices !== undefined && { allServices: AllServices }),
        ...(Watch !== undefined && { isWatched: Watch }),
      };
      return { Import: wireImport(await billImports.begin(Location, options)) };
    }),
    GetBillImport: ofManagement('GetBillImport', ({ input }: OperationCall<{ ImportId: string }>) => {
      const one = found(input.ImportId);
      const progress = billImports.progressOf(one.id);
      const periods = ledger.periods(one.sourceId).filter(({ importId }) => importId === one.id);
      const { books } = ledger;
      return {
        Import: wireImport(one),
        ...(progress && { Progress: wireProgress(progress) }),
        Deliveries: one.deliveries.map(wireDelivery),
        Periods: periods.map(wirePeriod),
        PrimaryBook: books.primary,
      };
    }),
    ListBillImports: ofManagement(
      'ListBillImports',
      ({ input }: OperationCall<PageInput & { readonly SourceId?: string }>) => {
        const orderOf = ({ createdAtMs, id }: BillImport) => `${String(1e15 - createdAtMs).padStart(16, '0')}\n${id}`;
        const { items, rest } = resultPage(ledger.imports(input.SourceId), orderOf, input, PAGE);
        return { Imports: items.map(wireImport), ...rest };
      },
    ),
    CancelBillImport: ofManagement('CancelBillImport', async ({ input }: OperationCall<{ ImportId: string }>) => {
      await billImports.cancel(input.ImportId);
      return { Import: wireImport(found(input.ImportId)) };
    }),
    ListBillSources: ofManagement('ListBillSources', () => ({
      Sources: ledger.sources().map((source) => wireSource(source, ledger)),
      PrimaryBook: ledger.books.primary,
    })),
    DeleteBillSource: ofManagement('DeleteBillSource', async ({ input }: OperationCall<{ SourceId: string }>) => {
      await billImports.removeSource(input.SourceId);
      return {};
    }),
    SetPrimaryBook: ofManagement('SetPrimaryBook', async ({ input, caller, nowMs }: OperationCall<{ Book: Book }>) => {
      await ledger.setPrimary({ book: input.Book, changedAtMs: nowMs, changedBy: caller.arn });
      return { PrimaryBook: input.Book };
    }),
  };
}

function wireImport(one: BillImport): unknown {
  return {
    ...{ ImportId: one.id, SourceId: one.sourceId, State: one.state, Cause: one.cause },
    ...{ CreatedAt: new Date(one.createdAtMs), CreatedBy: one.createdBy },
    ...(one.startedAtMs !== undefined && { StartedAt: new Date(one.startedAtMs) }),
    ...(one.endedAtMs !== undefined && { EndedAt: new Date(one.endedAtMs) }),
    ...{ Problems: one.problems.map(wireProblem), Ignored: one.ignored.map(wireIgnored) },
    ReplacedPeriods: one.periods,
    MadePrimary: one.madePrimary ?? false,
    ...(one.log && { Log: wireLog(one.log) }),
  };
}

function wireProblem({ file, text }: ImportProblem): object {
  return { ...(file !== undefined && { File: file }), Text: text };
}

function wireIgnored({ path, reason }: Ignored): object {
  return { Path: path, Reason: reason };
}

function wireProgress(progress: BillImportProgress): unknown {
  return {
    Step: progress.step,
    ...{ FilesDone: progress.filesDone, FilesTotal: progress.filesTotal },
    ...{ BytesDone: `${progress.bytesDone}`, BytesTotal: `${progress.bytesTotal}`, RowsDone: `${progress.rowsDone}` },
    ...(progress.rowsTotal !== undefined && { RowsTotal: `${progress.rowsTotal}` }),
    ...{ PeriodsDone: progress.periodsDone, PeriodsTotal: progress.periodsTotal },
  };
}

function wireDelivery(delivery: ImportDelivery): object {
  const { exportName, period, executionId, layout, format, files, columns, rows, findings = [], remedy } = delivery;
  return {
    ...{ ExportName: exportName, ExecutionId: executionId, Layout: layout, Format: format },
    ...(period !== undefined && { BillingPeriod: period }),
    ...{ Files: files.length, Bytes: `${files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)}` },
    ...(rows !== undefined && { Rows: `${rows}` }),
    ...{ Columns: columns, Findings: findings.map(wireFinding) },
    ...(remedy && { Remedy: wireRemedy(remedy) }),
  };
}

function wirePeriod(period: ImportedPeriod): unknown {
  return {
    ...{ BillingPeriod: period.period, SourceId: period.sourceId, ImportId: period.importId },
    ...{ ImportedAt: new Date(period.importedAtMs), ExportName: period.exportName },
    ...{ ExecutionId: period.executionId, Layout: period.layout, Format: period.format },
    ...{ Files: period.files, Bytes: `${period.bytes}`, Rows: `${period.rows}` },
    ...{ RowsWithoutCost: `${period.rowsWithoutCost}`, PayerAccountId: period.payerAccountId },
    ...{ CostUsd: period.usd, NetCostUsd: period.netUsd, RoundingUsd: period.residueUsd },
    ...(period.rows > 0 && { UsageFrom: new Date(period.usageFromMs), UsageTo: new Date(period.usageToMs) }),
    TagKeys: period.tagKeys,
    NotImported: period.notImported.map(({ product, rows, usd }) => ({
      Product: product,
      Rows: `${rows}`,
      CostUsd: usd,
    })),
    Unrecognised: period.unrecognised.map(({ usageType, productCode, unread, rows, usd }) => ({
      ...{ UsageType: usageType, ProductCode: productCode, Unread: unread, Rows: `${rows}`, CostUsd: usd },
    })),
    Findings: period.findings.map(wireFinding),
  };
}

function wireFinding({ code, loses, text, remedy }: BillFinding): object {
  return {
    ...{ Code: code, Loses: loses, Text: text },
    ...(remedy && wireRemedy(remedy)),
  };
}

function wireRemedy({ commands, console }: Remedy): object {
  return { Commands: commands, Console: console };
}

function wireSource(source: BillSource, ledger: ImportLedger): unknown {
  const log = ledger.log(source.id);
  return {
    ...{ SourceId: source.id, Location: source.location, CreatedAt: new Date(source.createdAtMs) },
    ...{ CreatedBy: source.createdBy, AllServices: source.allServices, Watch: source.isWatched },
    Holds: log ? 'log' : 'bill',
    ...(log && { Upstream: logUpstream(source.id), Log: wireLog(log.tally) }),
    Periods: ledger.periods(source.id).map(wirePeriod),
  };
}

function wireLog({ fromMs, toMs, ...tally }: LogTally): unknown {
  return {
    ...{ Files: tally.files, Records: `${tally.records}`, Calls: `${tally.calls}`, Tokens: `${tally.tokens}` },
    ...(fromMs !== undefined && toMs !== undefined && { From: new Date(fromMs), To: new Date(toMs) }),
    Notes: tally.notes.map(({ isKept, reason, records, examples }) => ({
      ...{ IsKept: isKept, Reason: reason, Records: `${records}`, Examples: examples },
    })),
    Refused: tally.refused.map(({ file, text }) => ({ File: file, Text: text })),
    RefusedFiles: tally.refusedFiles,
  };
}
