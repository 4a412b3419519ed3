import type { SpendScope } from '../../spend/spend-scope.ts';

export interface LiveSums {
  readonly Calls: number;
  readonly Refused: number;
  readonly Failed: number;
  readonly Unpriced: number;
  readonly Tokens: string;
  readonly CostUsd: string;
}

export interface LiveSlot extends LiveSums {
  readonly Start: string;
}

export interface LivePrincipal extends LiveSums {
  readonly Principal: string;
  readonly InFlight: number;
}

export interface LiveCall {
  readonly RequestId: string;
  readonly At: string;
  readonly Principal: string;
  readonly ModelId: string;
  readonly Status: 'completed' | 'cut' | 'failed' | 'interrupted' | 'refused';
  readonly Reason?: string;
  readonly DurationMs: number;
  readonly Tokens: string;
  readonly CostUsd: string;
  readonly IsUnpriced?: boolean;
}

/** Answer of `tallyline:GetLive`: the last hour and the last minute, as this node saw them. */
export interface Live extends LiveSums {
  readonly At: string;
  /** When the server was started: before, it knows nothing. */
  readonly Since: string;
  readonly InFlight: number;
  readonly IsPartial: boolean;
  readonly Minutes: readonly LiveSlot[];
  readonly Seconds: readonly LiveSlot[];
  readonly Principals: readonly (LivePrincipal & { readonly MinuteCostsUsd: readonly string[] })[];
  readonly PrincipalCount: number;
  readonly Latest: readonly LiveCall[];
}

/** Answer of `tallyline:PreviewInferenceStop`. */
export interface StopPreview extends LiveSums {
  readonly Since: string;
  readonly InFlight: number;
  readonly IsPartial: boolean;
  readonly Principals: readonly LivePrincipal[];
  readonly PrincipalCount: number;
}

export interface InferenceStop {
  readonly StopId: string;
  readonly Scope: SpendScope;
  readonly Reason: string;
  /** Absent: until it is lifted. */
  readonly ExpiresAt?: string;
  readonly CutStreams: boolean;
  readonly CreatedAt: string;
  readonly CreatedBy: string;
}

export interface Upstream {
  readonly Name: string;
  readonly State: 'closed' | 'half-open' | 'open' | string;
  readonly FailingModels: readonly string[];
  readonly InFlight: number;
  readonly Queued: number;
  /** Absent without calls, as the latencies. */
  readonly ErrorPercent?: number;
  readonly LatencyP50Ms?: number;
  readonly LatencyP95Ms?: number;
  readonly LastFailure?: { readonly At: string; readonly Code: string; readonly Message: string };
}
