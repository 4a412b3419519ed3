import type { Tier } from '../../metering/usage-event.ts';

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
