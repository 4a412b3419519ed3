import type { Tier } from '../../metering/usage-event.ts';

/** Bedrock's `serviceTier` and `performanceConfig` as one tier: the optimized latency has a price of its own. */
export function tierOf(serviceTier: string | undefined, latency: string | undefined): Tier {
  if (latency === 'optimized') return 'latency_optimized';
  return serviceTier === 'priority' || serviceTier === 'flex' || serviceTier === 'reserved' ? serviceTier : 'standard';
}

/** Members of a Converse answer that say which tier was used; none for the standard one, as on Bedrock. */
export function resolvedTier(tier: Tier): object {
  if (tier === 'standard') return {};
  return tier === 'latency_optimized'
    ? { performanceConfig: { latency: 'optimized' } }
    : { serviceTier: { type: tier } };
}

/** The same for InvokeModel, whose members are headers. */
export function tierMembers(tier: Tier): object {
  if (tier === 'standard') return {};
  return tier === 'latency_optimized' ? { performanceConfigLatency: 'optimized' } : { serviceTier: tier };
}

/** `bedrock:ServiceTier`: there only when the request names a tier (Bedrock User Guide, service tiers). */
export function tierContext(serviceTier: string | undefined): ReadonlyMap<string, readonly string[]> {
  return new Map(serviceTier === undefined ? [] : [['bedrock:ServiceTier', [serviceTier]]]);
}
