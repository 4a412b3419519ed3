import { unsignedQuery } from '../query-call.ts';
import {
  type CredentialOptions,
  type CredentialSource,
  digestOf,
  refuseOwnClaims,
  type StsTarget,
} from './credential-source.ts';
import { samlProviderOf } from './saml-assertion.ts';
import { readSecretFile } from './secret-file.ts';
import { readCredentials } from './workload-credentials.ts';

/** AssumeRoleWithSAML with an assertion from a file or standard input. */
export function samlSource(target: StsTarget, file: string, options: CredentialOptions): CredentialSource {
  refuseOwnClaims(options, 'a SAML assertion', [
    'sessionName',
    'sessionTag',
    'transitiveTag',
    'sourceIdentity',
    'externalId',
  ]);
  const { endpoint, roleArn, durationFields } = target;
  // Standard input can be read once.
  let piped: string | undefined;
  const assertion = () => {
    const text = piped ?? readSecretFile(file);
    if (file === '-') piped = text;
    return text.startsWith('<') ? Buffer.from(text).toString('base64') : text;
  };
  return {
    roleArn,
    cacheKey: () => digestOf(['saml', endpoint, roleArn, durationFields, options.samlProvider, assertion()]),
    fetch: async (nowMs) => {
      const SAMLAssertion = assertion();
      const PrincipalArn = options.samlProvider ?? samlProviderOf(SAMLAssertion, roleArn);
      const fields = { RoleArn: roleArn, PrincipalArn, SAMLAssertion, ...durationFields };
      const call = { service: 'sts', action: 'AssumeRoleWithSAML', fields } as const;
      return readCredentials(await unsignedQuery(endpoint, call), nowMs);
    },
  };
}
