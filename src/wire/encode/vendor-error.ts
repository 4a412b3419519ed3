import { FAULTS, Fault, type FaultCause, type FaultCode } from '../../kernel/fault.ts';
import { isAuthenticationFault } from '../authentication-fault.ts';
import type { WireResponse } from '../exchange.ts';
import { INTERNAL_FAILURE_MESSAGE } from './error-members.ts';

/** An error as the doors of other vendors tell it; each has its own names for the kinds, by status. */
export interface VendorError {
  readonly status: number;
  readonly message: string;
  readonly cause?: FaultCause;
  /** Member of the request that is wrong. */
  readonly param?: string;
  /** The upstream's own code. */
  readonly vendorCode?: string;
  readonly retryAfterSeconds?: number;
}

const STATUS_BY_CAUSE: Readonly<Record<FaultCause, number>> = { unknown_model: 404, budget: 402 };

/** Where other vendors' statuses differ from Bedrock's. Their clients do not know 424, and retry what is 429 or above 499. */
const STATUS_BY_CODE: Readonly<Partial<Record<FaultCode, number>>> = {
  ServiceQuotaExceededException: 429,
  ModelErrorException: 500,
  ModelStreamErrorException: 500,
};

/** Asked for with every 429 that does not say when to come back. */
const RETRY_AFTER_SECONDS = 1;

/** What is not a Fault is a bug, and codes that are not AWS's are for operators: neither leaves. */
export function vendorErrorOf(error: unknown): VendorError {
  if (!(error instanceof Fault) || !error.code.endsWith('Exception')) {
    return { status: FAULTS.InternalFailure.status, message: INTERNAL_FAILURE_MESSAGE };
  }
  const { cause, param, vendorCode, retryAfterSeconds } = error.fields as Partial<VendorError>;
  const status = statusOf(error, cause);
  const waitSeconds = retryAfterSeconds ?? (status === 429 ? RETRY_AFTER_SECONDS : undefined);
  return {
    status,
    message: error.message || 'Unknown request URL. Check the method and the path of the request.',
    ...(cause && { cause }),
    ...(param !== undefined && { param }),
    ...(vendorCode !== undefined && { vendorCode }),
    ...(waitSeconds !== undefined && { retryAfterSeconds: waitSeconds }),
  };
}

function statusOf(fault: Fault, cause: FaultCause | undefined): number {
  if (isAuthenticationFault(fault)) return 401;
  return cause ? STATUS_BY_CAUSE[cause] : (STATUS_BY_CODE[fault.code] ?? fault.kind.status);
}

/** Headers that the doors' refusals share. */
export function vendorErrorHeaders({ retryAfterSeconds }: VendorError, requestId: string): WireResponse['headers'] {
  return {
    'content-type': 'application/json',
    'x-amzn-requestid': requestId,
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(Math.ceil(retryAfterSeconds)) }),
  };
}
