import { Fault, type FaultCode } from '../kernel/fault.ts';

/**
 * How an upstream failed, as far as the next attempt cares. `unavailable`: it could not be reached, or said that it cannot
 * take the call now; the model did not run. `throttled`: the same, because there were too many calls. `timeout`: no answer
 * in time. `broken`: the connection ended, or what came is no answer; like after a timeout the model may have run.
 * `error`: it answered with an error of its own.
 */
export type FailureKind = 'unavailable' | 'throttled' | 'timeout' | 'broken' | 'error';

/** What a failed call leaves no doubt about: the model did not run, so that another attempt cannot be paid for twice. */
export const SAFE_TO_RETRY: ReadonlySet<FailureKind> = new Set(['unavailable', 'throttled']);

const KINDS: Readonly<Partial<Record<FaultCode, FailureKind>>> = {
  ServiceUnavailableException: 'unavailable',
  ModelNotReadyException: 'unavailable',
  ThrottlingException: 'throttled',
  ModelTimeoutException: 'timeout',
  ModelErrorException: 'error',
  ModelStreamErrorException: 'error',
  InternalServerException: 'error',
};

/** Undefined for what is wrong with the call itself, and for bugs: neither says anything about the upstream. */
export function failureKindOf(error: unknown): FailureKind | undefined {
  if (!(error instanceof Fault)) return undefined;
  const kind = KINDS[error.code];
  // Usage on a fault is the port's word for "may have run".
  return kind !== undefined && kind !== 'timeout' && error.fields.usage !== undefined ? 'broken' : kind;
}

/** How long the upstream asked to be left alone, in milliseconds; undefined where it did not say. */
export function retryAfterMsOf(error: unknown): number | undefined {
  const seconds = error instanceof Fault ? error.fields.retryAfterSeconds : undefined;
  return typeof seconds === 'number' ? seconds * 1_000 : undefined;
}
