import type { Constraint, Member, Shape, StructureShape } from './model.ts';

/** Members that the installed SDK clients do not know yet. */
const NEWER_MEMBERS: ReadonlySet<string> = new Set(['ProductAttributes', 'DimensionKey']);

/** Levels of structures in a sample; deeper optional members are left out. */
const DEPTH_MAX = 3;

/** Texts of which one or another meets each pattern of the models. */
const CANDIDATES = [
  'a',
  'aa',
  'abcdefgh',
  'abcdefghijkl',
  '1',
  '123456',
  '123456789012',
  'A1',
  '/',
  '/a/',
  'v1',
  'a.b-c',
  'us-east-1',
  'p-abcdefgh',
  'us.guardrail.v1:0',
  'o-abcdefghij/r-abcd/x',
  'r-abcd',
  'ou-abcd-abcdefgh',
  'h-abcdefgh',
  'car-abcdefgh',
  'rt-abcdefgh',
  '2026-01-01',
  '2026-01-01T00:00:00Z',
  'x@example.com',
  'https://example.com/x',
  's3://bucket/folder/',
  '01234567-89ab-4def-8123-456789abcdef',
  'arn:aws:iam::123456789012:role/x',
  'arn:aws:iam::123456789012:policy/x',
  'arn:aws:bedrock:us-east-1::foundation-model/a.b-c',
  'arn:aws:bedrock:us-east-1:123456789012:custom-model/imported/abcdefghijkl',
  'arn:aws:bcm-data-exports:us-east-1:123456789012:export/x',
  'arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-4def-8123-456789abcdef',
  'arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/x',
];

/** A value of a structure with every member that can be given one within the model's constraints. */
export function sampleStructure(shape: StructureShape, depth = 0): Record<string, unknown> {
  const members = shape.kind === 'union' ? unionMember(shape) : shape.members;
  const sample: Record<string, unknown> = {};
  for (const member of members) {
    if (NEWER_MEMBERS.has(member.name)) continue;
    if (depth >= DEPTH_MAX && !member.isRequired && shape.kind !== 'union') continue;
    const value = sampleOf(member.shape, depth + 1);
    if (value !== undefined) sample[member.name] = value;
  }
  return sample;
}

/** A scalar where there is one: recursive unions must come to an end. */
function unionMember(shape: StructureShape): Member[] {
  const simple = shape.members.find((member) => !('members' in member.shape) && !('element' in member.shape));
  const leaf = shape.members.find((member) => 'members' in member.shape && member.shape.kind === 'structure');
  return [simple ?? leaf ?? shape.members[0]!];
}

function sampleOf(shape: Shape, depth: number): unknown {
  switch (shape.kind) {
    case 'structure':
    case 'union':
      return sampleStructure(shape, depth);
    case 'list': {
      const element = sampleOf(shape.element, depth);
      if (element === undefined) return undefined;
      return Array.from({ length: Math.max(1, shape.constraint?.min ?? 0) }, () => element);
    }
    case 'map': {
      const key = sampleText(shape.key);
      const value = sampleOf(shape.value, depth);
      return key === undefined || value === undefined ? undefined : { [key]: value };
    }
    case 'string':
      return sampleText(shape.constraint);
    case 'boolean':
      return true;
    case 'integer':
    case 'long':
      return Math.max(shape.constraint?.min ?? 0, Math.min(7, shape.constraint?.max ?? 7));
    case 'float':
      return Math.max(shape.constraint?.min ?? 0, Math.min(0.5, shape.constraint?.max ?? 0.5));
    case 'timestamp':
    case 'dateTime':
      return new Date('2026-05-01T12:00:00Z');
    case 'blob':
      return Buffer.from('blob <&> \u00e4');
    case 'document':
      return { text: 'x', list: [1, null, { deep: true }], nothing: null };
  }
}

/** Undefined where no candidate meets the constraint. */
function sampleText(constraint: Constraint = {}): string | undefined {
  const { min = 0, pattern = '', values } = constraint;
  if (values) return values[0];
  const resource = /:\[0-9\]\{12\}:([a-z-]+)\//.exec(pattern)?.[1];
  const arn = `arn:aws:bedrock:us-east-1:123456789012:${resource}/abcdefghijkl`;
  const candidates = [...CANDIDATES, arn, ...CANDIDATES.map((text) => text.padEnd(min, text))];
  return candidates.find((text) => meets(constraint, text));
}

function meets({ min = 0, max = Number.POSITIVE_INFINITY, expression }: Constraint, text: string): boolean {
  return text.length >= min && text.length <= max && (expression?.test(text) ?? true);
}
