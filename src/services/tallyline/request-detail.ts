import { Fault } from '../../kernel/fault.ts';
import type { UsageEvent } from '../../metering/usage-event.ts';
import { findAttempts, findCall } from '../../paths/call-path.ts';
import { callStates } from '../../paths/call-state.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { rate } from '../../rating/rate.ts';
import type { Visibility } from '../../reports/visibility.ts';
import type { ExplainAccessParts } from './explain-access.ts';
import type { HardBudgetParts } from './hard-budgets.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';
import { accessNow } from './request-detail/access-now.ts';
import { type AttachedTagsParts, attachedTags } from './request-detail/attached-tags.ts';
import { callCopies } from './request-detail/call-copies.ts';
import { countedBudgets } from './request-detail/counted-budgets.ts';
import { type IdentityChainParts, identityChain } from './request-detail/identity-chain.ts';
import { requestLedger } from './request-detail/ledger.ts';
import { type RequestsParts, wireRequest } from './requests.ts';

export interface RequestDetailParts
  extends RequestsParts,
    ReportScopeParts,
    ExplainAccessParts,
    AttachedTagsParts,
    IdentityChainParts,
    HardBudgetParts {}

interface GetRequestInput extends ScopedInput {
  readonly RequestId: string;
}

/** GetRequest: everything that is known of one call, and what it cost to the last digit. */
export function getRequest(parts: RequestDetailParts): OperationHandler<GetRequestInput, unknown> {
  return {
    access: scopedAccess('GetRequest'),
    run: async ({ input, caller, nowMs }) => {
      const visible = visibilityOf(input, caller, parts);
      const event = await findCall(input.RequestId, parts);
      if (!event || !isVisible(event, visible)) {
        throw new Fault(
          'ResourceNotFoundException',
          `there is no call \`${input.RequestId}\` that you may see; calls are here within a second of their end`,
        );
      }
      const attempts = await findAttempts(event, parts);
      const states = await callStates([event, ...attempts], parts);
      const wired = (call: UsageEvent) => ({ ...wireRequest(call, parts.prices), State: states.get(call.requestId) });
      // What policies say is for those who see everybody's calls.
      const isShown = (input.Scope ?? 'ALL') === 'ALL';
      return {
        Request: wired(event),
        Identity: {
          Chain: await identityChain(event, parts),
          PrincipalId: event.principalId,
          AccountId: event.accountId,
          AccountName: parts.directory.account(event.accountId)?.name,
          SourceIp: event.sourceIp,
          UserAgent: event.userAgent,
          RequestMetadata: Object.fromEntries(event.requestMetadata),
        },
        ...(isShown && { Access: accessNow(event, { caller, nowMs }, parts) }),
        Tags: attachedTags(event, parts),
        ...requestLedger(event, parts.prices),
        Attempts: attempts.map(wired),
        Budgets: countedBudgets(event, parts.admission.table, { seesAll: Object.keys(visible).length === 0, nowMs }),
        RawUsage: event.usage.raw,
        Copies: callCopies(event, rate(event, parts.prices)),
      };
    },
  };
}

function isVisible(event: UsageEvent, { accountId, principalArn, principalTag }: Visibility): boolean {
  return (
    (accountId === undefined || event.accountId === accountId) &&
    (principalArn === undefined || event.principalArn === principalArn) &&
    (!principalTag ||
      event.principalTags.some(([key, value]) => key === principalTag.key && value === principalTag.value))
  );
}
