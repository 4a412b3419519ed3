import type { WireRequest } from './exchange.ts';
import { modelOf, type OperationModel } from './model.ts';
import type { Operation, ServiceId } from './operation.ts';
import { SERVICES, type Service } from './service.ts';

const PREFIX = '/api/v1/';

/** Services whose operations the API offers as JSON. Those of other vendors have front doors in these vendors' words. */
export const API_SERVICES: readonly ServiceId[] = [
  'iam',
  'sts',
  'organizations',
  'bedrock',
  'bedrock-runtime',
  'ce',
  'bcm-data-exports',
  'budgets',
  'cloudtrail',
  'tallyline',
];

const OFFERED: ReadonlySet<string> = new Set(API_SERVICES);

export function isApiPath({ path }: WireRequest): boolean {
  return path.startsWith(PREFIX);
}

/** The service that `/api/v1/<service>/...` names; undefined for the console's own paths. */
export function serviceOfApiPath({ path }: WireRequest): Service | undefined {
  const [service = '', operation] = path.slice(PREFIX.length).split('/');
  return operation !== undefined && OFFERED.has(service) ? SERVICES[service as ServiceId] : undefined;
}

/** The operation that `POST /api/v1/<service>/<Operation>` names, with the API's protocol; undefined where there is none. */
export function apiOperation(request: WireRequest): Operation | undefined {
  const service = request.method === 'POST' ? serviceOfApiPath(request) : undefined;
  const [, name = '', ...rest] = request.path.slice(PREFIX.length).split('/');
  const model = service && rest.length === 0 ? modelOf(service.id).operation(name) : undefined;
  return model && isOffered(model) ? { ...model, protocol: 'apiJson' } : undefined;
}

/** One that needs who calls, and answers with one document: streams have their own protocols. */
export function isOffered({ isUnsigned, input, output }: OperationModel): boolean {
  const streams = [...input.members, ...output.members].some(
    ({ binding, shape }) => binding?.at === 'payload' && shape.kind === 'union',
  );
  return !isUnsigned && !streams;
}
