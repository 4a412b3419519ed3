import type { Directory } from '../../identity/directory.ts';
import type { Caller } from '../../identity/principal.ts';
import { roleArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import { sortedTagPairs, type TagSet } from '../../kernel/tags.ts';
import { BUCKET_MS, bucketStartMs, DAY_MS } from '../../kernel/time.ts';
import { type CallerBudgetsParts, callerBudgets } from '../../paths/caller-budgets.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import type { ReportDeps } from '../../paths/report-path.ts';
import {
  compileTagSnapshots,
  type TagSnapshot,
  type TagSnapshotRow,
  tagSnapshotOf,
} from '../../reports/tag-snapshots.ts';
import type { Visibility } from '../../reports/visibility.ts';
import { askedPrincipal } from './asked-principal.ts';
import { callerStandings } from './overview/budget-states.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface PrincipalParts extends ReportDeps, ReportScopeParts, CallerBudgetsParts {
  readonly directory: Directory;
}

interface GetPrincipalInput extends ScopedInput {
  /** As `line_item_iam_principal`. */
  readonly Principal: string;
}

const HISTORY_DAYS = 400;

/** GetPrincipal: who a principal is today, the tags that its calls carried over time, the budgets that its next call counts on. */
export function getPrincipal(parts: PrincipalParts): OperationHandler<GetPrincipalInput, unknown> {
  return {
    access: scopedAccess('GetPrincipal'),
    run: async ({ input, caller, nowMs, request }) => {
      const known = knownPrincipal(input.Principal, caller, nowMs, parts.directory);
      const visible = visibilityOf(input, caller, parts);
      const endMs = bucketStartMs(nowMs) + BUCKET_MS;
      const range = { startMs: endMs - HISTORY_DAYS * DAY_MS, endMs };
      const rows = await parts.store.query<TagSnapshotRow>(
        compileTagSnapshots(input.Principal, range),
        request.client.gone,
      );
      const carried = rows.map(tagSnapshotOf);
      const [latest] = carried;
      const tags = tagsNow(latest, known);
      const history = carried.filter((snapshot) => isInTeam(new Map(snapshot.tags), visible));
      const isSeen =
        (visible.principalArn === undefined || visible.principalArn === input.Principal) &&
        (visible.accountId === undefined || known?.accountId === visible.accountId) &&
        (history.length > 0 || isInTeam(tags, visible));
      if (!isSeen || (!known && !latest)) {
        throw new Fault('ResourceNotFoundException', `there is no principal \`${input.Principal}\` that you may see`);
      }
      return {
        Principal: input.Principal,
        ...(known && wireKnown(known, parts.directory)),
        IsKnown: known !== undefined,
        Tags: Object.fromEntries(sortedTagPairs(known?.tags ?? new Map())),
        TagHistory: history.map((snapshot) => ({
          Tags: Object.fromEntries(snapshot.tags),
          FirstAt: new Date(snapshot.firstMs),
          LastAt: new Date(snapshot.lastMs),
          Requests: snapshot.requests.toString(),
          CostUsd: formatUsd(snapshot.costPicoUsd),
        })),
        // Tags of the session count as well, as its latest call carried them.
        Budgets:
          known && isInTeam(tags, visible) ? callerStandings(callerBudgets(parts)({ ...known, tags }, nowMs)) : [],
      };
    },
  };
}

/** Tags of the directory as they are now; those of a session lie over its role's, as its latest call carried them. */
function tagsNow(latest: TagSnapshot | undefined, known: Caller | undefined): TagSet {
  const [carried, held] = [latest?.tags ?? [], known?.tags ?? []];
  return new Map(known?.kind === 'assumed-role' ? [...held, ...carried] : [...carried, ...held]);
}

/** Whoever changed teams shows each of them its own time. */
function isInTeam(tags: TagSet, { principalTag }: Visibility): boolean {
  return !principalTag || tags.get(principalTag.key) === principalTag.value;
}

/** Undefined when the user or role is gone, or belongs to an account that the asker does not see. */
function knownPrincipal(arn: string, caller: Caller, nowMs: number, directory: Directory): Caller | undefined {
  try {
    return askedPrincipal(directory, { caller, input: { Principal: arn }, nowMs });
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function wireKnown({ kind, accountId, principalId, roleName, sessionName, userName }: Caller, directory: Directory) {
  const role = roleName === undefined ? undefined : directory.role(accountId, roleName);
  return {
    Kind: kind,
    AccountId: accountId,
    AccountName: directory.account(accountId)?.name,
    PrincipalId: principalId,
    Name: sessionName ?? userName ?? 'root',
    ...(role && { RoleName: role.name, RoleArn: roleArn(accountId, role.path, role.name) }),
  };
}
