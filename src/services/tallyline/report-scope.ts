import type { Caller } from '../../identity/principal.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationCall } from '../../paths/operation-handler.ts';
import type { Visibility } from '../../reports/visibility.ts';

/** Whose figures: everybody's, those of the caller's team, or the caller's own. */
export type ReportScope = 'ALL' | 'TEAM' | 'OWN';

/** Member `Scope` of an operation that shows usage. */
export interface ScopedInput {
  /** Default: `ALL`. */
  readonly Scope?: ReportScope;
}

export interface ReportScopeParts {
  /** Sees every account; the others see their own alone, whatever the scope. */
  readonly managementAccountId: string;
  /** The principal tag that names a caller's team: `console.teamTagKey`. */
  readonly teamTagKey: string;
}

/** The widest first. */
export const REPORT_SCOPES: readonly ReportScope[] = ['ALL', 'TEAM', 'OWN'];

/** What the narrower scopes need, whichever operation is called. */
const NARROWED_ACTIONS = { TEAM: 'GetTeamReport', OWN: 'GetOwnReport' } as const;

/** What an operation needs in a scope. */
export function scopedAction(action: string, scope: ReportScope): string {
  return `tallyline:${scope === 'ALL' ? action : NARROWED_ACTIONS[scope]}`;
}

/**
 * `access` of an operation that shows usage: `tallyline:<action>` for `ALL`, else `tallyline:GetTeamReport` or
 * `tallyline:GetOwnReport`. Its `run` narrows what it asks by `visibilityOf` the same input.
 */
export function scopedAccess(action: string): (call: OperationCall<ScopedInput>) => readonly AccessNeed[] {
  return ({ input: { Scope = 'ALL' } }) => [{ action: scopedAction(action, Scope), resource: '*' }];
}

/** What the caller sees in a scope. Throws ValidationException for `TEAM` when the caller carries no team tag. */
export function visibilityOf(
  { Scope = 'ALL' }: ScopedInput,
  caller: Caller,
  { managementAccountId, teamTagKey }: ReportScopeParts,
): Visibility {
  const ofAccount = caller.accountId === managementAccountId ? {} : { accountId: caller.accountId };
  if (Scope === 'ALL') return ofAccount;
  if (Scope === 'OWN') return { ...ofAccount, principalArn: caller.arn };
  // Of the verified credentials: session tags lie over the tags of the user or role.
  const team = caller.tags.get(teamTagKey);
  if (!team) {
    throw new Fault(
      'ValidationException',
      `\`${caller.arn}\` carries no tag \`${teamTagKey}\`, so it belongs to no team; tag the user, the role or the session`,
    );
  }
  return { ...ofAccount, principalTag: { key: teamTagKey, value: team } };
}
