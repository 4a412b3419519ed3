import type { AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse } from '@aws-sdk/client-sts';
import { requireOidcProvider } from '../../identity/find-oidc-provider.ts';
import { findRole } from '../../identity/find-role.ts';
import { readWebIdentity } from '../../identity/web-identity.ts';
import { readWebIdentityToken } from '../../identity/web-identity-token.ts';
import type { WebIdentityVerifier } from '../../identity/web-identity-verifier.ts';
import { Fault } from '../../kernel/fault.ts';
import type { FederationHandler } from '../../paths/federation-handler.ts';
import { openFederatedSession } from './federated-session.ts';
import type { StsParts } from './sts-parts.ts';

/**
 * AssumeRoleWithWebIdentity: a session for who has a token of an OIDC provider. The provider must be one of the role's
 * account; its server is asked for keys only when it is. What the token says is verified before the role is looked at.
 */
export function assumeRoleWithWebIdentity(
  parts: StsParts,
  verifier: WebIdentityVerifier,
): FederationHandler<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse> {
  return {
    run: async (call) => {
      const { input, nowMs } = call;
      // For the OAuth 2.0 tokens of Facebook and Login with Amazon.
      if (input.ProviderId !== undefined) {
        throw new Fault('ValidationException', 'The ProviderId parameter is not supported.');
      }
      const token = input.WebIdentityToken!;
      const { accountId } = findRole(parts.directory, input.RoleArn!);
      const { header, issuer } = readWebIdentityToken(token);
      requireOidcProvider(parts.directory, accountId, issuer);
      const payload = await verifier.verify(token, header, issuer);
      // Looked up after the wait, which the provider can draw out: trust that was taken back meanwhile is none.
      const provider = requireOidcProvider(parts.directory, accountId, issuer);
      const found = findRole(parts.directory, input.RoleArn!);
      const identity = readWebIdentity(payload, provider, nowMs);
      const session = openFederatedSession(parts, call, {
        issuedBy: 'AssumeRoleWithWebIdentity',
        identity,
        found,
        roleArn: input.RoleArn!,
        sessionName: input.RoleSessionName!,
      });
      const { subject: SubjectFromWebIdentityToken, issuer: Provider, audience: Audience } = identity;
      return { output: { ...session, SubjectFromWebIdentityToken, Provider, Audience } };
    },
  };
}
