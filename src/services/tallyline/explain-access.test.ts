import { beforeEach, describe, expect, it } from 'vitest';
import {
  allow,
  Installation,
  type Keys,
  MANAGEMENT,
  MEMBER,
  policy,
  trust,
} from '../../../test/identity/installation.ts';
import { put } from '../../identity/directory-records.ts';
import { foundOrganization } from '../../identity/organization-founding.ts';
import { ModelCatalog } from '../../inference/model-catalog.ts';
import type { OperationCall } from '../../paths/operation-handler.ts';
import { AuthorizationMessages } from '../../policy/authorization-message.ts';
import { explainAccess } from './explain-access.ts';

const ROLE = `arn:aws:iam::${MANAGEMENT}:role/Partner`;
const EXTERNAL_ID = 'between-us-two';

let installation: Installation;
let admin: Keys;
let member: Keys;

beforeEach(async () => {
  ({ installation, admin } = await Installation.start());
  const { directory, nowMs } = installation;
  const random = (size: number) => Buffer.alloc(size, 1);
  await foundOrganization(directory, { managementAccountId: MANAGEMENT, nowMs, random });
  member = await installation.user(await installation.rootKeys(MEMBER), 'alice', [allow('*')]);
  const statement = JSON.parse(trust(`arn:aws:iam::${MEMBER}:root`)).Statement[0];
  await installation.call('CreateRole', admin, {
    RoleName: 'Partner',
    AssumeRolePolicyDocument: policy({ ...statement, Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } } }),
    Tags: [{ Key: 'project', Value: 'hush' }],
  });
});

/** The answer as text, with all that it tells. */
async function explain(keys: Keys, input: object): Promise<string> {
  const { directory, box, nowMs } = installation;
  const authorizationMessages = new AuthorizationMessages(box);
  const { run } = explainAccess({ directory, catalog: new ModelCatalog([]), authorizationMessages });
  const request = { headers: {}, sourceIp: '192.0.2.1', isTls: false };
  const call = { requestId: 'r', caller: installation.callerOf(keys), input, request, region: 'us-east-1', nowMs };
  return JSON.stringify(await run(call as unknown as OperationCall<object>));
}

describe('ExplainAccess', () => {
  it("tells a member nothing of another account's trust policies and tags, nor whether there is a role", async () => {
    const tagged = { ...allow('iam:GetRole'), Condition: { StringEquals: { 'aws:ResourceTag/project': 'guess' } } };
    await installation.user(member, 'bob', [tagged]);
    const ask = (Principal: string, Action: string, Resource: string) =>
      explain(member, { Principal, Action, Resource });
    for (const [principal, action] of [
      ['alice', 'sts:AssumeRole'],
      ['alice', 'sts:TagSession'],
      ['bob', 'iam:GetRole'],
    ] as const) {
      const answer = await ask(principal, action, ROLE);
      expect(answer).not.toMatch(/between-us-two|hush/);
      expect(answer.replaceAll('Partner', 'Nobody')).toBe(
        await ask(principal, action, ROLE.replace('Partner', 'Nobody')),
      );
    }
  });

  it('shows the management account the trust policies of every account', async () => {
    const Principal = `arn:aws:iam::${MEMBER}:user/alice`;
    expect(await explain(admin, { Principal, Action: 'sts:AssumeRole', Resource: ROLE })).toContain(EXTERNAL_ID);
  });

  it('shows what a service control policy says to the management account alone', async () => {
    const { directory } = installation;
    const deny = { ...allow('iam:CreateUser'), Effect: 'Deny', Sid: 'KeepOut' };
    const nearMiss = {
      ...allow('iam:CreateUser'),
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'secret-team' } },
    };
    const scp = { id: 'p-hidden', name: 'hidden', description: '', content: policy(deny, nearMiss) };
    const account = directory.account(MEMBER)!;
    await directory.write([
      put('service-control-policy', { version: 0, ...scp, createdAtMs: 0, tags: new Map() }),
      put('account', { ...account, policyIds: ['p-FullAWSAccess', 'p-hidden'] }),
    ]);
    const question = { Principal: `arn:aws:iam::${MEMBER}:user/alice`, Action: 'iam:CreateUser' };
    const ofMember = await explain(member, question);
    expect(ofMember).toContain('"Layer":"serviceControl","Level":2,"Verdict":"denies"');
    expect(ofMember).not.toMatch(/p-hidden|KeepOut|secret-team/);
    expect(await explain(admin, question)).toMatch(/p-hidden.*KeepOut.*secret-team/);
  });
});
