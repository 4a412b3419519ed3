import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerNamed, contextOf, policySetOf } from '../../test/vectors/policy/vectors.ts';
import type { PolicySource } from '../identity/policy-set.ts';
import { type AccessRequest, authorize, type Decision, type PolicySet } from './authorize.ts';
import { explain } from './explanation.ts';

/** Laws that hold for any policies and any request; `authorize.test.ts` has those about single statements. */
const RUNS = { seed: 20_262, numRuns: 200 };

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Any letter case, a wildcard here and there; about half of them cover the actions that are asked for. */
const anyActions = fc.uniqueArray(
  fc.constantFrom(
    '*',
    'bedrock:*',
    'Bedrock:Invoke*',
    'bedrock:invokemodel',
    'bedrock:?nvokeModel',
    'iam:*',
    's3:Get*',
  ),
  { minLength: 1, maxLength: 3 },
);
const anyResources = fc.uniqueArray(
  fc.constantFrom(
    '*',
    'arn:aws:bedrock:*::foundation-model/*',
    'arn:aws:bedrock:us-east-1::foundation-model/anthropic.*',
    'arn:aws:bedrock:*:*:inference-profile/*',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: policy variables
    'arn:aws:s3:::${aws:PrincipalTag/team}/*',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: policy variables
    "arn:aws:bedrock:*::foundation-model/${aws:PrincipalTag/vendor, 'anthropic'}.*",
  ),
  { minLength: 1, maxLength: 3 },
);
const anyOperator = fc
  .tuple(
    fc.constantFrom('', 'ForAllValues:', 'ForAnyValue:'),
    fc.constantFrom(
      'StringEquals',
      'StringNotEquals',
      'StringLike',
      'StringNotLike',
      'StringEqualsIgnoreCase',
      'ArnLike',
    ),
    fc.constantFrom('', 'IfExists'),
  )
  .map((parts) => parts.join(''));
const anyKey = fc.constantFrom('aws:PrincipalTag/team', 'aws:username', 'aws:TagKeys', 'bedrock:ServiceTier', 'a:none');
const anyValues = fc.uniqueArray(fc.constantFrom('red', 'blue', 'r*', '*', 'alice', 'flex', 'team', 'stage', ''), {
  minLength: 1,
  maxLength: 3,
});
const anyCondition = fc.dictionary(anyOperator, fc.dictionary(anyKey, anyValues, { minKeys: 1, maxKeys: 2 }), {
  maxKeys: 2,
});

const anyStatement: fc.Arbitrary<Statement> = fc
  .record({
    Effect: fc.constantFrom('Allow' as const, 'Allow' as const, 'Deny' as const),
    isNotAction: fc.constantFrom(false, false, false, true),
    actions: anyActions,
    isNotResource: fc.constantFrom(false, false, false, true),
    resources: anyResources,
    Condition: fc.oneof(fc.constant({}), anyCondition),
  })
  .map(({ Effect, isNotAction, actions, isNotResource, resources, Condition }) => ({
    Effect,
    ...(isNotAction ? { NotAction: actions } : { Action: actions }),
    ...(isNotResource ? { NotResource: resources } : { Resource: resources }),
    Condition,
  }));

type Policy = readonly Statement[];
interface Layers {
  readonly identity: readonly Policy[];
  readonly boundary: Policy | undefined;
  readonly session: readonly Policy[] | undefined;
  readonly serviceControl: readonly (readonly Policy[])[] | undefined;
}

const anyPolicy = fc.array(anyStatement, { minLength: 1, maxLength: 4 });
const anyPolicies = fc.array(anyPolicy, { minLength: 1, maxLength: 3 });
const anyLayers: fc.Arbitrary<Layers> = fc.record({
  identity: anyPolicies,
  boundary: fc.option(anyPolicy, { nil: undefined }),
  session: fc.option(anyPolicies, { nil: undefined }),
  serviceControl: fc.option(fc.array(anyPolicies, { minLength: 1, maxLength: 3 }), { nil: undefined }),
});

const anyRequest: fc.Arbitrary<AccessRequest> = fc
  .record({
    name: fc.constantFrom('alice', 'bob', 'role-session', 'plain-session', 'federated', 'root'),
    action: fc.constantFrom('bedrock:InvokeModel', 'bedrock:ListFoundationModels', 's3:GetObject', 'iam:TagUser'),
    resource: fc.constantFrom(
      '*',
      'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6',
      'arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.meta.llama3',
      'arn:aws:s3:::red/notes',
    ),
    context: fc.record(
      { 'aws:TagKeys': fc.subarray(['team', 'stage']), 'bedrock:ServiceTier': fc.constant(['flex']) },
      { requiredKeys: [] },
    ),
  })
  .map(({ name, action, resource, context }) => {
    const caller = callerNamed(name);
    return { caller, action, resource, context: contextOf(caller, context) };
  });

