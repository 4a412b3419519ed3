import type { AuditLog } from '../../audit/audit-log.ts';
import type { UserIdentity } from '../../audit/audit-record.ts';
import { recordOf } from '../../audit/audited-call.ts';
import { errorCodeOf, isDenied } from '../../audit/error-code.ts';
import { isChange, isInference } from '../../audit/event-name.ts';
import type { RefusalTally } from '../../audit/refusal-tally.ts';
import {
  federatedUserIdentity,
  presentedRegion,
  unknownUserIdentity,
  userIdentityOf,
} from '../../audit/user-identity.ts';
import type { Directory } from '../../identity/directory.ts';
import type { FederatedIdentity } from '../../identity/federated-identity.ts';
import type { Caller } from '../../identity/principal.ts';
import { parseArn } from '../../kernel/arn.ts';
import type { Clock } from '../../kernel/time.ts';
import type { WireRequest } from '../../wire/exchange.ts';
import type { Operation, Routed } from '../../wire/operation.ts';

export interface AuditParts {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly auditLog: AuditLog;
  readonly refusals: RefusalTally;
  readonly newEventId: () => string;
  /** Strangers' calls are recorded for this account. */
  readonly managementAccountId: string;
}

/** What is known about a call so far. Every step adds to it, so that a refusal is recorded with all that was found out. */
export interface CallTrail {
  readonly requestId: string;
  readonly request: WireRequest;
  /** Present for a call of a model that policy allows. */
  metered?: { readonly accountId: string; readonly region: string };
  /** Absent when the request names no operation; then there is nothing to record. */
  routed?: Routed;
  /** Absent while the caller is not proven. */
  caller?: Caller | FederatedIdentity;
  region?: string;
  input?: unknown;
  output?: unknown;
  /** What ended the call; absent when it was done. */
  error?: unknown;
}

/** Lets nothing change, and nobody get credentials, while that cannot be recorded. */
export function requireAuditable(operation: Operation, { auditLog }: AuditParts): Promise<void> | undefined {
  return isChange(operation) ? auditLog.requireWritable() : undefined;
}

/**
 * Records a call before it is answered: every control-plane call, and of inference what was denied (the rest are usage
 * events). Throws ServiceUnavailableException when a change that was done could not be recorded; that a read or a refusal
 * could not be is the log's own trouble.
 */
export function audit(call: CallTrail, parts: AuditParts): Promise<void> | undefined {
  const { routed } = call;
  return routed && isRecorded(call, routed.operation) ? record(routed, call, parts) : undefined;
}

async function record(routed: Routed, call: CallTrail, parts: AuditParts): Promise<void> {
  const { error } = call;
  const nowMs = parts.clock();
  const { caller, input, output } = call;
  const identity = identityOf(call, parts);
  const record = recordOf({
    eventId: parts.newEventId(),
    requestId: call.requestId,
    operation: routed.operation,
    request: call.request,
    answeredAtMs: nowMs,
    identity,
    region: call.region ?? presentedRegion(call.request) ?? 'us-east-1',
    recipientAccountId: identity.accountId ?? calledAccountOf(input) ?? parts.managementAccountId,
    ...(isObject(input) && { input }),
    ...(isObject(output) && { output }),
    ...(error !== undefined && { error }),
    ...(caller && !('kind' in caller) && { federated: caller }),
  });
  const records = error === undefined ? [record] : parts.refusals.note(record, nowMs);
  const written = Promise.all(records.map((one) => parts.auditLog.append(one)));
  if (error === undefined && isChange(routed.operation)) await written;
  else await written.catch(() => undefined);
}

function isRecorded({ caller, error }: CallTrail, operation: Operation): boolean {
  // Questions that anybody may ask would fill the log.
  if (operation.isUnsigned && !isChange(operation)) return false;
  if (!isInference(operation)) return true;
  return error !== undefined && (!caller || isDenied(errorCodeOf(error)));
}

function identityOf({ caller, request }: CallTrail, { directory }: AuditParts): UserIdentity {
  if (!caller) return unknownUserIdentity(request);
  if (!('kind' in caller)) return federatedUserIdentity(caller);
  return userIdentityOf(caller, caller.kind === 'federated-user' ? directory.userById(caller.principalId) : undefined);
}

/** The account of the role that is to be assumed. */
function calledAccountOf(input: unknown): string | undefined {
  const { RoleArn } = (isObject(input) ? input : {}) as { readonly RoleArn?: unknown };
  const accountId = typeof RoleArn === 'string' ? parseArn(RoleArn)?.accountId : undefined;
  return /^\d{12}$/.test(accountId ?? '') ? accountId : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
