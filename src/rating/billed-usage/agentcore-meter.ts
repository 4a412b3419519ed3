import type { Meter } from '../meter.ts';

/** Units of AgentCore's price list (read 2026-10): its usage types are many and change, their units are few. */
const METERS: readonly (readonly [unit: RegExp, meter: Meter])[] = [
  [/^vcpu-?hours?$/i, 'agentcore_vcpu_hour'],
  [/^gb-?hours?$/i, 'agentcore_gb_hour'],
  [/^gb-?mo(nth)?s?$/i, 'agentcore_gb_month'],
  [/^gb$/i, 'agentcore_gb'],
  [/tokens?$/i, 'agentcore_token'],
  [/^(1k )?(invocations?|requests?|queries|query|events?|records?|retrievals?|calls?|tools?)$/i, 'agentcore_call'],
];

/** Undefined for a unit that is not known. */
export function agentCoreMeter(pricingUnit: string): Meter | undefined {
  return METERS.find(([unit]) => unit.test(pricingUnit))?.[1];
}
