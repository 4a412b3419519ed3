import type { RequestFacts } from '../policy/context.ts';
import type { WireRequest } from '../wire/exchange.ts';

/** A request as far as policies ask about it; what its headers do not say is absent. */
export function requestFacts(call: {
  readonly request: WireRequest;
  readonly region: string;
  readonly nowMs: number;
}): RequestFacts {
  const { request, region, nowMs } = call;
  const { 'user-agent': userAgent, referer } = request.headers;
  return {
    nowMs,
    region,
    sourceIp: request.sourceIp,
    isTls: request.isTls,
    ...(userAgent && { userAgent }),
    ...(referer && { referer }),
  };
}
