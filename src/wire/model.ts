import { readFileSync } from 'node:fs';
import { oncePer } from '../kernel/once-per.ts';
import type { Operation, ServiceId } from './operation.ts';
import { SERVICES, type Service } from './service.ts';

/**
 * `timestamp` has the protocol's own format, `dateTime` is ISO 8601 everywhere. `integer` is 32-bit. `document` is any
 * JSON, passed through untouched.
 */
export type ScalarKind =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'long'
  | 'float'
  | 'timestamp'
  | 'dateTime'
  | 'blob'
  | 'document';

/** The largest `integer`. */
export const INTEGER_MAX = 2 ** 31 - 1;

/** Bounds of a value: of its length for strings, blobs, lists and maps, else of the number itself. */
export interface Constraint {
  readonly min?: number;
  readonly max?: number;
  /** As AWS prints it. */
  readonly pattern?: string;
  /** What is run for `pattern`; absent where the pattern matches every text. */
  readonly expression?: RegExp;
  readonly values?: readonly string[];
}

interface Value {
  readonly constraint?: Constraint;
  /** Never shown in an error. */
  readonly isSensitive: boolean;
}

export interface ScalarShape extends Value {
  readonly kind: ScalarKind;
}

export interface ListShape extends Value {
  readonly kind: 'list';
  readonly element: Shape;
}

export interface MapShape extends Value {
  readonly kind: 'map';
  readonly key?: Constraint;
  readonly value: Shape;
}

export interface StructureShape extends Value {
  readonly kind: 'structure' | 'union';
  readonly name: string;
  readonly members: readonly Member[];
  readonly memberByName: ReadonlyMap<string, Member>;
}

export type Shape = ScalarShape | ListShape | MapShape | StructureShape;

export interface Member {
  readonly name: string;
  /** The name as validation errors print it: first letter in lower case. */
  readonly printedName: string;
  readonly shape: Shape;
  readonly isRequired: boolean;
  /** Where restJson carries it; absent: in the body. */
  readonly binding?: Binding;
}

export type Binding =
  | { readonly at: 'label' | 'payload' }
  | { readonly at: 'query'; readonly name: string }
  /** `name` in lower case. */
  | { readonly at: 'header'; readonly name: string };

/** An operation with everything its codec needs. */
export interface OperationModel extends Operation {
  readonly input: StructureShape;
  readonly output: StructureShape;
  readonly http?: HttpTrait;
}

export interface HttpTrait {
  readonly method: string;
  /** `/model/{modelId}/converse`. */
  readonly uri: string;
  readonly status: number;
}

/** A modelled error. */
export interface ErrorModel {
  /** Absent: the service's data does not say. */
  readonly status?: number;
  /** Code on the query protocol. */
  readonly queryCode?: string;
  /** Absent: a message and nothing else. */
  readonly shape?: StructureShape;
}

/** The JSON in `model/`; see the README there. */
interface ModelData {
  readonly operations: Readonly<Record<string, OperationData>>;
  readonly errors: Readonly<Record<string, { readonly status?: number; readonly queryCode?: string }>>;
  readonly shapes: Readonly<Record<string, StructureData>>;
}

interface OperationData {
  readonly input: string;
  readonly output: string;
  readonly http?: readonly [method: string, uri: string, status: number];
  readonly unsigned?: true;
}

interface StructureData {
  readonly union?: true;
  readonly sensitive?: true;
  readonly required?: readonly string[];
  readonly members: Readonly<Record<string, Reference>>;
}

/** A kind or a structure's name, alone or with what is said about this use of it. */
type Reference = string | ReferenceData;

interface ReferenceData extends ConstraintData {
  readonly type?: string;
  readonly list?: Reference;
  readonly map?: Reference;
  readonly key?: ConstraintData;
  readonly sensitive?: true;
  readonly label?: true;
  readonly payload?: true;
  readonly query?: string;
  readonly header?: string;
}

interface ConstraintData {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  /** Our equivalent where `pattern` is not valid here or can be made to run for ages. */
  readonly expression?: string;
  readonly enum?: readonly string[];
}

/** Values by `Structure.member`. */
type EnumValues = Readonly<Record<string, readonly string[]>>;

const SCALARS: ReadonlySet<string> = new Set<ScalarKind>([
  'string',
  'boolean',
  'integer',
  'long',
  'float',
  'timestamp',
  'dateTime',
  'blob',
  'document',
]);

const MATCHES_EVERYTHING: ReadonlySet<string> = new Set(['[\\s\\S]*', '[\\S\\s]*']);

const models = new Map<ServiceId, ServiceModel>();
const extendedModels = new Map<ServiceId, ServiceModel>();

/** The compiled model of a service; its data is read on first use and kept. */
export function modelOf(id: ServiceId): ServiceModel {
  let model = models.get(id);
  if (!model) {
    model = new ServiceModel(SERVICES[id], readData(id));
    models.set(id, model);
  }
  return model;
}

/** The model with what Tallyline adds to it; the service's own where that is nothing. */
function extendedModelOf(id: ServiceId): ServiceModel {
  if (!SERVICES[id].hasExtensions) return modelOf(id);
  let model = extendedModels.get(id);
  if (!model) {
    model = new ServiceModel(SERVICES[id], readData(id), readData(`${id}-extensions`));
    extendedModels.set(id, model);
  }
  return model;
}

function readData<Data>(name: string): Data {
  return JSON.parse(readFileSync(new URL(`./model/${name}.json`, import.meta.url), 'utf8')) as Data;
}

