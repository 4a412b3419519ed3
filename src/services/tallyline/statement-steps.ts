import { Fault } from '../../kernel/fault.ts';
import { anewOnConflict } from '../../kernel/record-store.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { StatementSendingParts } from '../../paths/statement-sending.ts';
import { afterStep, type StatementStep } from '../../statements/statement-steps.ts';
import type { ReportScopeParts } from './report-scope.ts';
import { wireState } from './statement-shapes.ts';
import { type StatementScope, seenStatement, statementAccess, statementSight } from './statement-sight.ts';

export interface StatementStepParts extends ReportScopeParts, Pick<StatementSendingParts, 'statements' | 'noticeOf'> {}

interface StepInput extends StatementScope {
  readonly Number: string;
  readonly Version?: number;
  readonly Reason?: string;
}

/** Who the statement is for approves or disputes it; who issued it resolves disputes and voids it. */
export function statementStepOperations(parts: StatementStepParts): OperationTable {
  const { statements, noticeOf } = parts;
  const take = async (step: StatementStep, { input, caller, nowMs }: OperationCall<StepInput>) => {
    const { Number: number, Version, Reason } = input;
    const sees = statementSight(input, caller, parts);
    const facts = {
      ...{ by: caller.arn, atMs: nowMs },
      ...(Version !== undefined && { version: Version }),
      ...(Reason !== undefined && { reason: Reason }),
    };
    return await anewOnConflict(async () => {
      seenStatement(number, undefined, sees, statements);
      const state = await statements.change(number, (before) => afterStep(step, before, facts));
      return { State: wireState(state, noticeOf) };
    });
  };
  const ofTeams = (action: string, team: string, step: StatementStep): OperationHandler<StepInput, unknown> => ({
    access: statementAccess(action, team),
    run: (call) => take(step, call),
  });
  const ofIssuer = (action: string, step: StatementStep): OperationHandler<StepInput, unknown> => ({
    access: () => [{ action: `tallyline:${action}`, resource: '*' }],
    run: (call) => {
      if (call.caller.accountId === parts.managementAccountId) return take(step, call);
      throw new Fault('AccessDeniedException', 'only the management account issues statements');
    },
  });
  return {
    ApproveStatement: ofTeams('ApproveStatement', 'ApproveTeamStatement', 'approve'),
    DisputeStatement: ofTeams('DisputeStatement', 'DisputeTeamStatement', 'dispute'),
    ResolveDispute: ofIssuer('ResolveDispute', 'resolve'),
    VoidStatement: ofIssuer('VoidStatement', 'void'),
  };
}
