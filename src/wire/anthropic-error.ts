import { type VendorError, vendorErrorHeaders, vendorErrorOf } from './encode/vendor-error.ts';
import type { WireResponse } from './exchange.ts';

/** Anthropic's error object: the body of a refusal, and the event that ends a stream which failed. */
export interface AnthropicError {
  readonly type: 'error';
  readonly error: { readonly type: string; readonly message: string };
  readonly request_id: string;
}

/** Types by status, as in Anthropic's API reference (2026-11). */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

export function anthropicError(error: unknown, requestId: string): AnthropicError {
  return wording(vendorErrorOf(error), requestId);
}

/** A refusal at Anthropic's door. */
export function encodeAnthropicError(error: unknown, requestId: string): WireResponse {
  const told = vendorErrorOf(error);
  return {
    status: told.status,
    headers: { ...vendorErrorHeaders(told, requestId), 'request-id': requestId },
    body: JSON.stringify(wording(told, requestId)),
  };
}

function wording({ status, message }: VendorError, requestId: string): AnthropicError {
  const type = TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type, message }, request_id: requestId };
}
