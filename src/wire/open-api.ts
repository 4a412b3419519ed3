import { API_SERVICES, isOffered } from './api-route.ts';
import { type Member, modelOf, type OperationModel, type Shape, type StructureShape, unbound } from './model.ts';
import type { ServiceId } from './operation.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The API as an OpenAPI 3.1 document, made of the same model data that requests are decoded with. `names`: what is answered. */
export function openApi(names: (service: ServiceId) => ReadonlySet<string>): Schema {
  const schemas: Record<string, Schema> = { Error: ERROR };
  const paths: Record<string, Schema> = {};
  for (const service of API_SERVICES) {
    const answered = names(service);
    for (const operation of offered(service).filter(({ name }) => answered.has(name))) {
      paths[`/api/v1/${service}/${operation.name}`] = { post: describe(operation, schemas) };
    }
  }
  for (const operation of consoleOperations()) {
    const { method, uri } = operation.http!;
    paths[`/api/v1${uri}`] = { ...paths[`/api/v1${uri}`], [method.toLowerCase()]: describeOwn(operation, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tallyline API',
      version: '1',
      description:
        'Every operation of every service as JSON. Sign requests with SigV4 (service `tallyline`), or sign in and send the session cookie with the header `x-tallyline-csrf`. Timestamps of AWS services are seconds since 1970.',
    },
    paths,
    components: {
      schemas,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'tallyline_session' },
        signature: { type: 'http', scheme: 'AWS4-HMAC-SHA256' },
      },
    },
    security: [{ session: [] }, { signature: [] }],
  };
}

const ERROR: Schema = {
  type: 'object',
  required: ['code', 'message'],
  properties: { code: { type: 'string' }, message: { type: 'string' } },
};

function offered(service: ServiceId): OperationModel[] {
  const model = modelOf(service);
  return model.operationNames.map((name) => model.operation(name)!).filter(isOffered);
}

function consoleOperations(): OperationModel[] {
  const model = modelOf('console');
  return model.operationNames.map((name) => model.operation(name)!);
}

function describe(operation: OperationModel, schemas: Record<string, Schema>): Schema {
  const { service, name } = operation;
  const input = structure(unbound(operation.input), service, schemas);
  return {
    operationId: `${service}.${name}`,
    tags: [service],
    requestBody: { required: true, content: json(input) },
    responses: responses(structure(unbound(operation.output), service, schemas)),
  };
}

function describeOwn(operation: OperationModel, schemas: Record<string, Schema>): Schema {
  const { service, name, input, output, isUnsigned, http } = operation;
  const bound = input.members.filter(({ binding }) => binding?.at === 'label' || binding?.at === 'query');
  const body = input.members.filter(({ binding }) => !binding);
  return {
    operationId: `${service}.${name}`,
    tags: [service],
    ...(isUnsigned && { security: [] }),
    ...(bound.length > 0 && { parameters: bound.map((member) => parameter(member, service, schemas)) }),
    ...(http!.method === 'POST' &&
      body.length > 0 && { requestBody: { required: true, content: json(structure(input, service, schemas)) } }),
    responses: responses(structure(output, service, schemas), http!.status),
  };
}

function parameter(member: Member, service: ServiceId, schemas: Record<string, Schema>): Schema {
  const isLabel = member.binding?.at === 'label';
  return {
    name: member.binding?.at === 'query' ? member.binding.name : member.name,
    in: isLabel ? 'path' : 'query',
    required: isLabel || member.isRequired,
    schema: schemaOf(member.shape, service, schemas),
  };
}

function responses(output: Schema, status = 200): Schema {
  const failure = {
    description: 'what is wrong, and what to do',
    content: json({ $ref: '#/components/schemas/Error' }),
  };
  return { [status]: { description: 'done', content: json(output) }, '4XX': failure, '5XX': failure };
}

function json(schema: Schema): Schema {
  return { 'application/json': { schema } };
}

/** A reference; the structure itself goes to `schemas`, once. */
function structure(shape: StructureShape, service: ServiceId, schemas: Record<string, Schema>): Schema {
  const name = `${service}.${shape.name}`;
  if (!schemas[name]) {
    const properties: Record<string, Schema> = {};
    const required = shape.members.filter(({ isRequired }) => isRequired).map((member) => member.name);
    // Known before its members are described: structures refer to themselves.
    schemas[name] = { type: 'object', properties, ...(required.length > 0 && { required }) };
    for (const member of shape.members) properties[member.name] = schemaOf(member.shape, service, schemas);
  }
  return { $ref: `#/components/schemas/${name}` };
}

function schemaOf(shape: Shape, service: ServiceId, schemas: Record<string, Schema>): Schema {
  const { min, max, pattern, values } = shape.constraint ?? {};
  switch (shape.kind) {
    case 'structure':
    case 'union':
      return structure(shape, service, schemas);
    case 'list':
      return { type: 'array', items: schemaOf(shape.element, service, schemas), ...bounds('Items', min, max) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(shape.value, service, schemas) };
    case 'string':
      return {
        type: 'string',
        ...bounds('Length', min, max),
        ...(pattern !== undefined && { pattern }),
        ...(values && { enum: values }),
      };
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
    case 'long':
      return {
        type: 'integer',
        ...(min !== undefined && { minimum: min }),
        ...(max !== undefined && { maximum: max }),
      };
    case 'float':
      return { type: 'number', ...(min !== undefined && { minimum: min }), ...(max !== undefined && { maximum: max }) };
    case 'timestamp':
      return { type: 'number', description: 'seconds since 1970' };
    case 'dateTime':
      return { type: 'string', format: 'date-time' };
    case 'blob':
      return { type: 'string', contentEncoding: 'base64' };
    case 'document':
      return {};
  }
}

function bounds(what: 'Items' | 'Length', min: number | undefined, max: number | undefined): Schema {
  return { ...(min !== undefined && { [`min${what}`]: min }), ...(max !== undefined && { [`max${what}`]: max }) };
}
