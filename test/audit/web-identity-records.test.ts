import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/audit/audit-record.ts';
import { AWS_TAGS, OpenIdProvider, tagsClaim } from '../identity/openid-provider.ts';
import { plant } from '../secrets/evidence.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT, as, newRole } from '../wire/principals.ts';
import { assumeWithToken, registerProvider, trustProvider } from '../wire/web-identity.ts';

let provider: OpenIdProvider;
let server: TestServer;
let providerArn: string;
let role: string;
beforeAll(async () => {
  provider = await OpenIdProvider.start();
  server = await startServer({ config: { federation: { caFile: provider.caFile } } });
  providerArn = await registerProvider(server, provider);
  role = await newRole(server.admin, 'Federated', {
    trust: [trustProvider(providerArn, { StringEquals: { 'sts:RoleSessionName': 'jane' } })],
  });
});
afterAll(async () => {
  await server.stop();
  await provider.close();
  removeFolders();
});

async function tokenOf(person: string): Promise<string> {
  const token = await provider.signIn(person, { [AWS_TAGS]: tagsClaim({ team: 'ds' }, ['team']) });
  plant('a web identity token', token);
  return token;
}

async function last(eventName: string): Promise<AuditRecord> {
  const trail = new CloudTrailClient(server.admin);
  const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: eventName }];
  const { Events } = await trail.send(new LookupEventsCommand({ LookupAttributes, MaxResults: 1 }));
  return JSON.parse(Events![0]!.CloudTrailEvent!) as AuditRecord;
}

describe('a web identity', () => {
  it('is on record with what its token said, without the token, and the session with its provider', async () => {
    const WebIdentityToken = await tokenOf('jane@acme.org');
    const { Credentials } = await assumeWithToken(server, { RoleArn: role, RoleSessionName: 'jane', WebIdentityToken });
    expect(await last('AssumeRoleWithWebIdentity')).toMatchObject({
      userIdentity: {
        type: 'WebIdentityUser',
        principalId: `${providerArn}:${provider.clientId}:jane@acme.org`,
        userName: 'jane@acme.org',
        identityProvider: providerArn,
      },
      requestParameters: {
        roleArn: role,
        roleSessionName: 'jane',
        webIdentityToken: 'HIDDEN_DUE_TO_SECURITY_REASONS',
        principalTags: { team: 'ds' },
        transitiveTagKeys: ['team'],
      },
      responseElements: { credentials: { sessionToken: 'HIDDEN_DUE_TO_SECURITY_REASONS' } },
      resources: [{ accountId: ACCOUNT, type: 'AWS::IAM::Role', ARN: role }],
      recipientAccountId: ACCOUNT,
    });
    await new STSClient(as(server.admin, Credentials!)).send(new GetCallerIdentityCommand({}));
    expect((await last('GetCallerIdentity')).userIdentity.sessionContext).toMatchObject({
      sessionIssuer: { type: 'Role', userName: 'Federated' },
      webIdFederationData: { federatedProvider: providerArn },
    });
  });

  it('is on record when it is refused, and nobody is when the token cannot be believed', async () => {
    const WebIdentityToken = await tokenOf('john@acme.org');
    const asJane = (token: string, RoleSessionName: string) =>
      assumeWithToken(server, { RoleArn: role, RoleSessionName, WebIdentityToken: token });
    await expect(asJane(WebIdentityToken, 'not-jane')).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(await last('AssumeRoleWithWebIdentity')).toMatchObject({
      userIdentity: { type: 'WebIdentityUser', userName: 'john@acme.org' },
      errorCode: 'AccessDenied',
    });
    await expect(asJane(`${WebIdentityToken.slice(0, -8)}AAAAAAAA`, 'jane')).rejects.toMatchObject({
      name: 'InvalidIdentityTokenException',
    });
    expect(await last('AssumeRoleWithWebIdentity')).toMatchObject({
      userIdentity: { type: 'Unknown' },
      errorCode: 'InvalidIdentityTokenException',
      requestParameters: { roleArn: role, webIdentityToken: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    });
  });
});
