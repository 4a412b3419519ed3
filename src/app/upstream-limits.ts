import type { UpstreamConfig } from '../config/upstream-config.ts';
import type { BreakerRule } from '../inference/circuit-breaker.ts';
import type { UpstreamLimits } from '../inference/upstream.ts';

/** Of the simulated model, which has no connections. */
const IN_FLIGHT = 4_096;
const QUEUED_PER_PLACE = 4;
const QUEUE_TIMEOUT_MS = 30_000;
const DRAIN_TIMEOUT_MS = 600_000;
const BREAKER: BreakerRule = {
  ...{ consecutiveFailures: 5, errorRatePercent: 50, minCalls: 20 },
  ...{ windowMs: 60_000, openMs: 30_000 },
};

/** The simulated model fails when its caller asks it to, which says nothing about the next call. */
const NEVER: BreakerRule = {
  ...BREAKER,
  consecutiveFailures: Number.POSITIVE_INFINITY,
  errorRatePercent: Number.POSITIVE_INFINITY,
};

/** As the schema says: as many calls as connections, four times as many waiting, half of them one principal's. */
export function upstreamLimits(upstream: UpstreamConfig): UpstreamLimits {
  const { breaker, ...limits } = upstream.limits ?? {};
  const maxInFlight = limits.maxInFlight ?? ('maxConnections' in upstream ? upstream.maxConnections : IN_FLIGHT);
  const maxQueued = limits.maxQueued ?? maxInFlight * QUEUED_PER_PLACE;
  return {
    queue: {
      maxInFlight,
      maxQueued,
      maxQueuedPerCaller: limits.maxQueuedPerPrincipal ?? Math.ceil(maxQueued / 2),
      queueTimeoutMs: limits.queueTimeoutMs ?? QUEUE_TIMEOUT_MS,
    },
    breaker: { ...(upstream.type === 'simulated' && !breaker ? NEVER : BREAKER), ...breaker },
    patience: {
      drainTimeoutMs: limits.drainTimeoutMs ?? DRAIN_TIMEOUT_MS,
      ...(limits.drainTokens !== undefined && { drainTokens: limits.drainTokens }),
      ...(limits.totalTimeoutMs !== undefined && { totalTimeoutMs: limits.totalTimeoutMs }),
    },
  };
}
