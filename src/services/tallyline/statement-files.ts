import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import {
  GENERIC_LEDGER,
  type JournalColumn,
  type JournalLine,
  journalCsv,
  journalEntries,
} from '../../statements/journal-entries.ts';
import type { StatementPaper } from '../../statements/statement.ts';
import type { StatementDefinitions } from '../../statements/statement-definitions.ts';
import { type StatementFormat, statementFile } from '../../statements/statement-file.ts';
import type { StatementLedger } from '../../statements/statement-ledger.ts';
import { managementOnly } from './management-only.ts';
import type { ReportScopeParts } from './report-scope.ts';
import { type StatementScope, seenStatement, statementAccess, statementSight } from './statement-sight.ts';

export interface StatementFileParts extends ReportScopeParts {
  readonly statements: StatementLedger;
  readonly statementDefinitions: StatementDefinitions;
  readonly paper: StatementPaper;
}

interface FileInput extends StatementScope {
  readonly Number: string;
  readonly Version?: number;
  readonly Format: StatementFormat;
}

interface JournalInput {
  readonly DefinitionId: string;
  /** Absent: of all months. */
  readonly BillingPeriod?: string;
  /** Absent: those of a generic ledger. */
  readonly Columns?: readonly { readonly Name: string; readonly Field: string }[];
}

/** Statements as files, and the journal of chargebacks. */
export function statementFileOperations(parts: StatementFileParts): OperationTable {
  const { statements, statementDefinitions: definitions, paper } = parts;
  const getFile: OperationHandler<FileInput, unknown> = {
    access: statementAccess('GetStatementFile'),
    run: async ({ input, caller }) => {
      const sees = statementSight(input, caller, parts);
      const { statement } = seenStatement(input.Number, input.Version, sees, statements);
      const { name, contentType, bytes } = await statementFile(statement, input.Format, paper);
      return { FileName: name, ContentType: contentType, Data: bytes };
    },
  };
  const ofManagement = managementOnly(parts.managementAccountId, 'books statements');
  const getJournal = ofManagement<JournalInput>('GetJournalEntries', ({ input }) => {
    const { DefinitionId, BillingPeriod, Columns } = input;
    const definition = definitions.get(DefinitionId);
    if (definition.kind === 'showback') {
      throw new Fault(
        'ValidationException',
        `\`${definition.name}\` is a showback, which moves no money: it has no journal`,
      );
    }
    const histories = statements
      .states()
      .filter(({ definitionId }) => definitionId === DefinitionId)
      .filter(({ period }) => BillingPeriod === undefined || period === BillingPeriod)
      .sort((a, b) => (a.number < b.number ? -1 : 1))
      .map((state) => {
        const versions = Array.from({ length: state.version }, (_, index) =>
          statements.version(state.number, index + 1),
        );
        return { state, versions };
      });
    const lines = journalEntries(histories, definition);
    const columns: readonly JournalColumn[] =
      Columns?.map(({ Name, Field }) => ({ name: Name, field: Field })) ?? GENERIC_LEDGER;
    return { Entries: lines.map(wireEntry), Csv: journalCsv(lines, columns) };
  });
  return { GetStatementFile: getFile, GetJournalEntries: getJournal };
}

function wireEntry(line: JournalLine): object {
  const { entry, date, account, costCenter, side, amount, currency, reference, memo, period, value } = line;
  return {
    ...{ Entry: entry, Date: date, Account: account, CostCenter: costCenter, Side: side.toUpperCase() },
    ...{ Amount: amount, Currency: currency, Reference: reference, Memo: memo, BillingPeriod: period, Value: value },
  };
}
