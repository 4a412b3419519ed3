import { describe, expect, it } from 'vitest';
import { type TrustPolicyOptions, trustPolicy } from './trust-policy.ts';

const NONE: TrustPolicyOptions = { principal: [], requireTag: [], allowTag: [] };

describe('tallyline trust-policy', () => {
  it('prints what create-role takes', () => {
    const text = trustPolicy('user', {
      ...NONE,
      account: '123456789012',
      requireTag: ['team=red,blue'],
      allowTag: ['stage'],
    });
    expect(JSON.parse(text)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AssumeRole',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::123456789012:root' },
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: {
              'sts:RoleSessionName': `\${aws:username}`,
              'aws:RequestTag/team': `\${aws:PrincipalTag/team}`,
              'aws:PrincipalTag/team': ['red', 'blue'],
            },
          },
        },
        {
          Sid: 'TagSession',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::123456789012:root' },
          Action: 'sts:TagSession',
          Condition: {
            'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'stage'] },
            Null: { 'aws:TagKeys': 'false' },
            StringEqualsIfExists: { 'aws:RequestTag/stage': `\${aws:PrincipalTag/stage}` },
          },
        },
      ],
    });
  });

  it('prints the permissions of a gateway for the one role', () => {
    const permissionsFor = 'arn:aws:iam::123456789012:role/BedrockUser';
    expect(JSON.parse(trustPolicy('gateway', { ...NONE, permissionsFor })).Statement).toEqual([
      {
        Sid: 'AssumeRoleForUsers',
        Effect: 'Allow',
        Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
        Resource: permissionsFor,
      },
    ]);
  });

  it('says for identity-center what there is to do', () => {
    expect(trustPolicy('identity-center', NONE)).toContain('Attributes for access control');
  });

  it.each([
    ['admin', NONE, 'the shape `admin` is not one of user, application, service'],
    ['saml', { ...NONE, permissionsFor: 'arn:x' }, '--permissions-for says nothing about the shape `saml`'],
    ['user', { ...NONE, account: '123456789012', requireTag: ['team='] }, '`` is not a value of the tag `team`'],
  ])('says what is wrong with %s %o', (shape, options, message) => {
    expect(() => trustPolicy(shape, options)).toThrow(message);
  });
});
