import type { AuditLog } from '../../audit/audit-log.ts';
import { matchesEvent } from '../../audit/event-filter.ts';
import type { Caller } from '../../identity/principal.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';

export interface AuditEventsParts {
  readonly auditLog: AuditLog;
  /** Sees every account's calls, and may check the whole log. */
  readonly managementAccountId: string;
}

interface LookupAuditEventsInput {
  readonly Start?: Date;
  readonly End?: Date;
  readonly Caller?: string;
  readonly EventName?: string;
  readonly EventSource?: string;
  readonly AccessKeyId?: string;
  readonly SourceIp?: string;
  readonly AccountId?: string;
  readonly DeniedOnly?: boolean;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const DEFAULT_RESULTS = 50;

/** The audit log for the command line and the console. Answers are CloudTrail records; `LookupEvents` wraps the same ones. */
export function auditOperations({ auditLog, managementAccountId }: AuditEventsParts): OperationTable {
  const isManagement = (caller: Caller) => caller.accountId === managementAccountId;
  const lookup: OperationHandler<LookupAuditEventsInput, unknown> = {
    access: () => [{ action: 'tallyline:LookupAuditEvents', resource: '*' }],
    run: async ({ input, caller }) => {
      const filter = {
        caller: input.Caller,
        eventName: input.EventName,
        eventSource: input.EventSource,
        accessKeyId: input.AccessKeyId,
        sourceIp: input.SourceIp,
        isDenied: input.DeniedOnly,
        accountId: isManagement(caller) ? input.AccountId : caller.accountId,
      };
      const { records, next } = await auditLog.lookup({
        matches: (record) => matchesEvent(record, filter),
        limit: input.MaxResults ?? DEFAULT_RESULTS,
        ...(input.Start && { fromMs: input.Start.getTime() }),
        ...(input.End && { toMs: input.End.getTime() }),
        ...(input.NextToken !== undefined && { before: input.NextToken }),
      });
      return { Events: records, ...(next !== undefined && { NextToken: next }) };
    },
  };
  const verify: OperationHandler<object, unknown> = {
    access: () => [{ action: 'tallyline:VerifyAuditLog', resource: '*' }],
    run: async ({ caller }) => {
      if (!isManagement(caller)) {
        throw new Fault('AccessDeniedException', 'only the management account can verify the audit log');
      }
      const { records, head, findings } = await auditLog.verify();
      return {
        Records: String(records),
        HeadSequence: String(head.sequence),
        HeadChain: head.chain,
        Findings: findings,
      };
    },
  };
  return { LookupAuditEvents: lookup, VerifyAuditLog: verify };
}
