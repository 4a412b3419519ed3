import * as bcmDataExports from '@aws-sdk/client-bcm-data-exports';
import * as bedrock from '@aws-sdk/client-bedrock';
import * as bedrockAgentRuntime from '@aws-sdk/client-bedrock-agent-runtime';
import * as bedrockRuntime from '@aws-sdk/client-bedrock-runtime';
import * as budgets from '@aws-sdk/client-budgets';
import * as costExplorer from '@aws-sdk/client-cost-explorer';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { type Binding, modelOf, type Shape, type StructureShape } from '../src/wire/model.ts';
import type { ServiceId } from '../src/wire/operation.ts';

/*
 * The SDK's public schemas are arrays: [kind, namespace, name, traits, ...]. A reference is a schema, a number for a simple
 * kind, a function that returns one, or a pair of a reference and traits. Traits are a bit mask or an object.
 */
type Schema = readonly unknown[];
type Traits = Readonly<Record<string, unknown>>;

const OPERATION = 9;
const STRUCTURE = 3;
const UNION = 4;
const LIST = 1;
const MAP = 2;
const NAMED_SIMPLE = 0;
const ERROR = -3;
const MASK = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
];
const LIST_OF = 64;
const MAP_OF = 128;

const KINDS: Readonly<Record<number, readonly string[]>> = {
  0: ['string'],
  1: ['integer', 'long', 'float'],
  2: ['boolean'],
  4: ['timestamp'],
  5: ['dateTime'],
  15: ['document'],
  21: ['blob'],
  42: ['blob'],
};

const SDK: readonly [ServiceId, Readonly<Record<string, unknown>>][] = [
  ['sts', sts],
  ['iam', iam],
  ['ce', costExplorer],
  ['budgets', budgets],
  ['bcm-data-exports', bcmDataExports],
  ['bedrock', bedrock],
  ['bedrock-runtime', bedrockRuntime],
  ['bedrock-agent-runtime', bedrockAgentRuntime],
];

/* The only differences that are allowed. */

/** This client is older than the others: its schemas do not say which members are required, so botocore did. */
const WITHOUT_REQUIRED: readonly ServiceId[] = ['bcm-data-exports'];
/** Members that AWS's service has and the installed client is too old to know; botocore 1.43 knows the first. */
const NEWER_MEMBERS: readonly string[] = ['S3BucketOwner', 'ProductAttributes', 'DimensionKey'];
/** Services of which some operations are answered; of all others the data has every one. */
const PARTS: Readonly<Partial<Record<ServiceId, readonly string[]>>> = {
  'bedrock-agent-runtime': ['Rerank', 'Retrieve', 'RetrieveAndGenerate', 'RetrieveAndGenerateStream'],
};
/** Members stand in the order in which STS itself answers, which is not the schema's. */
const REORDERED: readonly string[] = ['AssumeRoleResponse', 'GetCallerIdentityResponse'];

for (const [service, sdk] of SDK) {
  describe(service, () => {
    const model = modelOf(service);
    const schemas = Object.entries(sdk)
      .filter(([name, value]) => name.endsWith('$') && Array.isArray(value))
      .map(([, value]) => value as Schema);
    const operations = schemas.filter(([kind, , name]) => {
      return kind === OPERATION && (PARTS[service]?.includes(name as string) ?? true);
    });
    // The base class of a client's errors is a schema too, but no error of the service.
    const errors = schemas.filter(([kind, , name]) => kind === ERROR && !String(name).endsWith('ServiceException'));

    it('has the operations of the SDK', () => {
      expect([...model.operationNames].sort()).toEqual(operations.map(([, , name]) => name).sort());
    });

    it('has its shapes, members, required members and bindings', () => {
      const differences = operations.flatMap(([, , name, traits, input, output]) => {
        const operation = model.operation(name as string)!;
        const { http } = traitsOf(traits);
        const seen = new Set<string>();
        return [
          ...(JSON.stringify(http) === JSON.stringify(operation.http && Object.values(operation.http))
            ? []
            : [`${name}: http`]),
          ...compare(input, operation.input, `${name}.input`, seen, !WITHOUT_REQUIRED.includes(service)),
          ...compare(output, operation.output, `${name}.output`, seen, !WITHOUT_REQUIRED.includes(service)),
        ];
      });
      expect(differences).toEqual([]);
    });

    it('has its errors, with status and code', () => {
      expect([...model.errorNames].sort()).toEqual(errors.map(([, , name]) => name).sort());
      for (const [, , name, traits, members] of errors) {
        const { httpError, awsQueryError } = traitsOf(traits);
        const [queryCode, queryStatus] = (awsQueryError ?? []) as [string?, number?];
        const error = model.error(name as string)!;
        expect([name, error.status, error.queryCode]).toEqual([name, queryStatus ?? httpError, queryCode]);
        expect(error.shape?.members.map((member) => member.name)).toEqual(members);
      }
    });
  });
}

