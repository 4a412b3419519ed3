import { Fault } from '../../kernel/fault.ts';
import type { NoticeBook } from '../../notices/notice-book.ts';
import { type NoticeRecord, type NoticeState, noticeOrder } from '../../notices/notice-record.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';

export interface NoticesParts {
  readonly notices: Pick<NoticeBook, 'list'>;
  /** Sees every account's notices; the others see their own. */
  readonly managementAccountId: string;
}

interface ListNoticesInput extends PageInput {
  readonly State?: NoticeState;
}

const PAGE: PageManner = {
  size: 50,
  direction: 'descending',
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** What the outbox holds: notices that were sent, that wait and that were given up, newest first. */
export function noticeOperations({ notices, managementAccountId }: NoticesParts): OperationTable {
  const listNotices: OperationHandler<ListNoticesInput, unknown> = {
    access: () => [{ action: 'tallyline:ListNotices', resource: '*' }],
    run: ({ caller, input }) => {
      const asked = notices.list().filter(({ notice, state }) => {
        const isVisible = caller.accountId === managementAccountId || notice.accountId === caller.accountId;
        return isVisible && (input.State === undefined || state === input.State);
      });
      const { items, rest } = resultPage(asked, noticeOrder, input, PAGE);
      return { Notices: items.map(wireNotice), ...rest };
    },
  };
  return { ListNotices: listNotices };
}

function wireNotice(record: NoticeRecord): unknown {
  const { notice, state, attempts, createdAtMs, nextAttemptAtMs, finishedAtMs, failure } = record;
  return {
    NoticeId: notice.id,
    AccountId: notice.accountId,
    State: state,
    Type: notice.address.type,
    Address: notice.address.address,
    Subject: notice.subject,
    Text: notice.text,
    Attempts: attempts,
    CreatedAt: new Date(createdAtMs),
    ...(nextAttemptAtMs !== undefined && { NextAttemptAt: new Date(nextAttemptAtMs) }),
    ...(finishedAtMs !== undefined && { FinishedAt: new Date(finishedAtMs) }),
    ...(failure !== undefined && { Failure: failure }),
  };
}
