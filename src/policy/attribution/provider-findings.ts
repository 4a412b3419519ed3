import type { Directory } from '../../identity/directory.ts';
import { oidcProviderArn } from '../../identity/oidc-provider.ts';
import type { Role } from '../../identity/role.ts';
import { samlProviderArn } from '../../identity/saml-provider.ts';
import type { Finding } from './finding.ts';
import { readTrust } from './trust-reading.ts';

/** Doors that no role leads to: whoever controls such a provider only waits for a role that trusts it. */
export function providerFindings(accountId: string, roles: readonly Role[], directory: Directory): Finding[] {
  const trusts = roles.map(({ trustPolicy }) => trustPolicy);
  const isUnused = (arn: string) => !trusts.some((text) => text.includes(`"${arn}"`));
  const oidc = [...directory.oidcProviders(accountId)].flatMap((provider): Finding[] => {
    const arn = oidcProviderArn(provider);
    if (isUnused(arn))
      return [unused(arn, `aws iam delete-open-id-connect-provider --open-id-connect-provider-arn ${arn}`)];
    const asked = audiencesOf(arn, provider.url, roles);
    if (!asked) return [];
    return provider.clientIds
      .filter((clientId) => !asked.has(clientId))
      .map((clientId) => ({
        kind: 'client-id-unused',
        severity: 'low',
        subjectArn: arn,
        risk: `takes tokens for the client id \`${clientId}\`, which no role asks for`,
        fix: `take it out: \`aws iam remove-client-id-from-open-id-connect-provider --open-id-connect-provider-arn ${arn} --client-id ${clientId}\``,
      }));
  });
  const saml = [...directory.samlProviders(accountId)].flatMap((provider): Finding[] => {
    const arn = samlProviderArn(provider);
    return isUnused(arn) ? [unused(arn, `aws iam delete-saml-provider --saml-provider-arn ${arn}`)] : [];
  });
  return [...oidc, ...saml];
}

function unused(subjectArn: string, command: string): Finding {
  const risk = 'no role trusts this provider';
  return { kind: 'provider-unused', severity: 'low', subjectArn, risk, fix: `delete it: \`${command}\`` };
}

/** Undefined when a role takes any audience. */
function audiencesOf(arn: string, url: string, roles: readonly Role[]): Set<string> | undefined {
  const audiences = new Set<string>();
  for (const role of roles) {
    const entrances = readTrust(role)?.entrances('sts:AssumeRoleWithWebIdentity') ?? [];
    for (const { principals, required } of entrances) {
      if (!principals.get('Federated')?.includes(arn)) continue;
      const lines = required.filter(({ key }) => key.toLowerCase() === `${url}:aud`.toLowerCase());
      if (lines.length === 0) return undefined;
      for (const { values } of lines) for (const value of values) audiences.add(value);
    }
  }
  return audiences;
}
