import fc from 'fast-check';
import type { Constraint, OperationModel, Shape, StructureShape } from '../../src/wire/model.ts';
import { jsonCall, MODEL, queryCall, type RawRequest } from './raw-client.ts';

const ACCOUNT = '123456789012';

/** Texts that some member of some operation takes, and texts that break careless code. */
const TEXTS: readonly string[] = [
  'alice',
  'x',
  '',
  ' ',
  '/',
  '/team/',
  '*',
  'v1',
  '42',
  'true',
  'us-east-1',
  ACCOUNT,
  MODEL,
  `us.${MODEL}`,
  `arn:aws:iam::${ACCOUNT}:user/alice`,
  `arn:aws:iam::${ACCOUNT}:role/alice`,
  `arn:aws:iam::${ACCOUNT}:policy/alice`,
  'arn:aws:iam::aws:policy/AdministratorAccess',
  `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${MODEL}`,
  `arn:aws:bcm-data-exports:us-east-1:${ACCOUNT}:export/alice-0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f`,
  'AKIAIOSFODNN7EXAMPLE',
  '2026-11',
  '2026-11-01',
  '2026-11-31',
  '0000-00-00',
  '9999-12-31',
  '2026-11-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}}',
  '{"Statement":null}',
  '[]',
  'SELECT line_item_unblended_cost FROM COST_AND_USAGE_REPORT',
  "'; DROP TABLE usage_event; --",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
  '${aws:username}',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'a\u0000b',
  'a\r\nb: c',
  '\ud800',
  '\u{1f4b8}'.repeat(40),
  'A'.repeat(3_000),
  '%00%ff',
  '<a>&amp;</a>',
];

const NUMBERS = [0, 1, -1, 900, 3_600, 100_000, 2 ** 31 - 1, -(2 ** 31), 2 ** 53, 1.5, 1e300];
const DEPTH_MAX = 4;

/** Inputs for an operation: mostly what its model allows, so that they get past it, with here and there what it does not. */
export function hostileInput(operation: OperationModel): fc.Arbitrary<Record<string, unknown>> {
  return structure(operation.input, 0);
}

function structure(shape: StructureShape, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const members = depth > DEPTH_MAX ? shape.members.filter(({ isRequired }) => isRequired) : shape.members;
  if (shape.kind === 'union' && members.length > 0) {
    return fc.oneof(...members.map((member) => value(member.shape, depth + 1).map((one) => ({ [member.name]: one }))));
  }
  const requiredKeys = members.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const model = Object.fromEntries(members.map((member) => [member.name, value(member.shape, depth + 1)]));
  return fc.oneof(
    { weight: 12, arbitrary: fc.record(model, { requiredKeys }) },
    { weight: 1, arbitrary: fc.constant({}) },
  );
}

function value(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'structure':
    case 'union':
      return depth > 2 * DEPTH_MAX ? fc.constant({}) : structure(shape, depth);
    case 'list':
      return fc.array(value(shape.element, depth + 1), { minLength: shape.constraint?.min ?? 0, maxLength: 3 });
    case 'map':
      return fc.dictionary(fc.constantFrom(...fitting(shape.key)), value(shape.value, depth + 1), { maxKeys: 3 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'long':
    case 'float':
      return mostly(
        NUMBERS.filter((number) => isWithin(number, shape.constraint)),
        NUMBERS,
      );
    case 'timestamp':
    case 'dateTime':
      return fc.constantFrom<unknown>('2026-11-01T00:00:00Z', 0, 1e12, -1e14, '9999-12-31T23:59:59Z');
    case 'blob':
      return fc.constantFrom('', 'e30=', 'AAAA', Buffer.from('{"messages":[]}').toString('base64'));
    case 'document':
      return fc.oneof(
        fc.jsonValue({ maxDepth: 3 }),
        fc.constant(JSON.parse('{"__proto__":{"and":[]},"key":{"tag":"a"},"equalsAny":["b"]}')),
      );
    case 'string':
      return mostly(fitting(shape.constraint), TEXTS);
  }
}

function mostly<T>(fit: readonly T[], all: readonly T[]): fc.Arbitrary<T> {
  const any = fc.constantFrom(...all);
  return fit.length === 0
    ? any
    : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...fit) }, { weight: 1, arbitrary: any });
}

function fitting(constraint: Constraint | undefined): string[] {
  if (constraint?.values) return [...constraint.values];
  const texts = [...TEXTS, 'a'.repeat(Math.min(constraint?.max ?? 1, 10_000))];
  return texts.filter((text) => isWithin(text.length, constraint) && (constraint?.expression?.test(text) ?? true));
}

function isWithin(size: number, constraint: Constraint | undefined): boolean {
  return size >= (constraint?.min ?? -Infinity) && size <= (constraint?.max ?? Infinity);
}

/** The request that carries an input, in the operation's protocol. */
export function requestOf(
  operation: OperationModel,
  version: string,
  target: string,
  input: Record<string, unknown>,
): RawRequest {
  if (operation.protocol === 'awsJson') return jsonCall(`${target}.${operation.name}`, input);
  if (operation.protocol === 'awsQuery')
    return queryCall(operation.name, version, Object.fromEntries(fieldsOf(input, '')));
  let path = operation.http!.uri;
  const query: string[] = [];
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const body: Record<string, unknown> = {};
  let payload: string | undefined;
  for (const { name, binding } of operation.input.members) {
    const member = input[name];
    if (member === undefined) continue;
    if (binding?.at === 'label') path = path.replace(`{${name}}`, encodeURIComponent(wellFormed(member)));
    else if (binding?.at === 'query') query.push(`${binding.name}=${encodeURIComponent(wellFormed(member))}`);
    else if (binding?.at === 'header') headers[binding.name] = encodeURIComponent(wellFormed(member));
    else if (binding?.at === 'payload') payload = typeof member === 'string' ? member : JSON.stringify(member);
    else body[name] = member;
  }
  return {
    method: operation.http!.method,
    path,
    query: query.join('&'),
    headers,
    body: payload ?? JSON.stringify(body),
  };
}

function wellFormed(value: unknown): string {
  return String(value).toWellFormed();
}

function* fieldsOf(value: unknown, name: string): Generator<[name: string, text: string]> {
  const inner = (part: string) => (name === '' ? part : `${name}.${part}`);
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) yield* fieldsOf(element, `${name}.member.${index + 1}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [part, member] of Object.entries(value)) yield* fieldsOf(member, inner(part));
  } else yield [name, wellFormed(value)];
}
