import { Fault } from '../../kernel/fault.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import { issueMonth, previewMonth, type StatementPathParts } from '../../paths/statement-path.ts';
import { type StatementSendingParts, sendStatement } from '../../paths/statement-sending.ts';
import type { Statement, StatementState, StatementStatus } from '../../statements/statement.ts';
import { statementDifference } from '../../statements/statement-difference.ts';
import type { IssuedStatement } from '../../statements/statement-ledger.ts';
import { managementOnly } from './management-only.ts';
import type { ReportScopeParts } from './report-scope.ts';
import {
  readAddress,
  readDefinition,
  type StatementDefinitionParts,
  statementDefinitionOperations,
  type WireAddress,
  type WireDefinition,
} from './statement-definitions.ts';
import { type StatementFileParts, statementFileOperations } from './statement-files.ts';
import { wireDifference, wireDraft, wireState, wireStatement, wireSummary } from './statement-shapes.ts';
import { type StatementScope, seenStatement, statementAccess, statementSight } from './statement-sight.ts';
import { statementStepOperations } from './statement-steps.ts';

export interface StatementParts
  extends StatementPathParts,
    StatementSendingParts,
    StatementDefinitionParts,
    StatementFileParts,
    ReportScopeParts {}

interface PreviewInput {
  readonly BillingPeriod: string;
  /** One of the two. */
  readonly DefinitionId?: string;
  readonly Definition?: WireDefinition;
}

interface IssueInput {
  readonly DefinitionId: string;
  readonly BillingPeriod: string;
  readonly Anew?: boolean;
  /** True: what is issued is sent to the recipients that the definition names. */
  readonly Send?: boolean;
}

interface ListInput extends PageInput, StatementScope {
  readonly DefinitionId?: string;
  readonly BillingPeriod?: string;
  readonly Value?: string;
  readonly Status?: string;
}

interface SendInput {
  readonly Number: string;
  readonly Recipients?: readonly WireAddress[];
  readonly Again?: boolean;
}

const PAGE: PageManner = {
  size: 100,
  direction: 'descending',
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** Chargeback and showback statements: defined, previewed, issued, decided on, sent and exported. */
export function statementOperations(parts: StatementParts): OperationTable {
  const { statements, statementDefinitions: definitions, noticeOf } = parts;
  const ofManagement = managementOnly(parts.managementAccountId, 'issues statements');
  const preview = ofManagement<PreviewInput>('PreviewStatements', async ({ input, request, nowMs }) => {
    const { DefinitionId, Definition, BillingPeriod } = input;
    if ((DefinitionId === undefined) === (Definition === undefined)) {
      throw new Fault('ValidationException', 'name a definition or write one, not both');
    }
    const definition = Definition ? readDefinition(Definition, '', nowMs) : definitions.get(DefinitionId!);
    return wireDraft(await previewMonth(definition, BillingPeriod, parts, request.client.gone));
  });
  const issue = ofManagement<IssueInput>('IssueStatements', async ({ input, caller, nowMs }) => {
    const definition = definitions.get(input.DefinitionId);
    const question = { definition, period: input.BillingPeriod, isAnew: input.Anew ?? false, by: caller.arn, nowMs };
    const { draft, issued } = await issueMonth(question, parts);
    if (input.Send) await sendAll(issued, caller.arn, nowMs, parts);
    const { Carried } = wireDraft(draft) as { Carried: unknown };
    return {
      ...{ BillingPeriod: draft.period, BillAmount: draft.bill.amount, BillUsd: draft.bill.usd, Carried },
      Statements: issued.map(({ statement, state }) => wireSummary(statement, state)),
    };
  });
  const list: OperationHandler<ListInput, unknown> = {
    access: statementAccess('ListStatements'),
    run: ({ input, caller }) => {
      const { DefinitionId, BillingPeriod, Value, Status } = input;
      const sees = statementSight(input, caller, parts);
      const asked = statements
        .states()
        .filter(
          ({ definitionId, period, value, status }) =>
            (DefinitionId === undefined || definitionId === DefinitionId) &&
            (BillingPeriod === undefined || period === BillingPeriod) &&
            (Value === undefined || value === Value) &&
            (Status === undefined || status === (Status.toLowerCase() as StatementStatus)),
        )
        .map((state) => ({ state, statement: statements.version(state.number, state.version) }))
        .filter(({ statement }) => sees(statement))
        .sort((a, b) => (orderOf(a) > orderOf(b) ? -1 : 1));
      const { items, rest } = resultPage(asked, orderOf, input, PAGE);
      return { Statements: items.map(({ statement, state }) => wireSummary(statement, state)), ...rest };
    },
  };
  const get: OperationHandler<StatementScope & { readonly Number: string; readonly Version?: number }, unknown> = {
    access: statementAccess('GetStatement'),
    run: ({ input, caller }) => {
      const sees = statementSight(input, caller, parts);
      const { statement, state } = seenStatement(input.Number, input.Version, sees, statements);
      return answerOf(statement, state, parts);
    },
  };
  const send = ofManagement<SendInput>('SendStatement', async ({ input, caller, nowMs }) => {
    const { Number: number, Recipients, Again = false } = input;
    const to = Recipients && { to: Recipients.map(readAddress) };
    const state = await sendStatement({ number, ...to, isAgain: Again, by: caller.arn, nowMs }, parts);
    return { State: wireState(state, noticeOf) };
  });
  return {
    ...statementDefinitionOperations(parts),
    PreviewStatements: preview,
    IssueStatements: issue,
    ListStatements: list,
    GetStatement: get,
    ...statementStepOperations(parts),
    SendStatement: send,
    ...statementFileOperations(parts),
  };
}

/** With the versions there are, and what this one changed. */
function answerOf(statement: Statement, state: StatementState, { statements, noticeOf }: StatementParts): object {
  const { number, version } = statement;
  const former = version > 1 ? statements.version(number, version - 1) : undefined;
  const versions = Array.from({ length: state.version }, (_, index) => statements.version(number, index + 1));
  return {
    Statement: wireStatement(statement),
    State: wireState(state, noticeOf),
    Versions: versions.map((one) => ({
      ...{ Version: one.version, IssuedAt: new Date(one.issuedAtMs), IssuedBy: one.issuedBy },
      TotalAmount: one.total.amount,
    })),
    ...(former && { Differences: statementDifference(former, statement).map(wireDifference) }),
  };
}

/** Statements without recipients are not sent. */
async function sendAll(
  issued: readonly IssuedStatement[],
  by: OperationCall<unknown>['caller']['arn'],
  nowMs: number,
  parts: StatementParts,
): Promise<void> {
  for (const { state } of issued) {
    try {
      await sendStatement({ number: state.number, isAgain: false, by, nowMs }, parts);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'ValidationException') throw error;
    }
  }
}

function orderOf({ statement: { period, number } }: IssuedStatement): string {
  return `${period} ${number}`;
}
