import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ContextInFile,
  callerNamed,
  contextOf,
  DECISION_FILES,
  FACTS,
  type PoliciesInFile,
  policySetOf,
  readCases,
} from '../../test/vectors/policy/vectors.ts';
import { authorize, type Decision } from './authorize.ts';
import { globalContext } from './context.ts';

interface DecisionCase {
  readonly name: string;
  readonly policies: PoliciesInFile;
  readonly request: {
    readonly caller: string;
    readonly action: string;
    readonly resource: string;
    readonly context?: ContextInFile;
  };
  readonly expected: Pick<Decision, 'reason'> & Partial<Pick<Decision, 'layer'>> & { readonly decidedBy?: string[] };
}

describe.each(DECISION_FILES)('%s', (fileName) => {
  test.each(readCases<DecisionCase>(fileName))('$name', ({ policies, request, expected }) => {
    const caller = callerNamed(request.caller);
    const context = contextOf(caller, request.context);
    const decision = authorize({ ...request, caller, context }, policySetOf(policies));
    expect(decision.reason).toBe(expected.reason);
    expect(decision.allowed).toBe(expected.reason === 'allowed');
    if (expected.layer) expect(decision.layer).toBe(expected.layer);
    if (expected.decidedBy)
      expect(decision.decidedBy.map(({ statementId }) => statementId)).toEqual(expected.decidedBy);
  });
});

test('a decision names the policies of the statements that decided', () => {
  const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
  const policies = policySetOf({
    identity: [{ Statement: allow }, { Statement: allow }],
    boundary: { Statement: allow },
  });
  const { decidedBy } = authorize(REQUEST, policies);
  expect(decidedBy).toEqual([
    { policyId: 'identity 1', statementId: 'statement 1', statementIndex: 0, effect: 'Allow' },
    { policyId: 'identity 2', statementId: 'statement 1', statementIndex: 0, effect: 'Allow' },
    { policyId: 'boundary', statementId: 'statement 1', statementIndex: 0, effect: 'Allow' },
  ]);
});

test('a pattern full of wildcards is answered at once', () => {
  const resource = `arn:aws:s3:::${'a'.repeat(100_000)}`;
  const statement = { Effect: 'Allow', Action: '*', Resource: `arn:aws:s3:::${'*a'.repeat(10_000)}b` };
  const policies = policySetOf({ identity: [{ Statement: statement }] });
  expect(authorize({ ...REQUEST, resource }, policies).reason).toBe('implicitDeny');
});

const CALLER = callerNamed('role-session');
const REQUEST = {
  caller: CALLER,
  action: 'bedrock:InvokeModel',
  resource: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6',
  context: globalContext(CALLER, FACTS),
};

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string;
  readonly Resource: string;
  readonly Condition: object;
}

/** Statements of which about half match the request. */
const anyStatement: fc.Arbitrary<Statement> = fc.record({
  Effect: fc.constantFrom('Allow' as const, 'Allow' as const, 'Deny' as const),
  Action: fc.constantFrom('*', 'bedrock:*', 'bedrock:Invoke*', 'bedrock:InvokeModel', 'bedrock:Get*', 's3:*'),
  Resource: fc.constantFrom('*', 'arn:aws:bedrock:*::foundation-model/*', 'arn:aws:bedrock:*::foundation-model/meta.*'),
  Condition: fc.constantFrom<object>(
    {},
    { StringEquals: { 'aws:PrincipalTag/team': 'red' } },
    { StringEquals: { 'aws:PrincipalTag/team': 'blue' } },
    { Bool: { 'aws:SecureTransport': 'true' } },
  ),
});
const anyStatements = fc.array(anyStatement, { minLength: 1, maxLength: 8 });
const anyLayers = fc.record({
  identity: anyStatements,
  boundary: fc.option(anyStatements, { nil: undefined }),
  session: fc.option(anyStatements, { nil: undefined }),
  serviceControl: fc.option(anyStatements, { nil: undefined }),
});
type Layers = typeof anyLayers extends fc.Arbitrary<infer Value> ? Value : never;

