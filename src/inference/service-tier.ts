import type { ServiceTier } from './model-call.ts';

/** Bedrock's `serviceTier` and `performanceConfig` as one tier: the optimized latency has a price of its own. */
export function tierOf(serviceTier: string | undefined, latency: string | undefined): ServiceTier {
  if (latency === 'optimized') return 'latency_optimized';
  return serviceTier === 'priority' || serviceTier === 'flex' || serviceTier === 'reserved' ? serviceTier : 'standard';
}

/** `bedrock:ServiceTier`: there only when the request names a tier (Bedrock User Guide, service tiers). */
export function tierContext(serviceTier: string | undefined): ReadonlyMap<string, readonly string[]> {
  return new Map(serviceTier === undefined ? [] : [['bedrock:ServiceTier', [serviceTier]]]);
}
