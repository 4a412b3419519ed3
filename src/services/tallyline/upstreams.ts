import type { UpstreamStatus } from '../../inference/upstream.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import { managementOnly } from './management-only.ts';

export interface UpstreamsParts {
  readonly upstreams: () => readonly UpstreamStatus[];
  readonly managementAccountId: string;
}

/** How the upstreams do, as this node sees them. */
export function upstreamOperations({ upstreams, managementAccountId }: UpstreamsParts): OperationTable {
  const ofManagement = managementOnly(managementAccountId, 'can look at upstreams');
  return { ListUpstreams: ofManagement('ListUpstreams', () => ({ Upstreams: upstreams().map(wireUpstream) })) };
}

function wireUpstream(upstream: UpstreamStatus): unknown {
  const { name, state, failingModels, inFlight, queued, errorRate, latencyP50Ms, latencyP95Ms, lastFailure } = upstream;
  return {
    Name: name,
    State: state,
    FailingModels: failingModels,
    InFlight: inFlight,
    Queued: queued,
    ...(errorRate !== undefined && { ErrorPercent: Math.round(errorRate * 100) }),
    ...(latencyP50Ms !== undefined && { LatencyP50Ms: latencyP50Ms }),
    ...(latencyP95Ms !== undefined && { LatencyP95Ms: latencyP95Ms }),
    ...(lastFailure && {
      LastFailure: { At: new Date(lastFailure.atMs), Code: lastFailure.code, Message: lastFailure.message },
    }),
  };
}