const MATCHING_DENY: Statement = { Effect: 'Deny', Action: 'bedrock:InvokeModel', Resource: '*', Condition: {} };
const UNRELATED: Statement[] = [
  { Effect: 'Deny', Action: 'iam:*', Resource: '*', Condition: {} },
  { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: {} },
  { Effect: 'Deny', Action: '*', Resource: 'arn:aws:s3:::*', Condition: {} },
  { Effect: 'Deny', Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:username': 'nobody' } } },
];

const document = (Statement: readonly Statement[]) => ({ Version: '2012-10-17', Statement });

const NO_LAYERS = { boundary: undefined, session: undefined, serviceControl: undefined };

function decide(layers: Layers): Decision {
  const { identity, boundary, session, serviceControl } = layers;
  const policies = policySetOf({
    identity: [document(identity)],
    ...(boundary && { boundary: document(boundary) }),
    ...(session && { session: [document(session)] }),
    ...(serviceControl && { serviceControl: [[document(serviceControl)]] }),
  });
  return authorize(REQUEST, policies);
}

const anyLayerName = fc.constantFrom(
  'identity' as const,
  'boundary' as const,
  'session' as const,
  'serviceControl' as const,
);
const anyIndex = fc.nat({ max: 8 });

/** The layers with a statement put into one of them; a layer that is absent stays absent. */
function insert(layers: Layers, name: keyof Layers, index: number, statement: Statement): Layers {
  const statements = layers[name];
  return statements ? { ...layers, [name]: statements.toSpliced(index, 0, statement) } : layers;
}

describe('for any policies', () => {
  const SEED = { seed: 20_261, numRuns: 500 };

  test('a matching Deny wins wherever it stands', () => {
    const property = fc.property(anyLayers, anyLayerName, anyIndex, (layers, name, index) => {
      const denied = insert({ ...layers, [name]: layers[name] ?? [] }, name, index, MATCHING_DENY);
      expect(decide(denied).reason).toBe('explicitDeny');
    });
    fc.assert(property, SEED);
  });

  test('the order of statements never matters', () => {
    const property = fc.property(anyLayers, fc.integer(), (layers, rotation) => {
      const turn = (statements: readonly Statement[] | undefined) => {
        if (!statements) return undefined;
        const at = Math.abs(rotation % statements.length);
        return [...statements.slice(at), ...statements.slice(0, at)].reverse();
      };
      const { identity, boundary, session, serviceControl } = layers;
      const turned = decide({
        identity: turn(identity)!,
        boundary: turn(boundary),
        session: turn(session),
        serviceControl: turn(serviceControl),
      });
      const { reason, layer } = decide(layers);
      expect({ reason: turned.reason, layer: turned.layer }).toEqual({ reason, layer });
    });
    fc.assert(property, SEED);
  });

  test('a statement that does not match changes nothing', () => {
    const property = fc.property(
      anyLayers,
      anyLayerName,
      anyIndex,
      fc.constantFrom(...UNRELATED),
      (layers, name, index, statement) => {
        const { reason, layer } = decide(layers);
        expect(decide(insert(layers, name, index, statement))).toMatchObject({ reason, layer });
      },
    );
    fc.assert(property, SEED);
  });

  test('a service control policy only takes away', () => {
    const property = fc.property(anyLayers, fc.array(anyStatements, { maxLength: 4 }), (layers, levels) => {
      const { identity } = layers;
      const limited = authorize(REQUEST, {
        ...policySetOf({ identity: [document(identity)] }),
        serviceControl: levels.map((level) => [{ id: 'level', text: JSON.stringify(document(level)) }]),
      });
      const unlimited = decide({ ...NO_LAYERS, identity });
      if (!unlimited.allowed) expect(limited.allowed).toBe(false);
      const everyLevelAllows = levels.every((level) => decide({ ...NO_LAYERS, identity: level }).allowed);
      expect(limited.allowed).toBe(unlimited.allowed && everyLevelAllows);
    });
    fc.assert(property, SEED);
  });

  test('taking an Allow away never allows', () => {
    const property = fc.property(anyLayers, anyLayerName, anyIndex, (layers, name, index) => {
      const statements = layers[name];
      const removed = statements?.[index % statements.length];
      if (!statements || removed?.Effect !== 'Allow' || statements.length === 1) return;
      const fewer = { ...layers, [name]: statements.filter((statement) => statement !== removed) };
      if (!decide(layers).allowed) expect(decide(fewer).allowed).toBe(false);
    });
    fc.assert(property, SEED);
  });
});
