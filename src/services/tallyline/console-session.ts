import type { Directory } from '../../identity/directory.ts';
import { TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import { Fault } from '../../kernel/fault.ts';
import { sortedTagPairs } from '../../kernel/tags.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { isPermitted } from '../../paths/permissions.ts';
import { billedBy, knownUntil, type ReportDeps } from '../../paths/report-path.ts';
import type { BillGrain } from '../../reports/bill-grain.ts';
import { BOOKS, type Book, type Books } from '../../reports/book.ts';
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
      const [ledger, bill] = await Promise.all(BOOKS.map((book) => bounds(book, nowMs, parts, request.client.gone)));
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
        ...wireBooks(books, bill?.grain, (key) => {
          const isWhole = directory.account(caller.accountId)?.isManagement === true && scopes.includes('ALL');
          return isWhole || key === `${TAG_PREFIX.principal}${teamTagKey}`;
        }),
        UsageEnds: {
          ...(ledger?.end && { Ledger: ledger.end }),
          ...(bill?.end && { Bill: bill.end }),
        },
        AllowedActions: (input.Actions ?? []).filter(mayDo),
      };
    },
  };
}

/** More keys than this nobody picks from a list. */
const BILL_TAG_KEYS_MAX = 500;

/** Nothing where no bill was imported: then there is no choice. Keys are of everybody's usage, for those who see all of it. */
function wireBooks(
  books: Books | undefined,
  grain: BillGrain | undefined,
  mayKnow: (tagKey: string) => boolean,
): object {
  if (!books || books.billSources.length === 0) return {};
  const keys = books.billTagKeys.filter(mayKnow);
  return {
    Books: {
      Primary: books.primary,
      ...(grain && { BillGrain: grain.toUpperCase() }),
      BillTagKeys: keys.slice(0, BILL_TAG_KEYS_MAX),
    },
  };
}

/** What a book is known to, and by. */
interface BookBounds {
  /** Absent: usage comes in until now. */
  readonly end?: Date;
  /** Of a bill that is not empty. */
  readonly grain?: BillGrain;
}

/** Undefined: the store is down, and nobody is kept out for that. */
async function bounds(
  book: Book,
  nowMs: number,
  parts: ReportDeps,
  signal: AbortSignal,
): Promise<BookBounds | undefined> {
  try {
    const untilMs = await knownUntil({ book }, nowMs, parts, signal);
    const grain = await billedBy({ book }, untilMs, parts, signal);
    return { ...(untilMs < nowMs && { end: new Date(untilMs) }), ...(grain && { grain }) };
  } catch (error) {
    if (error instanceof Fault && error.code === 'StoreUnavailable') return undefined;
    throw error;
  }
}

/** A word for people; what anybody may do is decided by policy alone. */
function roleOf(mayDo: (action: string) => boolean): 'admin' | 'finance' | 'member' {
  if (mayDo('tallyline:RotateMasterKey')) return 'admin';
  return mayDo(scopedAction('GetReport', 'ALL')) ? 'finance' : 'member';
}
