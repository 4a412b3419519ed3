import type { Caller } from '../../identity/principal.ts';
import { TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationCall } from '../../paths/operation-handler.ts';
import type { Statement, StatementState } from '../../statements/statement.ts';
import type { StatementLedger } from '../../statements/statement-ledger.ts';
import { type ReportScopeParts, visibilityOf } from './report-scope.ts';

/** Member `Scope` of operations on statements that were issued. */
export interface StatementScope {
  /** `TEAM`: those of the caller's team alone. Absent: `ALL`. */
  readonly Scope?: 'ALL' | 'TEAM';
}

/** `access` of an operation: `tallyline:<action>`; of the narrower scope `team`. */
export function statementAccess(action: string, team = 'GetTeamReport') {
  return ({ input: { Scope = 'ALL' } }: OperationCall<StatementScope>): readonly AccessNeed[] => [
    { action: `tallyline:${Scope === 'ALL' ? action : team}`, resource: '*' },
  ];
}

/**
 * Which statements the caller may see in the scope: of the management account all, or those that are made by the team tag for
 * the caller's team; of another account what is made by account, for itself, and nothing of a team. A tag says who somebody is
 * in the management account alone: whoever runs another account writes the tags there. An account's statement shows all its
 * teams, so the narrower scope has none there.
 */
export function statementSight(
  { Scope = 'ALL' }: StatementScope,
  caller: Caller,
  parts: ReportScopeParts,
): (statement: Pick<Statement, 'key' | 'value'>) => boolean {
  if (caller.accountId !== parts.managementAccountId) {
    if (Scope === 'TEAM') return () => false;
    return ({ key, value }) => 'dimension' in key && key.dimension === 'account' && value === caller.accountId;
  }
  if (Scope === 'ALL') return () => true;
  const team = visibilityOf({ Scope }, caller, parts).principalTag!;
  const tag = `${TAG_PREFIX.principal}${team.key}`;
  return ({ key, value }) => 'tag' in key && key.tag === tag && value === team.value;
}

/** A statement and its state. Throws ResourceNotFoundException also for one that the caller may not see. */
export function seenStatement(
  number: string,
  version: number | undefined,
  sees: ReturnType<typeof statementSight>,
  ledger: StatementLedger,
): { readonly statement: Statement; readonly state: StatementState } {
  const state = ledger.state(number);
  const statement = ledger.version(number, version ?? state.version);
  if (!sees(statement)) throw new Fault('ResourceNotFoundException', `there is no statement \`${number}\``);
  return { statement, state };
}
