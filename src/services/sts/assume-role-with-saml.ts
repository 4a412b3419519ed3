import type { AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse } from '@aws-sdk/client-sts';
import type { Directory } from '../../identity/directory.ts';
import { findRole } from '../../identity/find-role.ts';
import { ACCEPTANCE_MS, readSamlLogin, type SamlLogin, type SamlRules } from '../../identity/saml-login.ts';
import type { SamlProvider } from '../../identity/saml-provider.ts';
import { SamlRefused, type SamlVerifier } from '../../identity/saml-verifier.ts';
import { UsedAssertions } from '../../identity/used-assertions.ts';
import { Fault } from '../../kernel/fault.ts';
import type { FederationHandler } from '../../paths/federation-handler.ts';
import { federatedDeniedMessage } from '../../policy/denied-message.ts';
import { openFederatedSession } from './federated-session.ts';
import type { StsParts } from './sts-parts.ts';

/** What verifying assertions takes. */
export interface SamlParts {
  readonly verifier: SamlVerifier;
  readonly rules: SamlRules;
}

/**
 * AssumeRoleWithSAML: who the session is for, its name and its tags come from the signed assertion alone. An assertion
 * is redeemed once: one that was refused may be presented again, one that opened a session may not.
 */
export function assumeRoleWithSaml(
  parts: StsParts,
  { verifier, rules }: SamlParts,
): FederationHandler<AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse> {
  const used = new UsedAssertions(ACCEPTANCE_MS);
  return {
    run: async (call) => {
      const { input, nowMs } = call;
      const roleArn = input.RoleArn!;
      const providerArn = input.PrincipalArn!;
      const found = findRole(parts.directory, roleArn);
      const provider = requireProvider(parts.directory, found.accountId, providerArn, nowMs);
      const login = verified(() => {
        const signed = verifier.signedPart(decodeResponse(input.SAMLAssertion!), provider.certificates);
        return readSamlLogin(signed, provider, rules, nowMs);
      });
      call.noteIdentity(login.identity);
      if (!login.roles.some((role) => role.roleArn === roleArn && role.providerArn === providerArn)) {
        throw new Fault('AccessDeniedException', federatedDeniedMessage('sts:AssumeRoleWithSAML'));
      }
      used.requireUnused(providerArn, login.assertionId, nowMs);
      const session = openFederatedSession(parts, call, {
        issuedBy: 'AssumeRoleWithSAML',
        identity: login.identity,
        found,
        roleArn,
        sessionName: login.roleSessionName,
        ...(login.longestSeconds !== undefined && { longestSeconds: login.longestSeconds }),
      });
      used.note(providerArn, login.assertionId);
      return { output: { ...session, ...subjectMembers(login) } };
    },
  };
}

/** A provider vouches for people in the account it is registered in, and in no other. */
function requireProvider(directory: Directory, accountId: string, arn: string, nowMs: number): SamlProvider {
  const provider = directory.samlProvider(arn);
  if (provider?.accountId !== accountId) throw invalid("Specified provider doesn't exist");
  // What AWS does then is not known. The provider said that its keys are not to be used any longer.
  if (nowMs >= provider.validUntilMs) throw invalid('The metadata of the specified provider has expired');
  return provider;
}

/** Line breaks, which tools put into base64, are passed over. Throws InvalidIdentityTokenException. */
function decodeResponse(text: string): string {
  const base64 = text.replace(/[\r\n\t ]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw invalid('Invalid base64 SAMLResponse');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    throw invalid('Invalid base64 SAMLResponse');
  }
}

/** `Response signature invalid` are AWS's words; the reason, and the other sentence, are ours. */
function verified(verify: () => SamlLogin): SamlLogin {
  try {
    return verify();
  } catch (error) {
    if (!(error instanceof SamlRefused)) throw error;
    const what = error.kind === 'signature' ? 'Response signature invalid' : 'Invalid SAML response';
    throw invalid(`${what}: ${error.message}`);
  }
}

function subjectMembers(login: SamlLogin) {
  return {
    Subject: login.identity.subject,
    SubjectType: login.subjectType,
    Issuer: login.issuer,
    Audience: login.recipient,
    NameQualifier: login.nameQualifier,
  };
}

function invalid(message: string): Fault {
  return new Fault('InvalidIdentityTokenException', message);
}
