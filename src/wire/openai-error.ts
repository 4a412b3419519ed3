import { type VendorError, vendorErrorHeaders, vendorErrorOf } from './encode/vendor-error.ts';
import type { WireResponse } from './exchange.ts';

/** OpenAI's error object: the body of a refusal, and the event that ends a stream which failed. */
export interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    /** Member of the request that is wrong; null where it is none. */
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** Type and code by status, as OpenAI's API and its public clients have them (2026-11). */
const KINDS: Readonly<Record<number, readonly [type: string, code: string]>> = {
  401: ['invalid_request_error', 'invalid_api_key'],
  402: ['insufficient_quota', 'insufficient_quota'],
  403: ['invalid_request_error', 'permission_denied'],
  408: ['server_error', 'timeout'],
  413: ['invalid_request_error', 'request_too_large'],
  429: ['requests', 'rate_limit_exceeded'],
};

export function openAiError(error: unknown): OpenAiError {
  return wording(vendorErrorOf(error));
}

/** A refusal at OpenAI's door. */
export function encodeOpenAiError(error: unknown, requestId: string): WireResponse {
  const told = vendorErrorOf(error);
  return {
    status: told.status,
    headers: { ...vendorErrorHeaders(told, requestId), 'x-request-id': requestId },
    body: JSON.stringify(wording(told)),
  };
}

function wording({ status, message, cause, param, vendorCode }: VendorError): OpenAiError {
  const [type, code] = KINDS[status] ?? [status < 500 ? 'invalid_request_error' : 'server_error', null];
  const isUnknownModel = cause === 'unknown_model';
  return {
    error: {
      message,
      type,
      param: param ?? (isUnknownModel ? 'model' : null),
      code: isUnknownModel ? 'model_not_found' : (vendorCode ?? code),
    },
  };
}
