import { expect, test } from 'vitest';
import { callerNamed } from '../../test/vectors/policy/vectors.ts';
import type { Decision, DecisionLayer } from './authorize.ts';
import { assumeRoleDeniedMessage, deniedMessage, federatedDeniedMessage } from './denied-message.ts';

const ALICE = callerNamed('alice');
const ROLE = 'arn:aws:iam::111122223333:role/app';

function denied(reason: 'explicitDeny' | 'implicitDeny', layer: DecisionLayer): Decision {
  return { allowed: false, reason, layer, decidedBy: [] };
}

test.each([
  ['implicitDeny', 'identity', ' because no identity-based policy allows the iam:GetRole action'],
  ['implicitDeny', 'boundary', ' because no permissions boundary allows the iam:GetRole action'],
  ['implicitDeny', 'session', ' because no session policy allows the iam:GetRole action'],
  ['implicitDeny', 'resource', ' because no resource-based policy allows the iam:GetRole action'],
  ['implicitDeny', 'serviceControl', ' because no service control policy allows the iam:GetRole action'],
  ['explicitDeny', 'identity', ' with an explicit deny in an identity-based policy'],
  ['explicitDeny', 'boundary', ' with an explicit deny in a permissions boundary'],
  ['explicitDeny', 'session', ' with an explicit deny in a session policy'],
  ['explicitDeny', 'resource', ' with an explicit deny in a resource-based policy'],
  ['explicitDeny', 'serviceControl', ' with an explicit deny in a service control policy'],
] as const)('%s by %s', (reason, layer, suffix) => {
  expect(deniedMessage(ALICE, 'iam:GetRole', ROLE, denied(reason, layer))).toBe(
    `User: arn:aws:iam::111122223333:user/engineering/alice is not authorized to perform: iam:GetRole on resource: ${ROLE}${suffix}`,
  );
});

test('an action about no resource names none', () => {
  expect(deniedMessage(ALICE, 'bedrock:ListFoundationModels', '*', denied('implicitDeny', 'identity'))).toBe(
    'User: arn:aws:iam::111122223333:user/engineering/alice is not authorized to perform: bedrock:ListFoundationModels because no identity-based policy allows the bedrock:ListFoundationModels action',
  );
});

test('STS names the permission and gives no reason', () => {
  const refused = { action: 'sts:TagSession', decision: denied('explicitDeny', 'resource') };
  expect(assumeRoleDeniedMessage(ALICE, ROLE, refused)).toBe(
    `User: arn:aws:iam::111122223333:user/engineering/alice is not authorized to perform: sts:TagSession on resource: ${ROLE}`,
  );
  expect(federatedDeniedMessage(refused.action)).toBe('Not authorized to perform sts:TagSession');
});

test('root users get their own sentence', () => {
  const refused = { action: 'sts:AssumeRole', decision: denied('implicitDeny', 'root') };
  expect(assumeRoleDeniedMessage(callerNamed('root'), ROLE, refused)).toBe(
    'Roles may not be assumed by root accounts.',
  );
});