function policySet(layers: Layers): PolicySet {
  const document = (Statement: Policy) => ({ Version: '2012-10-17', Statement });
  const { identity, boundary, session, serviceControl } = layers;
  return policySetOf({
    identity: identity.map(document),
    ...(boundary && { boundary: document(boundary) }),
    ...(session && { session: session.map(document) }),
    ...(serviceControl && { serviceControl: serviceControl.map((level) => level.map(document)) }),
  });
}

type Verdict = Pick<Decision, 'reason' | 'layer'>;

function decide(request: AccessRequest, layers: Layers): Verdict {
  const { reason, layer } = authorize(request, policySet(layers));
  return { reason, layer };
}

/** The same layers with every statement changed; one may become several. */
function mapStatements(layers: Layers, change: (statement: Statement) => readonly Statement[]): Layers {
  const ofPolicy = (policy: Policy) => policy.flatMap(change);
  const { identity, boundary, session, serviceControl } = layers;
  return {
    identity: identity.map(ofPolicy),
    boundary: boundary && ofPolicy(boundary),
    session: session?.map(ofPolicy),
    serviceControl: serviceControl?.map((level) => level.map(ofPolicy)),
  };
}

/** Changes that say the same in other words. */
function expectSame(change: (layers: Layers) => Layers): void {
  const property = fc.property(anyLayers, anyRequest, (layers, request) => {
    expect(decide(request, change(layers))).toEqual(decide(request, layers));
  });
  fc.assert(property, RUNS);
}

describe('for any policies and any request', () => {
  test('the order of policies, statements and values never matters', () => {
    const reversed = (list: readonly string[] | undefined) => list?.toReversed();
    const values = (condition: Statement['Condition']) =>
      Object.fromEntries(
        Object.entries(condition)
          .reverse()
          .map(([operator, keys]) => [
            operator,
            Object.fromEntries(
              Object.entries(keys)
                .reverse()
                .map(([key, list]) => [key, list.toReversed()]),
            ),
          ]),
      );
    expectSame((layers) => {
      const { identity, boundary, session, serviceControl } = mapStatements(layers, (statement) => [
        {
          Effect: statement.Effect,
          ...(statement.Action && { Action: reversed(statement.Action)! }),
          ...(statement.NotAction && { NotAction: reversed(statement.NotAction)! }),
          ...(statement.Resource && { Resource: reversed(statement.Resource)! }),
          ...(statement.NotResource && { NotResource: reversed(statement.NotResource)! }),
          Condition: values(statement.Condition),
        },
      ]);
      const turn = (policies: readonly Policy[]) => policies.map((policy) => policy.toReversed()).toReversed();
      return {
        identity: turn(identity),
        boundary: boundary?.toReversed(),
        session: session && turn(session),
        serviceControl: serviceControl?.map(turn).toReversed(),
      };
    });
  });

  test('a statement may be cut by its actions', () => {
    expectSame((layers) =>
      mapStatements(layers, (one) => (one.Action ? one.Action.map((action) => ({ ...one, Action: [action] })) : [one])),
    );
  });

  test('a statement may be cut by its resources', () => {
    expectSame((layers) =>
      mapStatements(layers, (one) =>
        one.Resource ? one.Resource.map((resource) => ({ ...one, Resource: [resource] })) : [one],
      ),
    );
  });

  test('policies of a layer may be put together', () => {
    expectSame(({ identity, session, serviceControl, ...rest }) => ({
      ...rest,
      identity: [identity.flat()],
      session: session && [session.flat()],
      serviceControl: serviceControl?.map((level) => [level.flat()]),
    }));
  });

  test('a statement may stand twice', () => {
    expectSame((layers) => mapStatements(layers, (one) => [one, one]));
  });

  test('letter case of actions and keys never matters', () => {
    const upper = (list: readonly string[]) => list.map((text) => text.toUpperCase());
    const loud = (condition: Statement['Condition']) =>
      Object.fromEntries(
        Object.entries(condition).map(([operator, keys]) => [
          operator,
          Object.fromEntries(Object.entries(keys).map(([key, values]) => [key.toUpperCase(), values])),
        ]),
      );
    expectSame((layers) =>
      mapStatements(layers, (one) => [
        {
          ...one,
          ...(one.Action && { Action: upper(one.Action) }),
          ...(one.NotAction && { NotAction: upper(one.NotAction) }),
          Condition: loud(one.Condition),
        },
      ]),
    );
    const property = fc.property(anyLayers, anyRequest, (layers, request) => {
      const loudly = { ...request, action: request.action.toUpperCase() };
      expect(decide(loudly, layers)).toEqual(decide(request, layers));
    });
    fc.assert(property, RUNS);
  });

  test('a boundary, a session policy and an organization only take away', () => {
    const property = fc.property(anyLayers, anyRequest, (layers, request) => {
      if (!authorize(request, policySet(layers)).allowed) return;
      // Without a session policy a federated user has nothing at all.
      const session = request.caller.kind === 'federated-user' ? layers.session : undefined;
      for (const fewer of [
        { ...layers, boundary: undefined },
        { ...layers, session },
        { ...layers, serviceControl: undefined },
        { ...layers, serviceControl: layers.serviceControl?.slice(1) },
      ]) {
        expect(decide(request, fewer).reason).toBe('allowed');
      }
    });
    fc.assert(property, { ...RUNS, numRuns: 600 });
  });

  test('more Allows never turn an allowed request into a denied one, more Denies never the other way', () => {
    const property = fc.property(anyLayers, anyRequest, anyStatement, (layers, request, statement) => {
      const before = decide(request, layers).reason;
      const after = decide(request, { ...layers, identity: [...layers.identity, [statement]] }).reason;
      if (statement.Effect === 'Allow') expect([before, 'allowed']).toContain(after);
      else expect([before, 'explicitDeny']).toContain(after);
    });
    fc.assert(property, RUNS);
  });

  test('an explanation has the decision, and matches what decided', () => {
    const property = fc.property(anyLayers, anyRequest, (layers, request) => {
      const policies = policySet(layers);
      const decision = authorize(request, policies);
      const explanation = explain(request, policies);
      expect(explanation.decision).toEqual(decision);
      const matched = explanation.layers.flatMap((layer) => layer.matched);
      for (const statement of decision.decidedBy) expect(matched).toContainEqual(statement);
      const isDenied = explanation.layers.some(({ verdict }) => verdict === 'denies');
      expect(isDenied).toBe(decision.reason === 'explicitDeny');
      const named = explanation.layers.find(({ layer, verdict }) => layer === decision.layer && verdict === 'silent');
      if (decision.reason === 'implicitDeny' && request.caller.kind !== 'federated-user') expect(named).toBeDefined();
    });
    fc.assert(property, RUNS);
  });
});

