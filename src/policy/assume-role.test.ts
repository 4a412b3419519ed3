import { describe, expect, test } from 'vitest';
import {
  type ContextInFile,
  callerNamed,
  contextOf,
  FACTS,
  type PoliciesInFile,
  type PolicyInFile,
  policySetOf,
  readCases,
  type TagsInFile,
  tagsOf,
  textOf,
} from '../../test/vectors/policy/vectors.ts';
import {
  type AssumeRoleDecision,
  authorizeAssumeRole,
  authorizeFederatedAssumeRole,
  type FederatedAssumeRoleRequest,
  inheritedTags,
} from './assume-role.ts';
import type { Decision } from './authorize.ts';
import { requestContext, withContext } from './context.ts';

interface SessionInFile {
  readonly sessionName: string;
  readonly tags?: TagsInFile;
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  readonly context?: ContextInFile;
}

interface AssumeRoleCase {
  readonly name: string;
  readonly role: { readonly arn: string; readonly tags: TagsInFile; readonly trustPolicy: PolicyInFile };
  readonly policies?: PoliciesInFile;
  readonly request: SessionInFile &
    (
      | { readonly caller: string; readonly externalId?: string }
      | Pick<FederatedAssumeRoleRequest, 'federatedProvider' | 'action'>
    );
  readonly expected: {
    readonly allowed: boolean;
    readonly refused?: string;
    readonly reason?: Decision['reason'];
    readonly layer?: Decision['layer'];
  };
}

function decide({ role, policies = { identity: [] }, request }: AssumeRoleCase): AssumeRoleDecision {
  const { sessionName, sourceIdentity } = request;
  const session = {
    roleArn: role.arn,
    roleTags: tagsOf(role.tags),
    trustPolicyText: textOf(role.trustPolicy),
    sessionName,
    sessionTags: tagsOf(request.tags),
    transitiveTagKeys: request.transitiveTagKeys ?? [],
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  };
  if ('caller' in request) {
    const { externalId } = request;
    const caller = callerNamed(request.caller);
    const context = contextOf(caller, request.context);
    const callerPolicies = policySetOf(policies);
    return authorizeAssumeRole({
      ...session,
      caller,
      callerPolicies,
      context,
      ...(externalId !== undefined && { externalId }),
    });
  }
  const { federatedProvider, action } = request;
  const context = withContext(requestContext(FACTS), Object.entries(request.context ?? {}));
  return authorizeFederatedAssumeRole({ ...session, federatedProvider, action, context });
}

describe('assume-role.json', () => {
  test.each(readCases<AssumeRoleCase>('assume-role.json'))('$name', (entry) => {
    const { allowed, refused } = decide(entry);
    const { expected } = entry;
    expect(allowed).toBe(expected.allowed);
    expect(refused?.action).toBe(expected.refused);
    if (expected.reason) expect(refused?.decision.reason).toBe(expected.reason);
    if (expected.layer) expect(refused?.decision.layer).toBe(expected.layer);
  });
});

test('only transitive tags are inherited, whatever the letter case of their key', () => {
  const caller = callerNamed('role-session');
  const session = {
    ...caller.session!,
    sessionTags: tagsOf({ Team: 'red', stage: 'test' }),
    transitiveTagKeys: ['team'],
  };
  expect(inheritedTags({ ...caller, session })).toEqual(tagsOf({ Team: 'red' }));
  expect(inheritedTags(callerNamed('alice'))).toEqual(tagsOf());
});
