import type { Caller } from '../identity/principal.ts';
import { CallIndex } from './call-index.ts';
import { isInForce, type SpendStop } from './spend-stop.ts';

/** All stops, found by whose call it is. */
export class StopTable {
  #index = new CallIndex<SpendStop>([]);

  replace(stops: Iterable<SpendStop>): void {
    this.#index = new CallIndex(stops);
  }

  /** A stop that is in force for a call. */
  find(caller: Caller, modelId: string, nowMs: number): SpendStop | undefined {
    return this.#index.matching(caller, modelId).find((stop) => isInForce(stop, nowMs));
  }
}
