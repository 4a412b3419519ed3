import type { Caller } from '../../identity/principal.ts';
import type { WireRequest } from '../../wire/exchange.ts';

/** Who calls, and which region. */
export interface ProvenCaller {
  readonly caller: Caller;
  readonly region: string;
}

export interface RegionParts {
  /** Regions that may be addressed. */
  readonly regions: ReadonlySet<string>;
  /** Region of a caller whose credentials and address name none: long-term keys, gateway keys, OIDC tokens. */
  readonly defaultRegion: string;
}

/** `bedrock-runtime.eu-central-1.amazonaws.com`, or any host name that has a region for one of its labels. */
export function addressedRegion(request: WireRequest, { regions }: Pick<RegionParts, 'regions'>): string | undefined {
  const host = request.headers[':authority'] ?? request.headers.host ?? '';
  return host.split(/[.:]/).find((label) => regions.has(label));
}