/** Where a shape of the model is not what the SDK's schema says, as sentences. */
function compare(
  reference: unknown,
  shape: Shape,
  path: string,
  seen: Set<string>,
  comparesRequired: boolean,
): string[] {
  const { schema, traits } = resolve(reference);
  const differences = traits.sensitive && !shape.isSensitive ? [`${path}: sensitive`] : [];
  if (typeof schema === 'number' && schema >= LIST_OF) {
    const kind = schema >= MAP_OF ? 'map' : 'list';
    if (shape.kind !== kind) return [`${path}: ${shape.kind} is a ${kind}`];
    const element = shape.kind === 'map' ? shape.value : (shape as Extract<Shape, { kind: 'list' }>).element;
    return compare(schema & (LIST_OF - 1), element, `${path}[]`, seen, comparesRequired);
  }
  if (typeof schema === 'number') {
    return KINDS[schema]?.includes(shape.kind)
      ? differences
      : [...differences, `${path}: ${shape.kind} is of kind ${schema}`];
  }
  const [kind, , , , first, second] = schema as Schema;
  switch (kind) {
    case LIST:
      if (shape.kind !== 'list') return [`${path}: ${shape.kind} is a list`];
      return [...differences, ...compare(first, shape.element, `${path}[]`, seen, comparesRequired)];
    case MAP:
      if (shape.kind !== 'map') return [`${path}: ${shape.kind} is a map`];
      return [...differences, ...compare(second, shape.value, `${path}{}`, seen, comparesRequired)];
    default:
      return [...differences, ...compareStructure(schema as Schema, shape, path, seen, comparesRequired)];
  }
}

function compareStructure(
  schema: Schema,
  shape: Shape,
  path: string,
  seen: Set<string>,
  comparesRequired: boolean,
): string[] {
  const [kind, , name, , names = [], references = [], requiredCount = 0] = schema as [
    number,
    string,
    string,
    unknown,
    string[]?,
    unknown[]?,
    number?,
  ];
  if (shape.kind !== (kind === UNION ? 'union' : 'structure')) return [`${path}: ${shape.kind} is ${name}`];
  const structure = shape as StructureShape;
  if (seen.has(name)) return [];
  seen.add(name);
  if (structure.name !== name) return [`${path}: ${structure.name} is ${name}`];
  const modelled = structure.members
    .map((member) => member.name)
    .filter((member) => !NEWER_MEMBERS.includes(member) || names.includes(member));
  if (REORDERED.includes(name)) modelled.sort((a, b) => names.indexOf(a) - names.indexOf(b));
  if (JSON.stringify(modelled) !== JSON.stringify(names)) return [`${name}: members`];
  return names.flatMap((memberName, index) => {
    const member = structure.memberByName.get(memberName)!;
    const reference = references[index];
    const isRequired = index < requiredCount;
    return [
      ...(comparesRequired && kind === STRUCTURE && member.isRequired !== isRequired
        ? [`${name}.${member.name}: required`]
        : []),
      ...(JSON.stringify(member.binding) === JSON.stringify(bindingOf(reference))
        ? []
        : [`${name}.${member.name}: binding`]),
      ...compare(reference, member.shape, `${name}.${member.name}`, seen, comparesRequired),
    ];
  });
}

function bindingOf(reference: unknown): Binding | undefined {
  const { httpLabel, httpPayload, httpQuery, httpHeader } = resolve(reference).traits;
  if (httpLabel) return { at: 'label' };
  if (httpPayload) return { at: 'payload' };
  if (httpQuery) return { at: 'query', name: httpQuery as string };
  return httpHeader ? { at: 'header', name: (httpHeader as string).toLowerCase() } : undefined;
}

/** Follows functions, pairs and named simple schemas, and gathers the traits on the way. */
function resolve(reference: unknown): { readonly schema: unknown; readonly traits: Traits } {
  let traits: Traits = {};
  let current = reference;
  for (;;) {
    if (typeof current === 'function') current = current();
    else if (current === 'unit') return { schema: [STRUCTURE, '', 'Unit', 0, [], []], traits };
    else if (Array.isArray(current) && current.length === 2) {
      traits = { ...traitsOf(current[1]), ...traits };
      current = current[0];
    } else if (Array.isArray(current) && current[0] === NAMED_SIMPLE) {
      traits = { ...traitsOf(current[3]), ...traits };
      current = current[4];
    } else {
      return { schema: current, traits: Array.isArray(current) ? { ...traitsOf(current[3]), ...traits } : traits };
    }
  }
}

function traitsOf(traits: unknown): Traits {
  if (typeof traits === 'object' && traits !== null) return traits as Traits;
  return Object.fromEntries(MASK.filter((_, bit) => ((traits as number) >> bit) & 1).map((name) => [name, 1]));
}
