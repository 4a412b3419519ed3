/** One call as `tallyline:ListRequests` has it: counts and amounts are decimal text, instants ISO 8601. */
export interface RequestSummary {
  readonly RequestId: string;
  /** Absent: it is the first attempt. */
  readonly AttemptOf?: string;
  readonly RequestedModelId: string;
  readonly AdmittedAt: string;
  readonly EndedAt: string;
  /** Milliseconds; absent: nothing was streamed. */
  readonly FirstTokenMs?: number;
  readonly Principal: string;
  readonly Operation: string;
  readonly ModelId: string;
  readonly Region: string;
  readonly Route: string;
  readonly Tier: string;
  readonly Upstream: string;
  readonly UpstreamRequestId?: string;
  readonly BilledPrincipal?: string;
  readonly IsGatewayPrincipal?: boolean;
  readonly Status: 'completed' | 'cut' | 'failed' | 'interrupted';
  readonly ErrorCode: string;
  readonly InputTokens: string;
  readonly OutputTokens: string;
  readonly CacheReadInputTokens?: string;
  readonly CacheWrite5mInputTokens?: string;
  readonly CacheWrite1hInputTokens?: string;
  readonly Units?: Readonly<Record<string, string>>;
  readonly IsEstimated: boolean;
  readonly ClientGone: boolean;
  readonly CostUsd: string;
  readonly IsUnpriced: boolean;
  readonly ResourceArn: string;
  readonly Tags: Readonly<Record<string, string>>;
}

/** How long it took, in milliseconds. */
export function durationMs({ AdmittedAt: from, EndedAt: to }: RequestSummary): number {
  return Date.parse(to) - Date.parse(from);
}

/** `840 ms`, `12.4 s`. */
export function durationText(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
