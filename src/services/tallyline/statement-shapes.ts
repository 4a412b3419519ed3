import type { NoticeRecord } from '../../notices/notice-record.ts';
import type { MonthDraft } from '../../statements/draft-month.ts';
import type {
  Statement,
  StatementContent,
  StatementDelivery,
  StatementLine,
  StatementState,
} from '../../statements/statement.ts';
import type { LineDifference } from '../../statements/statement-difference.ts';
import { stepsOf } from '../../statements/statement-steps.ts';
import { wireGroupKey } from './statement-definitions.ts';

/** Without lines: a row of a list. */
export function wireSummary(statement: Statement, state: StatementState): object {
  return {
    ...wireHead(statement),
    LatestVersion: state.version,
    Status: statement.version === state.version ? state.status.toUpperCase() : 'SUPERSEDED',
  };
}

/** A version in full, as it was issued: nothing in it changes, so it is what the JSON file says. */
export function wireStatement(statement: Statement): object {
  return { ...wireHead(statement), Lines: statement.lines.map(wireLine) };
}

function wireHead(statement: Statement): object {
  const { number, version, definitionId, definitionName, kind, key, title, costCenter, debitAccount, bill } = statement;
  return {
    ...{ Number: number, Version: version, DefinitionId: definitionId, DefinitionName: definitionName, Kind: kind },
    ...{ Key: wireGroupKey(key), Title: title, CostCenter: costCenter, DebitAccount: debitAccount, Currency: 'USD' },
    ...{ IssuedAt: new Date(statement.issuedAtMs), IssuedBy: statement.issuedBy, DueAt: new Date(statement.dueAtMs) },
    ...{ IsFinal: statement.isFinal, BillAmount: bill.amount, BillUsd: bill.usd },
    ...wireAmounts(statement),
  };
}

function wireAmounts({ period, value, month, corrections, total }: StatementContent): object {
  return {
    ...{ BillingPeriod: period, Value: value },
    ...{ MonthAmount: month.amount, CorrectionsAmount: corrections.amount, TotalAmount: total.amount },
    ...{ MonthUsd: month.usd, CorrectionsUsd: corrections.usd, TotalUsd: total.usd },
  };
}

/** A statement that is not issued: no number, and no state but `DRAFT`. */
export function wireDraft({ period, bill, statements, carried }: MonthDraft): object {
  const wireContent = (content: StatementContent) => ({
    ...wireAmounts(content),
    ...{ Status: 'DRAFT', Lines: content.lines.map(wireLine) },
  });
  return {
    ...{ BillingPeriod: period, BillAmount: bill.amount, BillUsd: bill.usd },
    ...{ Statements: statements.map(wireContent), Carried: carried.map(wireContent) },
  };
}

function wireLine(line: StatementLine): object {
  const { kind, text, principal, model, meter, period, reference, quantities, listUsd, costUsd, netUsd, amount } = line;
  return {
    ...{ Kind: kind, Text: text },
    ...(principal !== undefined && { Principal: principal }),
    ...(model !== undefined && { Model: model }),
    ...(meter !== undefined && { TokenClass: meter }),
    ...(period !== undefined && { OfPeriod: period }),
    ...(reference !== undefined && { Corrects: reference }),
    ...(quantities && {
      ...{ Requests: quantities.requests, Tokens: quantities.tokens, Unpriced: quantities.unpriced },
      ...{ InputTokens: quantities.inputTokens, OutputTokens: quantities.outputTokens },
      ...{ CacheReadTokens: quantities.cacheReadTokens, CacheWriteTokens: quantities.cacheWriteTokens },
      ...(quantities.perMillionUsd !== undefined && { NetUsdPerMillionTokens: quantities.perMillionUsd }),
    }),
    ...(listUsd !== undefined && { ListUsd: listUsd }),
    ...(costUsd !== undefined && { CostUsd: costUsd }),
    ...{ NetUsd: netUsd, Amount: amount },
  };
}

/** What became of a number, with what can be done now. */
export function wireState(state: StatementState, noticeOf: (id: string) => NoticeRecord | undefined): object {
  return {
    Status: state.status.toUpperCase(),
    LatestVersion: state.version,
    NextSteps: stepsOf(state).map((step) => step.toUpperCase()),
    Events: state.events.map(({ status, version, atMs, by, reason }) => ({
      ...{ Status: status.toUpperCase(), Version: version, At: new Date(atMs), By: by },
      ...(reason !== undefined && { Reason: reason }),
    })),
    Deliveries: state.deliveries.map((delivery) => wireDelivery(delivery, noticeOf(delivery.noticeId))),
  };
}

/** `FORGOTTEN`: the outbox keeps what became of the latest notices alone. */
function wireDelivery(
  { type, address, version, atMs, by, noticeId }: StatementDelivery,
  notice?: NoticeRecord,
): object {
  return {
    ...{ Type: type, Address: address, Version: version, At: new Date(atMs), By: by, NoticeId: noticeId },
    Status: notice?.state.toUpperCase() ?? 'FORGOTTEN',
    ...(notice && { Attempts: notice.attempts }),
    ...(notice?.finishedAtMs !== undefined && { FinishedAt: new Date(notice.finishedAtMs) }),
    ...(notice?.failure !== undefined && { Failure: notice.failure }),
  };
}

export function wireDifference({ line, before, now, change, changeUsd }: LineDifference): object {
  return { Line: wireLine(line), BeforeAmount: before, Amount: now, ChangeAmount: change, ChangeUsd: changeUsd };
}
