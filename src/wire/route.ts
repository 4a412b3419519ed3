import { BoundedMemo } from '../kernel/bounded-memo.ts';
import { Fault } from '../kernel/fault.ts';
import { apiOperation, isApiPath, serviceOfApiPath } from './api-route.ts';
import type { WireRequest } from './exchange.ts';
import { formOf, isQueryProtocol } from './form.ts';
import { modelOf } from './model.ts';
import type { Dialect, Routed } from './operation.ts';
import { findRoute, routeKey, serviceOfPath } from './route/rest-route.ts';
import { SERVICE_BY_TARGET, SERVICE_BY_VERSION, SERVICES, type Service } from './service.ts';

const NO_LABELS: Readonly<Record<string, string>> = {};
const NO_FORM: ReadonlyMap<string, string> = new Map();

/** A service is asked for the same few models again and again. UTF-16 code units of all paths together. */
const restRoutes = new BoundedMemo<Routed>(200_000);

/** Characters of an unknown operation's name or version that are repeated in the error. */
const ECHOED_CHARACTERS_MAX = 256;

/** How a request's errors are to be worded. Never throws, whatever the request is. */
export function dialectOf(request: WireRequest): Dialect {
  if (isApiPath(request)) return dialect('apiJson', serviceOfApiPath(request) ?? SERVICES.console);
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return { ...dialect('awsJson', serviceOfTarget(target)), ...jsonVersionOf(request) };
  if (isQueryProtocol(request)) return dialect('awsQuery', serviceOfForm(request));
  return dialect('restJson', findRoute(request)?.service ?? serviceOfPath(request));
}

/**
 * Finds the operation that a request names: by a path of the API, by `X-Amz-Target`, by `Action` and `Version`, or by method
 * and path.
 * Throws UnknownOperationException, in AWS's words, when there is none.
 */
export function route(request: WireRequest): Routed {
  if (isApiPath(request)) return routeApi(request);
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return routeTarget(request, target);
  if (isQueryProtocol(request)) return routeForm(request);
  return restRoutes.get(routeKey(request), () => routePath(request));
}

/** The console's own paths are not named after a service. */
function routeApi(request: WireRequest): Routed {
  const operation = apiOperation(request);
  if (operation) return { operation, labels: NO_LABELS, form: NO_FORM };
  return restRoutes.get(routeKey(request), () => routePath(request));
}

function routePath(request: WireRequest): Routed {
  const found = findRoute(request);
  if (!found) throw new Fault('UnknownOperationException', '');
  const operation = modelOf(found.service.id).operation(found.operationName)!;
  return { operation, labels: found.readLabels(), form: NO_FORM };
}

function routeTarget(request: WireRequest, target: string): Routed {
  const service = request.method === 'POST' ? serviceOfTarget(target) : undefined;
  const operation = service && modelOf(service.id).operation(target.slice(target.lastIndexOf('.') + 1));
  if (!operation) throw new Fault('UnknownOperationException', '');
  return { operation: { ...operation, ...jsonVersionOf(request) }, labels: NO_LABELS, form: NO_FORM };
}

/** AWS JSON 1.0 and 1.1 differ in nothing but their name, so a client of either is answered in its own. */
function jsonVersionOf(request: WireRequest): Pick<Dialect, 'jsonVersion'> {
  return request.headers['content-type']?.startsWith('application/x-amz-json-1.0') ? { jsonVersion: '1.0' } : {};
}

function routeForm(request: WireRequest): Routed {
  const form = formOf(request);
  const action = form.get('Action') ?? '';
  const version = form.get('Version') ?? 'NO_VERSION_SPECIFIED';
  const service = SERVICE_BY_VERSION.get(version);
  const operation = service && modelOf(service.id).operation(action);
  if (!operation) {
    const [name, dated] = [action, version].map((text) => text.slice(0, ECHOED_CHARACTERS_MAX));
    throw new Fault('UnknownOperationException', `Could not find operation ${name} for version ${dated}`);
  }
  return { operation, labels: NO_LABELS, form };
}

function serviceOfTarget(target: string): Service | undefined {
  return SERVICE_BY_TARGET.get(target.slice(0, Math.max(0, target.lastIndexOf('.'))));
}

function serviceOfForm(request: WireRequest): Service | undefined {
  try {
    return SERVICE_BY_VERSION.get(formOf(request).get('Version') ?? '');
  } catch {
    return undefined;
  }
}

function dialect(protocol: Dialect['protocol'], service: Service | undefined): Dialect {
  return service ? { protocol, service: service.id } : { protocol };
}
