import { Fault } from '../../kernel/fault.ts';
import type { NoticeBook } from '../../notices/notice-book.ts';
import { type NoticeRecord, type NoticeState, noticeOrder } from '../../notices/notice-record.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';

export interface NoticesParts {
  readonly notices: Pick<NoticeBook, 'list'>;
  /** Sees every account's notices; the others see their own. */
  readonly managementAccountId: string;
}

interface ListNoticesInput {
  readonly State?: NoticeState;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const DEFAULT_RESULTS = 50;

/** What the outbox holds: notices that were sent, that wait and that were given up, newest first. */
export function noticeOperations({ notices, managementAccountId }: NoticesParts): OperationTable {
  const listNotices: OperationHandler<ListNoticesInput, unknown> = {
    access: () => [{ action: 'tallyline:ListNotices', resource: '*' }],
    run: ({ caller, input }) => {
      const { State, MaxResults = DEFAULT_RESULTS, NextToken } = input;
      const before = NextToken === undefined ? undefined : readToken(NextToken);
      const asked = notices.list().filter((record) => {
        const isVisible = caller.accountId === managementAccountId || record.notice.accountId === caller.accountId;
        const isAsked = State === undefined || record.state === State;
        return isVisible && isAsked && (before === undefined || noticeOrder(record) < before);
      });
      const page = asked.slice(0, MaxResults);
      const next = page.length < asked.length ? { NextToken: writeToken(noticeOrder(page.at(-1)!)) } : {};
      return { Notices: page.map(wireNotice), ...next };
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

function writeToken(order: string): string {
  return Buffer.from(order).toString('base64url');
}

function readToken(token: string): string {
  const order = Buffer.from(token, 'base64url').toString();
  if (writeToken(order) !== token) throw new Fault('InvalidNextTokenException', 'the token is not one of a page');
  return order;
}
