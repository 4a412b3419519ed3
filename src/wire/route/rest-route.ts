import type { WireRequest } from '../exchange.ts';
import { modelOf } from '../model.ts';
import { REST_SERVICES, SERVICES, type Service } from '../service.ts';
import { decodePercent } from '../text.ts';

/** Operations of one service by `METHOD segment-count`. */
type RouteTable = ReadonlyMap<string, readonly RestRoute[]>;

interface RestRoute {
  readonly operationName: string;
  /** Literal text, or a label. */
  readonly segments: readonly (string | { readonly label: string })[];
}

/** An operation found by method and path. */
export interface FoundRoute {
  readonly service: Service;
  readonly operationName: string;
  /** Throws SerializationException when a label is not well encoded. */
  readonly readLabels: () => Readonly<Record<string, string>>;
}

const tables = new Map<Service, RouteTable>();

/**
 * Matches the path as received, segment by segment, and decodes labels only then: a model id arrives as `x.m-v1%3A0`
 * (or with a plain `:`), an ARN with its slashes as `%2F`.
 */
export function findRoute(request: WireRequest): FoundRoute | undefined {
  const segments = request.path.split('/').slice(1);
  for (const service of servicesOf(request)) {
    const candidates = tableOf(service).get(`${request.method} ${segments.length}`);
    const found = candidates?.find((candidate) => matches(candidate, segments));
    if (found) {
      return { service, operationName: found.operationName, readLabels: () => labelsOf(found, segments) };
    }
  }
  return undefined;
}

/** Whose words an unknown path below one of the prefixes is answered in. */
export function serviceOfPath(request: WireRequest): Service | undefined {
  return servicesOf(request).find(({ pathPrefixes }) =>
    pathPrefixes?.some((prefix) => request.path.startsWith(`${prefix}/`)),
  );
}

/** What decides the route of a request, as one text. */
export function routeKey(request: WireRequest): string {
  return `${isAnthropic(request) ? 'anthropic ' : ''}${request.method} ${request.path}`;
}

/** A path that two services share (`/v1/models`) is the first one's. */
function servicesOf(request: WireRequest): readonly Service[] {
  return isAnthropic(request) ? ANTHROPIC_FIRST : REST_SERVICES;
}

const ANTHROPIC_FIRST = [SERVICES.anthropic, ...REST_SERVICES];

/** Every request of Anthropic's clients names the API's version, and no other client's does. */
function isAnthropic(request: WireRequest): boolean {
  return request.headers['anthropic-version'] !== undefined;
}

function tableOf(service: Service): RouteTable {
  let table = tables.get(service);
  if (!table) {
    table = buildTable(service);
    tables.set(service, table);
  }
  return table;
}

function buildTable(service: Service): RouteTable {
  const model = modelOf(service.id);
  const table = new Map<string, RestRoute[]>();
  for (const operationName of model.operationNames) {
    const { method, uri } = model.httpOf(operationName)!;
    for (const prefix of service.pathPrefixes ?? ['']) {
      const segments = `${prefix}${uri}`
        .split('/')
        .slice(1)
        .map((segment) => (segment.startsWith('{') ? { label: segment.slice(1, -1) } : segment));
      const key = `${method} ${segments.length}`;
      const routes = table.get(key) ?? [];
      routes.push({ operationName, segments });
      table.set(key, routes);
    }
  }
  for (const routes of table.values()) routes.sort((a, b) => labelCount(a) - labelCount(b));
  return table;
}

/** Literal segments go before labels. */
function labelCount(candidate: RestRoute): number {
  return candidate.segments.filter((segment) => typeof segment !== 'string').length;
}

function matches(candidate: RestRoute, segments: readonly string[]): boolean {
  return candidate.segments.every((expected, index) =>
    typeof expected === 'string' ? expected === segments[index] : segments[index] !== '',
  );
}

function labelsOf(found: RestRoute, segments: readonly string[]): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  found.segments.forEach((segment, index) => {
    if (typeof segment !== 'string') labels[segment.label] = decodePercent(segments[index]!);
  });
  return labels;
}
