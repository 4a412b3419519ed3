/** Calls that differ in none of these, in one bucket. Amounts are doubles: they are judged, and never shown. */
export interface SliceCell {
  readonly principal: string;
  readonly model: string;
  readonly region: string;
  /** Product of the user agent; empty where it is not known. */
  readonly client: string;
  /** Values of the detector's tag keys, in their order; empty for none. */
  readonly tags: readonly string[];
  readonly costUsd: number;
  readonly requests: number;
  /** Input that was neither read from nor written to a cache. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
}

/** What the calls of one principal in one bucket were like, beyond what bills know. */
export interface CallFacts {
  readonly principal: string;
  /** Calls at upstreams, further attempts among them. */
  readonly calls: number;
  /** Of these, those that did not end in full. */
  readonly failed: number;
  /** Networks that the calls came from, as `203.0.113.0/24`. */
  readonly networks: readonly string[];
  /** Calls with the prompt that came most often; 0 where prompts were not seen. */
  readonly repeats: number;
  /** How the input of call after call grew. Absent: too few calls to say. */
  readonly growth?: ContextGrowth;
}

export interface ContextGrowth {
  readonly calls: number;
  /** Input tokens of the first and of the last call. */
  readonly fromTokens: number;
  readonly toTokens: number;
  /** Part of the calls that had more input than the call before. */
  readonly risingShare: number;
}

/** All usage of one bucket as far as it is known; what comes later replaces it. */
export interface UsageSlice {
  readonly startMs: number;
  readonly cells: readonly SliceCell[];
  readonly facts: readonly CallFacts[];
}

/** What a cell would be if only this part of its calls had been made. */
export function partOf(cell: SliceCell, part: number): SliceCell {
  return {
    ...cell,
    ...{ costUsd: cell.costUsd * part, requests: cell.requests * part, inputTokens: cell.inputTokens * part },
    ...{ cacheReadTokens: cell.cacheReadTokens * part, cacheWriteTokens: cell.cacheWriteTokens * part },
    outputTokens: cell.outputTokens * part,
  };
}
