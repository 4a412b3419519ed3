import { type VendorError, vendorErrorHeaders, vendorErrorOf } from './encode/vendor-error.ts';
import type { WireResponse } from './exchange.ts';

const SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** RFC 7644, 3.12, by status. */
const TYPES: Readonly<Record<number, string>> = { 400: 'invalidValue', 409: 'uniqueness' };

/** A refusal in the words of SCIM 2.0, which identity providers show to their administrators. */
export function encodeScimError(error: unknown, requestId: string): WireResponse {
  const told: VendorError = vendorErrorOf(error);
  const scimType = TYPES[told.status];
  const body = {
    ...{ schemas: [SCHEMA], status: `${told.status}`, detail: told.message },
    ...(scimType !== undefined && { scimType }),
  };
  return {
    status: told.status,
    headers: { ...vendorErrorHeaders(told, requestId), 'content-type': 'application/scim+json' },
    body: JSON.stringify(body),
  };
}
