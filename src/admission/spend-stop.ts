import { Fault } from '../kernel/fault.ts';
import { isoSeconds } from '../kernel/time.ts';
import type { SpendScope } from './spend-scope.ts';

/** The kill switch: whose calls are not made at all. */
export interface SpendStop {
  readonly id: string;
  readonly scope: SpendScope;
  /** Told to whoever is refused. */
  readonly reason: string;
  /** Absent: until it is lifted. */
  readonly expiresAtMs?: number;
  /** True: streams under way are cut. */
  readonly cutsStreams: boolean;
  readonly createdAtMs: number;
  /** ARN of who stopped; `tallyline` for the runaway guard. */
  readonly createdBy: string;
}

export function isInForce({ expiresAtMs }: SpendStop, nowMs: number): boolean {
  return expiresAtMs === undefined || nowMs < expiresAtMs;
}

export function stopRefusal({ reason, expiresAtMs }: SpendStop): Fault {
  const until = expiresAtMs === undefined ? 'until this is lifted' : `until ${isoSeconds(expiresAtMs)}`;
  return new Fault('AccessDeniedException', `Inference is stopped ${until}: ${reason}`);
}
