import type { Caller } from '../identity/principal.ts';
import { isoSeconds } from '../kernel/time.ts';
import type { AuditRecord, AuditValues } from './audit-record.ts';
import { userIdentityOf } from './user-identity.ts';

/** A call that a service makes by itself with a role that it was given. */
export interface ServiceCall {
  /** `budgets.amazonaws.com`. */
  readonly service: string;
  /** The role's session. */
  readonly caller: Caller;
  /** `iam.amazonaws.com`. */
  readonly eventSource: string;
  readonly eventName: string;
  readonly requestParameters: AuditValues;
  readonly atMs: number;
}

/** As CloudTrail shows such a call: the role's identity, and the service in place of an address and a user agent. */
export function serviceCallRecord(call: ServiceCall, newId: () => string): AuditRecord {
  const { service, caller, eventSource, eventName, requestParameters, atMs } = call;
  // No access key stands behind the session.
  const { accessKeyId: _, ...identity } = userIdentityOf(caller);
  return {
    eventVersion: '1.11',
    userIdentity: { ...identity, invokedBy: service },
    eventTime: isoSeconds(atMs),
    eventSource,
    eventName,
    awsRegion: 'us-east-1',
    sourceIPAddress: service,
    userAgent: service,
    requestParameters,
    responseElements: null,
    requestID: newId(),
    eventID: newId(),
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: caller.accountId,
    eventCategory: 'Management',
  };
}