/** The model behind an operation that `route` or `modelOf` returned. */
export function operationModel(operation: Operation, isExtended = false): OperationModel {
  const { service, name } = operation;
  const model = (isExtended ? extendedModelOf(service) : modelOf(service)).operation(name);
  if (!model) throw new Error(`no operation ${operation.name} in the model of ${operation.service}`);
  return model;
}

/** The structure with every member in the body, wherever its own protocol carries it. */
export const unbound = oncePer((shape: StructureShape): StructureShape => {
  const members = shape.members.map(({ binding: _, ...member }) => member);
  return { ...shape, members, memberByName: new Map(members.map((member) => [member.name, member])) };
});

/** Compiles operations, errors and shapes when they are first asked for. */
export class ServiceModel {
  readonly service: Service;
  readonly #operationData: ReadonlyMap<string, OperationData>;
  readonly #errorData: ReadonlyMap<string, ModelData['errors'][string]>;
  readonly #shapeData: ModelData['shapes'];
  readonly #moreValues: EnumValues;
  readonly #operations = new Map<string, OperationModel>();
  readonly #structures = new Map<string, StructureShape>();

  constructor(service: Service, data: ModelData, moreValues: EnumValues = {}) {
    this.service = service;
    this.#moreValues = moreValues;
    this.#operationData = new Map(Object.entries(data.operations));
    this.#errorData = new Map(Object.entries(data.errors));
    this.#shapeData = data.shapes;
  }

  get operationNames(): readonly string[] {
    return [...this.#operationData.keys()];
  }

  get errorNames(): readonly string[] {
    return [...this.#errorData.keys()];
  }

  operation(name: string): OperationModel | undefined {
    const known = this.#operations.get(name);
    if (known) return known;
    const data = this.#operationData.get(name);
    if (!data) return undefined;
    const http = this.httpOf(name);
    const operation: OperationModel = {
      service: this.service.id,
      name,
      protocol: this.service.protocol,
      isUnsigned: data.unsigned === true,
      input: this.#structure(data.input),
      output: this.#structure(data.output),
      ...(http && { http }),
    };
    this.#operations.set(name, operation);
    return operation;
  }

  /** Known without compiling the operation: routing reads it of all operations. */
  httpOf(name: string): HttpTrait | undefined {
    const http = this.#operationData.get(name)?.http;
    return http && { method: http[0], uri: http[1], status: http[2] };
  }

  error(name: string): ErrorModel | undefined {
    const data = this.#errorData.get(name);
    return data && { ...data, ...(this.#shapeData[name] && { shape: this.#structure(name) }) };
  }

  #structure(name: string): StructureShape {
    const known = this.#structures.get(name);
    if (known) return known;
    const data = this.#shapeData[name];
    if (!data) throw new Error(`no shape ${name} in the model of ${this.service.id}`);
    const members: Member[] = [];
    const memberByName = new Map<string, Member>();
    const shape: StructureShape = {
      kind: data.union ? 'union' : 'structure',
      name,
      isSensitive: data.sensitive === true,
      members,
      memberByName,
    };
    // Known before its members are compiled: structures refer to themselves.
    this.#structures.set(name, shape);
    const required = new Set(data.required);
    for (const [memberName, reference] of Object.entries(data.members)) {
      const binding = bindingOf(reference);
      const member: Member = {
        name: memberName,
        printedName: `${memberName.charAt(0).toLowerCase()}${memberName.slice(1)}`,
        shape: this.#shape(reference, `${name}.${memberName}`),
        isRequired: required.has(memberName),
        ...(binding && { binding }),
      };
      members.push(member);
      memberByName.set(memberName, member);
    }
    return shape;
  }

  #shape(reference: Reference, path: string): Shape {
    const data = typeof reference === 'string' ? { type: reference } : reference;
    const constraint = constraintOf(data, this.#enumOf(data, path));
    const value = { isSensitive: data.sensitive === true, ...(constraint && { constraint }) };
    if (data.list) return { kind: 'list', element: this.#shape(data.list, path), ...value };
    if (data.map) {
      const key = data.key && constraintOf(data.key, this.#enumOf(data.key, path));
      return { kind: 'map', value: this.#shape(data.map, path), ...(key && { key }), ...value };
    }
    const type = data.type!;
    return SCALARS.has(type) ? { kind: type as ScalarKind, ...value } : this.#structure(type);
  }

  /** The values that are taken; undefined where any is. */
  #enumOf(data: ConstraintData, path: string): readonly string[] | undefined {
    const isChecked = this.service.validation.checkedEnums?.includes(path) ?? true;
    return isChecked && data.enum ? [...data.enum, ...(this.#moreValues[path] ?? [])] : undefined;
  }
}

function bindingOf(reference: Reference): Binding | undefined {
  if (typeof reference === 'string') return undefined;
  if (reference.label) return { at: 'label' };
  if (reference.payload) return { at: 'payload' };
  if (reference.query) return { at: 'query', name: reference.query };
  if (reference.header) return { at: 'header', name: reference.header.toLowerCase() };
  return undefined;
}

function constraintOf(data: ConstraintData, values: readonly string[] | undefined): Constraint | undefined {
  const { min, max, pattern, expression = pattern } = data;
  const constraint: Constraint = {
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(pattern && { pattern }),
    ...(expression && !MATCHES_EVERYTHING.has(expression) && { expression: new RegExp(`^(?:${expression})$`, 'u') }),
    ...(values && { values }),
  };
  return Object.keys(constraint).length > 0 ? constraint : undefined;
}
