import { Fault } from '../kernel/fault.ts';
import { AccessDenied } from '../policy/access-denied.ts';
import type { AuthorizationMessages } from '../policy/authorization-message.ts';
import { encodeOutput } from '../wire/encode.ts';
import { encodeFault } from '../wire/encode-fault.ts';
import type { WireRequest, WireResponse } from '../wire/exchange.ts';
import { dialectOf, route } from '../wire/route.ts';
import { type AuditParts, audit, type CallTrail, requireAuditable } from './request-path/audit.ts';
import { authorize } from './request-path/authorize.ts';
import { type FederateParts, federate } from './request-path/federate.ts';
import { type IdentifyParts, identify } from './request-path/identify.ts';
import { type InferParts, infer } from './request-path/infer.ts';
import { type LogInvocationParts, logInvocation } from './request-path/log-invocation.ts';
import { type OperationParts, operate } from './request-path/operate.ts';
import { parse } from './request-path/parse.ts';

export interface RequestPathParts
  extends IdentifyParts,
    OperationParts,
    InferParts,
    FederateParts,
    AuditParts,
    LogInvocationParts {
  readonly newRequestId: () => string;
  readonly authorizationMessages: AuthorizationMessages;
  /** Told about every error that is not a Fault: a bug, answered as InternalFailure. */
  readonly onBug: (error: unknown, requestId: string) => void;
  /** Told about every answered request, for the access log and metrics. */
  readonly onAnswer: (answered: Answered) => void;
}

export interface Answered {
  readonly requestId: string;
  readonly request: WireRequest;
  readonly status: number;
  /** `sts.AssumeRole`; empty when none was found. */
  readonly operation: string;
  /** Empty when the caller was not verified. */
  readonly principalArn: string;
}

/**
 * The request path, bytes to bytes:
 *
 *     route > identify > parse > authorize > operate                                                  > serialize > audit
 *                                          > reserve > admit > infer > meter > settle (inference only) >
 *           > federate (what takes a provider's word, or a secret, for a signature)                     >
 *
 * Each step takes what the one before returns, so that none can be left out. The signature is checked before the body is
 * decoded: AWS answers in that order, and a stranger's bytes are not worth parsing. Whatever becomes of a call, it is
 * audited before it is answered.
 */
export async function answer(request: WireRequest, parts: RequestPathParts): Promise<WireResponse> {
  const call: CallTrail = { requestId: parts.newRequestId(), request };
  let response: WireResponse;
  try {
    response = await perform(call, parts);
  } catch (error) {
    call.error = error;
    response = refuse(request, error, call.requestId, parts);
  }
  try {
    const audited = audit(call, parts);
    if (audited) await audited;
  } catch (error) {
    response = refuse(request, error, call.requestId, parts);
  }
  parts.onAnswer(answeredOf(call, response));
  return call.metered ? logInvocation({ ...call, ...call.metered }, response, parts) : response;
}

/** The steps; what each finds out is noted in the call. */
async function perform(call: CallTrail, parts: RequestPathParts): Promise<WireResponse> {
  const { request, requestId } = call;
  const routed = route(request);
  call.routed = routed;
  const auditable = requireAuditable(routed.operation, parts);
  if (auditable) await auditable;
  if (routed.operation.isUnsigned) {
    const { output, headers, error } = await federate(routed, call, parts);
    call.output = output;
    if (error) call.error = error;
    return encodeOutput(routed.operation, output, requestId, headers);
  }
  const proven = identify(routed, call, parts);
  const identified = proven instanceof Promise ? await proven : proven;
  call.caller = identified.caller;
  call.region = identified.region;
  const parsed = parse(identified, parts);
  call.input = parsed.input;
  const authorized = authorize(parsed, parts);
  if (authorized.kind === 'inference')
    call.metered = { accountId: authorized.caller.accountId, region: authorized.region };
  const { output, headers } =
    authorized.kind === 'inference' ? await infer(authorized, parts) : await operate(authorized);
  call.output = output;
  return encodeOutput(routed.operation, output, requestId, headers);
}

function answeredOf({ requestId, request, routed, caller }: CallTrail, { status }: WireResponse): Answered {
  const operation = routed ? `${routed.operation.service}.${routed.operation.name}` : '';
  return { requestId, request, status, operation, principalArn: caller && 'arn' in caller ? caller.arn : '' };
}

/** Words an error for the request's protocol. */
export function refuse(
  request: WireRequest,
  error: unknown,
  requestId: string,
  parts: Pick<RequestPathParts, 'onBug' | 'authorizationMessages'>,
): WireResponse {
  if (!(error instanceof Fault)) parts.onBug(error, requestId);
  const dialect = dialectOf(request);
  const response = encodeFault(dialect, dialect.service === 'tallyline' ? error : inAwsWords(error), requestId);
  if (!(error instanceof AccessDenied)) return response;
  // AWS puts encoded messages into the sentences of some services and none of these; a header leaves its words alone.
  const encoded = parts.authorizationMessages.encode(error.denial);
  return { ...response, headers: { ...response.headers, 'x-tallyline-authorization-message': encoded } };
}

/** The store's own fault is none that AWS's clients know; as this one they retry it. */
function inAwsWords(error: unknown): unknown {
  if (!(error instanceof Fault) || error.code !== 'StoreUnavailable') return error;
  return new Fault('ServiceUnavailableException', 'The service is temporarily unavailable. Try again later.');
}
