import { billedArn, type NamedSession, type SessionDirectory } from '../../inference/session-directory.ts';
import { Fault } from '../../kernel/fault.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs } from '../../kernel/time.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { type PageInput, type PageManner, resultPage } from '../../paths/result-page.ts';
import type { CostStore } from '../../reports/cost-store.ts';
import { type BilledCalls, billedCalls } from '../../reports/upstream-attribution.ts';

export interface UpstreamSessionsParts {
  readonly upstreamSessions: {
    readonly directory: Pick<SessionDirectory, 'all'>;
    /** Gives up the running sessions of a principal, or of all. Returns how many there were. */
    renew(principalArn?: string): number;
    /** Names of the upstreams whose bill names principals. */
    readonly billing: readonly string[];
  };
  readonly store: CostStore;
  /** Sees every account's sessions; the others see their own. */
  readonly managementAccountId: string;
}

interface ListUpstreamSessionsInput extends PageInput {
  /** Name of a session, in any letter case, or the whole ARN in AWS's bill. */
  readonly SessionName?: string;
  /** The caller's. */
  readonly Principal?: string;
  readonly Upstream?: string;
}

const PAGE: PageManner = {
  size: 50,
  direction: 'descending',
  invalidToken: () => new Fault('InvalidNextTokenException', 'the token is not one of a page'),
};

/** Which caller is behind which session name in AWS's bill, and new sessions on demand. */
export function upstreamSessionOperations({
  upstreamSessions,
  store,
  managementAccountId,
}: UpstreamSessionsParts): OperationTable {
  const list: OperationHandler<ListUpstreamSessionsInput, unknown> = {
    access: () => [{ action: 'tallyline:ListUpstreamSessions', resource: '*' }],
    run: ({ caller, input }) => {
      const { SessionName: name, Principal, Upstream } = input;
      const wanted = name?.toLowerCase();
      const asked = upstreamSessions.directory.all().filter((session) => {
        const isVisible = caller.accountId === managementAccountId || session.accountId === caller.accountId;
        const isNamed =
          wanted === undefined || session.sessionName.toLowerCase() === wanted || billedArn(session) === name;
        const isOf = (one: string | undefined, other: string) => one === undefined || one === other;
        return isVisible && isNamed && isOf(Principal, session.principalArn) && isOf(Upstream, session.upstream);
      });
      const { items, rest } = resultPage(asked.sort(latestFirst), orderOf, input, PAGE);
      return { Sessions: items.map(wireSession), ...rest };
    },
  };
  const attribution: OperationHandler<{ readonly BillingPeriod?: string }, unknown> = {
    access: () => [{ action: 'tallyline:GetUpstreamAttribution', resource: '*' }],
    run: async ({ caller, input, nowMs }) => {
      if (caller.accountId !== managementAccountId) {
        throw new Fault('AccessDeniedException', 'only the management account compares with the bills of upstreams');
      }
      const period = input.BillingPeriod ?? billingPeriodOf(nowMs);
      const range = { startMs: billingPeriodStartMs(period), endMs: billingPeriodEndMs(period) };
      const { calls, isComplete } = await billedCalls(store, range, upstreamSessions.billing);
      return { Calls: calls.map(wireCalls), IsComplete: isComplete };
    },
  };
  const renewSessions: OperationHandler<{ readonly Principal?: string }, unknown> = {
    access: () => [{ action: 'tallyline:RenewUpstreamSessions', resource: '*' }],
    run: ({ caller, input }) => {
      if (caller.accountId !== managementAccountId) {
        throw new Fault('AccessDeniedException', 'only the management account renews sessions at upstreams');
      }
      return { Renewed: upstreamSessions.renew(input.Principal) };
    },
  };
  return {
    ListUpstreamSessions: list,
    GetUpstreamAttribution: attribution,
    RenewUpstreamSessions: renewSessions,
  };
}

/** Numbers before texts: there may be a hundred thousand. */
function latestFirst(a: NamedSession, b: NamedSession): number {
  return b.lastUsedAtMs - a.lastUsedAtMs || (orderOf(a) > orderOf(b) ? -1 : 1);
}

function orderOf({ lastUsedAtMs, roleArn, sessionName }: NamedSession): string {
  return `${String(lastUsedAtMs).padStart(15, '0')} ${roleArn} ${sessionName}`;
}

function wireSession(session: NamedSession): unknown {
  const { roleArn, sessionName, upstream, principalArn, accountId, tags, tagsLeftOut, sourceIdentity } = session;
  const { firstUsedAtMs, lastUsedAtMs, expiresAtMs } = session;
  return {
    SessionName: sessionName,
    BilledPrincipal: billedArn(session),
    RoleArn: roleArn,
    Upstream: upstream,
    Principal: principalArn,
    AccountId: accountId,
    Tags: Object.fromEntries(tags),
    TagsLeftOut: tagsLeftOut,
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
    FirstUsedAt: new Date(firstUsedAtMs),
    LastUsedAt: new Date(lastUsedAtMs),
    ...(expiresAtMs !== undefined && { ExpiresAt: new Date(expiresAtMs) }),
  };
}

function wireCalls({ upstream, principalArn, billedArn, isGatewayPrincipal, requests, tokens }: BilledCalls): unknown {
  return {
    ...{ Upstream: upstream, Principal: principalArn, BilledPrincipal: billedArn },
    ...{ IsGatewayPrincipal: isGatewayPrincipal, Requests: requests, Tokens: tokens.toString() },
  };
}
