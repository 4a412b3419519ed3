import type { WireRequest, WireResponse } from '../wire/exchange.ts';

/**
 * Answers the two questions of a load balancer, which have no signature. `/healthz`: the process answers. `/readyz`: it
 * takes inference; a store that is down is told of, but does not make it unready, because inference goes on without it.
 */
export function probe({ method, path }: WireRequest, isStoreWell: () => boolean): WireResponse | undefined {
  if (method !== 'GET' || (path !== '/healthz' && path !== '/readyz')) return undefined;
  const store = isStoreWell() ? 'ok' : 'unavailable';
  const body = path === '/healthz' ? { status: 'ok' } : { status: 'ready', costStore: store };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(body)}\n` };
}
