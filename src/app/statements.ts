import type { PeriodLedger } from '../billing/period-ledger.ts';
import type { AttachmentSource } from '../kernel/notice.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import type { NoticeBook } from '../notices/notice-book.ts';
import type { TallylineServiceParts } from '../services/tallyline.ts';
import { StatementDefinitions } from '../statements/statement-definitions.ts';
import { statementFile } from '../statements/statement-file.ts';
import { StatementLedger } from '../statements/statement-ledger.ts';
import { readSource } from '../statements/statement-notice.ts';
import { PaperThread } from './paper-thread-handle.ts';

/** What statements are kept in and written by. */
export class Statements {
  readonly ledger: StatementLedger;
  readonly definitions: StatementDefinitions;
  readonly #paper = new PaperThread();

  constructor(records: RecordStore) {
    this.ledger = new StatementLedger(records);
    this.definitions = new StatementDefinitions(records, this.ledger);
  }

  /** Files that notices of statements take along. */
  readonly attachmentOf: AttachmentSource = async ({ source }) => {
    const file = readSource(source);
    if (!file) throw new Error(`nothing here writes \`${source}\``);
    return await statementFile(this.ledger.version(file.number, file.version), file.format, this.#paper);
  };

  async close(): Promise<void> {
    await this.#paper.close();
  }

  /** What the operations need beside reports. */
  control(
    notices: NoticeBook,
    periods: PeriodLedger,
  ): Pick<
    TallylineServiceParts,
    'statements' | 'statementDefinitions' | 'paper' | 'outbox' | 'noticeOf' | 'isFinalPeriod'
  > {
    return {
      ...{ statements: this.ledger, statementDefinitions: this.definitions, paper: this.#paper, outbox: notices },
      noticeOf: (id) => notices.find(id),
      isFinalPeriod: (period) => periods.isFinal(period),
    };
  }
}
