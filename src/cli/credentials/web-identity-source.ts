import { Fault } from '../../kernel/fault.ts';
import { unsignedQuery } from '../query-call.ts';
import {
  type CredentialOptions,
  type CredentialSource,
  digestOf,
  type Environment,
  refuseOwnClaims,
  type StsTarget,
} from './credential-source.ts';
import { readSecretFile } from './secret-file.ts';
import { sessionNameOf } from './session-name.ts';
import { claimsOf, subjectOf } from './web-identity-token.ts';
import { readCredentials } from './workload-credentials.ts';

/** AssumeRoleWithWebIdentity with the token that a platform keeps in a file. */
export function webIdentitySource(
  target: StsTarget,
  tokenFile: string,
  options: CredentialOptions,
  environment: Environment,
): CredentialSource {
  refuseOwnClaims(options, 'a web identity token', ['sessionTag', 'transitiveTag', 'sourceIdentity', 'externalId']);
  const { endpoint, roleArn, durationFields } = target;
  const given = options.sessionName ?? environment.AWS_ROLE_SESSION_NAME;
  return {
    roleArn,
    cacheKey: () => {
      const claims = claimsOf(readSecretFile(tokenFile));
      return digestOf(['web-identity', endpoint, roleArn, durationFields, given, tokenFile, claims?.iss, claims?.sub]);
    },
    fetch: async (nowMs) => {
      // Read for every fetch: the platform puts a new token into the file before the old one ends.
      const token = readSecretFile(tokenFile);
      const fields = {
        RoleArn: roleArn,
        RoleSessionName: given ?? nameIn(token, tokenFile),
        WebIdentityToken: token,
        ...durationFields,
      };
      const call = { service: 'sts', action: 'AssumeRoleWithWebIdentity', fields } as const;
      return readCredentials(await unsignedQuery(endpoint, call), nowMs);
    },
  };
}

function nameIn(token: string, tokenFile: string): string {
  const subject = subjectOf(claimsOf(token) ?? {});
  if (subject === undefined) {
    throw new Fault('ConfigInvalid', `\`${tokenFile}\` holds no token with a subject: pass --session-name`);
  }
  return sessionNameOf(subject);
}
