import type { Caller } from '../identity/principal.ts';
import type { ModelPrompt, ServiceTier } from '../inference/model-call.ts';
import type { NativePrompt } from '../inference/native-call.ts';
import type { Fault } from '../kernel/fault.ts';
import type { PicoUsd } from '../kernel/money.ts';
import type { Route, UsageEvent } from '../metering/usage-event.ts';

/** The facts that choose the price of an attempt. */
export interface AttemptTariff {
  readonly modelId: string;
  readonly region: string;
  readonly route: Route;
  readonly tier: ServiceTier;
}

/** An attempt, and what its cost can be bounded with. */
export interface AttemptClaim extends AttemptTariff {
  /** As the attempt's model reads the request: another model may read it otherwise. */
  readonly prompt: ModelPrompt | NativePrompt;
}

/** A call that is about to be made, with its first attempt. */
export interface SpendClaim extends AttemptClaim {
  readonly requestId: string;
  readonly caller: Caller;
  /** Size of the request's body as it was received. */
  readonly bodyBytes: number;
  readonly nowMs: number;
}

/** What one call may still spend, on every budget that it counts against. */
export interface SpendHold {
  /** Headers for the answer; none far from every limit. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Makes room for a further attempt, which may be dearer than what is held. Throws as `reserve`; what was held stays held. A
   * promise only where there is something to wait for.
   */
  cover(attempt: AttemptClaim): Promise<void> | undefined;
  /** Counts what an attempt has used; once for each attempt. */
  settle(event: UsageEvent): void;
  /** Calls back when the call is to end at once, with what to tell its client. */
  onCut(listener: (reason: Fault) => void): void;
  /** Gives back what is left; after the last attempt, however it ended. What is not held any more is not given back again. */
  release(): void;
}

/** One call of a batch that runs elsewhere. */
export interface BatchCall extends AttemptClaim {
  /** Size of the request's body if the call were made by itself. */
  readonly bodyBytes: number;
}

/** The most that calls of a batch can use together, at the price for batches. */
export interface BatchBound {
  readonly calls: number;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly costPicoUsd: PicoUsd;
  /** True where a price is missing: what there is of the cost is no bound. */
  readonly isUnpriced: boolean;
}

/** A whole batch, as budgets see it. */
export interface BatchClaim {
  readonly caller: Caller;
  readonly modelId: string;
  readonly bound: BatchBound;
}

/** What a batch may still spend. It has no end of its own, and goes over into the next window with all that is left of it. */
export type BatchHold = Pick<SpendHold, 'settle' | 'release'>;

/** Port of the request path: lets a call through only when every budget has room for the most that it can cost. */
export interface SpendGate {
  /** Throws the refusal, or rejects with it, having held nothing. A promise only where there is something to wait for. */
  reserve(claim: SpendClaim): SpendHold | Promise<SpendHold>;
}

/** Port of the batch path: the same for whole batches. */
export interface BatchGate {
  boundOf(call: BatchCall): BatchBound;
  /** Throws the refusal, having held nothing. */
  reserveBatch(claim: BatchClaim): Promise<BatchHold>;
  /** For a batch that runs already: holds with room for it or not. */
  resumeBatch(claim: BatchClaim): BatchHold;
  /** The refusal of a stop that is in force for such calls; undefined where there is none. */
  stopFor(caller: Caller, modelId: string): Fault | undefined;
}
