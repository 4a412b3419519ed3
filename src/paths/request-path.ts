import { Fault } from '../kernel/fault.ts';
import { encodeOutput } from '../wire/encode.ts';
import { encodeFault } from '../wire/encode-fault.ts';
import type { WireRequest, WireResponse } from '../wire/exchange.ts';
import { dialectOf, route } from '../wire/route.ts';
import { authorize } from './request-path/authorize.ts';
import { type FederateParts, federate } from './request-path/federate.ts';
import { type IdentifyParts, identify } from './request-path/identify.ts';
import { type InferParts, infer } from './request-path/infer.ts';
import { type OperationParts, operate } from './request-path/operate.ts';
import { parse } from './request-path/parse.ts';

export interface RequestPathParts extends IdentifyParts, OperationParts, InferParts, FederateParts {
  readonly newRequestId: () => string;
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
 *     route > identify > parse > authorize > operate                                            > serialize
 *                                          > admit > infer > meter > settle (inference only)    >
 *           > federate (the two operations of STS that take a provider's word for a signature)  >
 *
 * Each step takes what the one before returns, so that none can be left out. The signature is checked before the body is
 * decoded: AWS answers in that order, and a stranger's bytes are not worth parsing.
 */
export async function answer(request: WireRequest, parts: RequestPathParts): Promise<WireResponse> {
  const requestId = parts.newRequestId();
  let operation = '';
  let principalArn = '';
  let response: WireResponse;
  try {
    const routed = route(request);
    operation = `${routed.operation.service}.${routed.operation.name}`;
    if (routed.operation.isUnsigned) {
      const { output } = await federate(routed, request, requestId, parts);
      response = encodeOutput(routed.operation, output, requestId);
    } else {
      const identified = identify(routed, request, requestId, parts);
      principalArn = identified.caller.arn;
      const parsed = parse(identified, parts);
      const authorized = authorize(parsed, parts);
      const { output, headers } =
        authorized.kind === 'inference' ? await infer(authorized, parts) : await operate(authorized);
      response = encodeOutput(routed.operation, output, requestId, headers);
    }
  } catch (error) {
    response = refuse(request, error, requestId, parts);
  }
  parts.onAnswer({ requestId, request, status: response.status, operation, principalArn });
  return response;
}

/** Words an error for the request's protocol. */
export function refuse(
  request: WireRequest,
  error: unknown,
  requestId: string,
  parts: Pick<RequestPathParts, 'onBug'>,
): WireResponse {
  if (!(error instanceof Fault)) parts.onBug(error, requestId);
  const dialect = dialectOf(request);
  return encodeFault(dialect, dialect.service === 'tallyline' ? error : inAwsWords(error), requestId);
}

/** The store's own fault is none that AWS's clients know; as this one they retry it. */
function inAwsWords(error: unknown): unknown {
  if (!(error instanceof Fault) || error.code !== 'StoreUnavailable') return error;
  return new Fault('ServiceUnavailableException', 'The service is temporarily unavailable. Try again later.');
}
