import type { Caller } from '../../identity/principal.ts';
import type { UpstreamStatus } from '../../inference/upstream.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';

export interface UpstreamsParts {
  readonly upstreams: () => readonly UpstreamStatus[];
  readonly managementAccountId: string;
}

/** How the upstreams do, as this node sees them. */
export function upstreamOperations({ upstreams, managementAccountId }: UpstreamsParts): OperationTable {
  const listUpstreams: OperationHandler<object, unknown> = {
    access: () => [{ action: 'tallyline:ListUpstreams', resource: '*' }],
    run: ({ caller }) => {
      requireManagement(caller, managementAccountId);
      return { Upstreams: upstreams().map(wireUpstream) };
    },
  };
  return { ListUpstreams: listUpstreams };
}

function requireManagement(caller: Caller, managementAccountId: string): void {
  if (caller.accountId === managementAccountId) return;
  throw new Fault('AccessDeniedException', 'only the management account can look at upstreams');
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