describe('whatever stands in a policy', () => {
  const REQUEST = { caller: callerNamed('role-session'), action: 'bedrock:InvokeModel', resource: '*' };
  const request: AccessRequest = { ...REQUEST, context: contextOf(REQUEST.caller) };
  const source = (text: string): PolicySource => ({ id: 'any', text });

  test('there is an answer, and what cannot be read denies', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.record({ Statement: fc.jsonValue() }).map((one) => JSON.stringify(one)),
      fc
        .record({
          Effect: fc.constant('Allow'),
          Action: fc.jsonValue(),
          Resource: fc.jsonValue(),
          Condition: fc.jsonValue(),
        })
        .map((Statement) => JSON.stringify({ Version: '2012-10-17', Statement })),
    );
    const property = fc.property(anyText, anyText, (first, second) => {
      const policies = { identity: [source(first)], boundary: source(second), session: [source(first)] };
      const { reason } = authorize(request, policies);
      expect(['explicitDeny', 'implicitDeny', 'allowed']).toContain(reason);
      expect(explain(request, policies).decision.reason).toBe(reason);
    });
    fc.assert(property, { ...RUNS, numRuns: 400 });
    expect(authorize(request, { identity: [source('nonsense')] }).reason).toBe('explicitDeny');
  });

  /** Patterns that a matcher with backtracking would try in ages; here each is one pass. */
  const HOSTILE = [
    '*a'.repeat(2_000),
    '?*'.repeat(2_000),
    `${'*'.repeat(4_000)}b`,
    '(a+)+$'.repeat(500),
    '[a-z]*{1,9}',
  ];

  test('hostile patterns are answered in actions, resources and conditions alike', () => {
    const value = 'a'.repeat(20_000);
    const context = contextOf(request.caller, { 'example:Key': [value] });
    for (const pattern of HOSTILE) {
      const policies = policySetOf({
        identity: [
          { Statement: { Effect: 'Allow', Action: `s3:${pattern}`, Resource: '*' } },
          { Statement: { Effect: 'Allow', Action: '*', Resource: `arn:${pattern}:${pattern}:::${pattern}!` } },
          {
            Statement: {
              Effect: 'Allow',
              Action: '*',
              Resource: '*',
              Condition: { StringLike: { 'example:Key': `${pattern}!` }, ArnLike: { 'example:Key': `arn:${pattern}` } },
            },
          },
        ],
      });
      const asked = { ...request, action: `s3:${value}`, resource: `arn:aws:s3:::${value}`, context };
      expect(['allowed', 'implicitDeny', 'explicitDeny']).toContain(authorize(asked, policies).reason);
    }
  });
});
