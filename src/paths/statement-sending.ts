import { Fault } from '../kernel/fault.ts';
import type { NoticeAddress, NoticeOutbox } from '../kernel/notice.ts';
import { anewOnConflict } from '../kernel/record-store.ts';
import type { NoticeRecord } from '../notices/notice-record.ts';
import type { Statement, StatementState } from '../statements/statement.ts';
import type { StatementDefinitions } from '../statements/statement-definitions.ts';
import type { StatementLedger } from '../statements/statement-ledger.ts';
import { isSame, recipientsOf, statementNotice } from '../statements/statement-notice.ts';

export interface StatementSendingParts {
  readonly statements: StatementLedger;
  readonly statementDefinitions: StatementDefinitions;
  readonly outbox: NoticeOutbox;
  readonly noticeOf: (noticeId: string) => NoticeRecord | undefined;
  readonly managementAccountId: string;
}

export interface Sending {
  readonly number: string;
  /** Absent: those that the definition names. */
  readonly to?: readonly NoticeAddress[];
  /** True: also to whom the version was sent already. */
  readonly isAgain: boolean;
  /** ARN. */
  readonly by: string;
  readonly nowMs: number;
}

/**
 * Hands the latest version of a statement to the outbox, in one transaction with what is on record of it. Whoever has it, or
 * is being sent it, is sent nothing more; where sending was given up, it begins anew. Throws ConflictException for a voided
 * statement and ValidationException when there is nobody to send it to.
 */
export async function sendStatement(sending: Sending, parts: StatementSendingParts): Promise<StatementState> {
  const { statements, statementDefinitions: definitions, outbox, managementAccountId } = parts;
  const { number, by, nowMs } = sending;
  return await anewOnConflict(async () => {
    const before = statements.state(number);
    if (before.status === 'voided') throw new Fault('ConflictException', `statement \`${number}\` is voided`);
    const statement = statements.version(number, before.version);
    const definition = definitions.find(before.definitionId);
    const to = sending.to ?? (definition ? recipientsOf(before.value, definition) : []);
    if (to.length === 0) {
      throw new Fault(
        'ValidationException',
        `nobody gets statement \`${number}\`: add recipients to the definition, or name some`,
      );
    }
    const notices = to.flatMap((address) => {
      const attempt = attemptFor(address, statement, before, sending.isAgain, parts);
      return attempt === undefined ? [] : [statementNotice(statement, address, attempt, managementAccountId)];
    });
    const deliveries = notices.map(({ id: noticeId, address }) => {
      return { noticeId, version: statement.version, ...address, atMs: nowMs, by };
    });
    return await statements.change(
      number,
      (state) => ({ ...state, deliveries: [...state.deliveries, ...deliveries] }),
      outbox.changesFor(notices),
    );
  });
}

/** Undefined: nothing is to be sent. */
function attemptFor(
  address: NoticeAddress,
  { version }: Statement,
  { deliveries }: StatementState,
  isAgain: boolean,
  { noticeOf }: StatementSendingParts,
): number | undefined {
  const before = deliveries.filter((one) => one.version === version && isSame(one, address));
  const latest = before.at(-1);
  const isUnderWay = latest !== undefined && noticeOf(latest.noticeId)?.state !== 'failed';
  return isUnderWay && !isAgain ? undefined : before.length + 1;
}
