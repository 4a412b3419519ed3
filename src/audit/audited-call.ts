import type { FederatedIdentity } from '../identity/federated-identity.ts';
import { parseArn } from '../kernel/arn.ts';
import { Fault } from '../kernel/fault.ts';
import { isoSeconds } from '../kernel/time.ts';
import type { WireRequest } from '../wire/exchange.ts';
import { operationModel } from '../wire/model.ts';
import type { Operation } from '../wire/operation.ts';
import type { AuditedResource, AuditRecord, AuditValues, TlsDetails, UserIdentity } from './audit-record.ts';
import { auditText, auditValues, boundAuditValues } from './audit-values.ts';
import { errorCodeOf } from './error-code.ts';
import { eventSourceOf, isChange, isInference, isReadOnly } from './event-name.ts';

/** Everything that a record says about one answered call. */
export interface AuditedCall {
  readonly eventId: string;
  readonly requestId: string;
  readonly operation: Operation;
  readonly request: WireRequest;
  readonly answeredAtMs: number;
  readonly identity: UserIdentity;
  readonly region: string;
  /** The caller's account; where it has none, the account that was called. */
  readonly recipientAccountId: string;
  /** Decoded input; absent when it was never read. */
  readonly input?: object;
  readonly output?: object;
  /** What ended the call; absent when it was done. */
  readonly error?: unknown;
  /** Who a token or an assertion proved; it says things about the session that are not in the input. */
  readonly federated?: FederatedIdentity;
}

/** Of what a stranger sent, as JSON. */
const STRANGERS_BYTES = 2_048;

export function recordOf(call: AuditedCall): AuditRecord {
  const { operation, request, error } = call;
  const resources = resourcesOf(call.input);
  const tlsDetails = request.isTls ? tlsDetailsOf(request) : undefined;
  const errorMessage = error instanceof Fault && error.message !== '' ? auditText(error.message) : undefined;
  return {
    eventVersion: '1.11',
    userIdentity: call.identity,
    eventTime: isoSeconds(call.answeredAtMs),
    eventSource: eventSourceOf(operation),
    eventName: operation.name,
    awsRegion: call.region,
    sourceIPAddress: request.sourceIp,
    userAgent: auditText(request.headers['user-agent'] ?? ''),
    ...(error !== undefined && { errorCode: errorCodeOf(error) }),
    ...(errorMessage !== undefined && { errorMessage }),
    requestParameters: requestParametersOf(call),
    responseElements: responseElementsOf(call),
    requestID: call.requestId,
    eventID: call.eventId,
    readOnly: isReadOnly(operation),
    ...(resources.length > 0 && { resources }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: call.recipientAccountId,
    eventCategory: 'Management',
    ...(tlsDetails && { tlsDetails }),
  };
}

function requestParametersOf({ operation, input, identity, federated }: AuditedCall): AuditValues | null {
  if (!input) return null;
  const { input: shape } = operationModel(operation);
  if (isInference(operation)) return boundAuditValues(shape, input);
  const parameters = auditValues(shape, input, identity.type === 'Unknown' ? STRANGERS_BYTES : undefined);
  if (!federated) return parameters;
  const { sessionTags, transitiveTagKeys } = federated;
  const tags = [...sessionTags].map(([key, value]) => [auditText(key), auditText(value)] as const);
  return {
    ...parameters,
    ...(tags.length > 0 && { principalTags: Object.fromEntries(tags) }),
    ...(transitiveTagKeys.length > 0 && { transitiveTagKeys: transitiveTagKeys.map((key) => auditText(key)) }),
  };
}

/** Null, and not empty, where a change answers nothing: as CloudTrail has it. */
function responseElementsOf({ operation, output, error }: AuditedCall): AuditValues | null {
  if (!output || error !== undefined || !isChange(operation)) return null;
  const elements = auditValues(operationModel(operation).output, output);
  return Object.keys(elements).length > 0 ? elements : null;
}

/** CloudTrail names the role for every kind of AssumeRole. */
function resourcesOf(input: object | undefined): AuditedResource[] {
  const { RoleArn } = (input ?? {}) as { readonly RoleArn?: unknown };
  const arn = typeof RoleArn === 'string' ? parseArn(RoleArn) : undefined;
  if (arn?.service !== 'iam' || !/^\d{12}$/.test(arn.accountId)) return [];
  return [{ accountId: arn.accountId, type: 'AWS::IAM::Role', ARN: auditText(RoleArn as string) }];
}

function tlsDetailsOf({ headers, tls }: WireRequest): TlsDetails {
  const host = headers.host ?? headers[':authority'];
  return { ...tls, ...(host !== undefined && { clientProvidedHostHeader: auditText(host, 256) }) };
}
