import type { Directory } from '../../identity/directory.ts';
import { TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import { Fault } from '../../kernel/fault.ts';
import { sortedTagPairs } from '../../kernel/tags.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { isPermitted } from '../../paths/permissions.ts';
import { knownUntil, type ReportDeps } from '../../paths/report-path.ts';
import type { Books } from '../../reports/book.ts';
import { REPORT_SCOPES, scopedAction } from './report-scope.ts';

export interface ConsoleSessionParts extends ReportDeps {
  readonly directory: Directory;
  readonly teamTagKey: string;
  /** IANA name of the zone whose days the console shows until somebody chooses another. */
  readonly timeZone: string;
}

interface GetConsoleSessionInput {
  /** `iam:CreateUser`: actions that a page would offer. */
  readonly Actions?: readonly string[];
}

/** Who the caller is, and what its pages may show: asked for `*`, so an action that is allowed on some resources alone is not listed. */
export function getConsoleSession(parts: ConsoleSessionParts): OperationHandler<GetConsoleSessionInput, unknown> {
  const { directory, teamTagKey, timeZone } = parts;
  return {
    access: { self: 'tallyline:GetConsoleSession' },
    run: async (call) => {
      const { caller, region, input, nowMs, request } = call;
      const mayDo = (action: string) => isPermitted({ action, resource: '*' }, call, directory);
      const team = caller.tags.get(teamTagKey);
      const scopes = REPORT_SCOPES.filter(
        (scope) => mayDo(scopedAction('GetReport', scope)) && (scope !== 'TEAM' || team !== undefined),
      );
      const { books } = parts.costCatalog();
      return {
        Principal: caller.arn,
        Kind: caller.kind,
        AccountId: caller.accountId,
        AccountName: directory.account(caller.accountId)?.name,
        IsManagementAccount: directory.account(caller.accountId)?.isManagement === true,
        Name: caller.sessionName ?? caller.userName ?? 'root',
        Tags: Object.fromEntries(sortedTagPairs(caller.tags)),
        Region: region,
        Role: roleOf(mayDo),
        Scopes: scopes,
        TeamTagKey: teamTagKey,
        ...(team !== undefined && { Team: team }),
        TimeZone: timeZone,
        ...(books &&
          books.billSources.length > 0 && {
            Books: {
              ...wireBooks(books, (key) => {
                const isWhole = directory.account(caller.accountId)?.isManagement === true && scopes.includes('ALL');
                return isWhole || key === `${TAG_PREFIX.principal}${teamTagKey}`;
              }),
              ...(await billedThrough(nowMs, parts, request.clientGone)),
            },
          }),
        AllowedActions: (input.Actions ?? []).filter(mayDo),
      };
    },
  };
}

/** More keys than this nobody picks from a list. */
const BILL_TAG_KEYS_MAX = 500;

/** Keys are of everybody's usage, for those who see all of it. */
function wireBooks({ primary, billTagKeys }: Books, mayKnow: (tagKey: string) => boolean): object {
  return { Primary: primary, BillTagKeys: billTagKeys.filter(mayKnow).slice(0, BILL_TAG_KEYS_MAX) };
}

/** Nothing while the store is down: nobody is kept out for that. */
async function billedThrough(nowMs: number, parts: ReportDeps, signal: AbortSignal): Promise<object> {
  try {
    return { BilledThrough: new Date(await knownUntil({ book: 'bill' }, nowMs, parts, signal)) };
  } catch (error) {
    if (error instanceof Fault && error.code === 'StoreUnavailable') return {};
    throw error;
  }
}

/** A word for people; what anybody may do is decided by policy alone. */
function roleOf(mayDo: (action: string) => boolean): 'admin' | 'finance' | 'member' {
  if (mayDo('tallyline:RotateMasterKey')) return 'admin';
  return mayDo(scopedAction('GetReport', 'ALL')) ? 'finance' : 'member';
}
