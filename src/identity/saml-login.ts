import { createHash } from 'node:crypto';
import { SECOND_MS } from '../kernel/time.ts';
import type { FederatedIdentity } from './federated-identity.ts';
import { CLOCK_SKEW_MS, REDEMPTION_MS, requireAcceptable, type SamlRules } from './saml-login/acceptance.ts';
import { readAssertion } from './saml-login/assertion.ts';
import { readAwsAttributes, type SamlRole } from './saml-login/aws-attributes.ts';
import { attributeKeys } from './saml-login/condition-keys.ts';
import { type SamlProvider, samlProviderArn } from './saml-provider.ts';
import { SamlRefused } from './saml-verifier.ts';
import type { XmlElement } from './xml-element.ts';

export type { SamlRules } from './saml-login/acceptance.ts';

/** A person who has logged in at a SAML provider, as the provider signed it. */
export interface SamlLogin {
  readonly identity: FederatedIdentity;
  readonly assertionId: string;
  readonly roleSessionName: string;
  /** The roles the person may have. */
  readonly roles: readonly SamlRole[];
  /** How long a session may last at most; absent: the provider does not say. */
  readonly longestSeconds?: number;
  readonly issuer: string;
  readonly recipient: string;
  readonly subjectType: string;
  readonly nameQualifier: string;
}

/** How long an assertion may be presented, from the first to the last moment at which it is accepted. */
export const ACCEPTANCE_MS = CLOCK_SKEW_MS + REDEMPTION_MS;

const NAME_ID_2_0 = 'urn:oasis:names:tc:SAML:2.0:nameid-format:';
const NAME_ID_1_1 = 'urn:oasis:names:tc:SAML:1.1:nameid-format:';

/** IAM User Guide, "Configure SAML assertions for the authentication response". */
const NAME_ID_FORMATS: ReadonlySet<string> = new Set([
  ...['persistent', 'transient', 'kerberos', 'entity'].map((name) => NAME_ID_2_0 + name),
  ...['emailAddress', 'unspecified', 'X509SubjectName', 'WindowsDomainQualifiedName'].map((name) => NAME_ID_1_1 + name),
]);

/** Of these later requests of the session know (IAM User Guide, "Permission (access) policies" of SAML federation). */
const LASTING_KEYS = ['saml:namequalifier', 'saml:sub', 'saml:sub_type'];

/**
 * The login that a signed response or assertion stands for, when it is this provider's, for us and in time. Throws
 * SamlRefused for what is no proper assertion, InvalidIdentityTokenException or ExpiredIdentityTokenException.
 */
export function readSamlLogin(signed: XmlElement, provider: SamlProvider, rules: SamlRules, nowMs: number): SamlLogin {
  const assertion = readAssertion(signed);
  requireAcceptable(assertion, provider, rules, nowMs);
  const attributes = readAwsAttributes(assertion);
  const { nameId, issuer, recipient } = assertion;
  if (nameId.value === '') throw new SamlRefused('form', 'its NameID is empty');
  if (!NAME_ID_FORMATS.has(nameId.format)) {
    throw new SamlRefused('form', `NameIDs of the format \`${nameId.format}\` are not accepted`);
  }
  const subjectType = nameId.format.startsWith(NAME_ID_2_0) ? nameId.format.slice(NAME_ID_2_0.length) : nameId.format;
  const document = `${provider.accountId}/${provider.name}`;
  const nameQualifier = createHash('sha1')
    .update(issuer + document)
    .digest('base64');
  const limits = [
    attributes.sessionDurationSeconds ?? [],
    assertion.sessionEndsAtMs === undefined ? [] : Math.floor((assertion.sessionEndsAtMs - nowMs) / SECOND_MS),
  ].flat();
  return {
    identity: {
      type: 'SAMLUser',
      providerArn: samlProviderArn(provider),
      subject: nameId.value,
      sessionTags: attributes.sessionTags,
      transitiveTagKeys: attributes.transitiveTagKeys,
      ...(attributes.sourceIdentity !== undefined && { sourceIdentity: attributes.sourceIdentity }),
      contextKeys: new Map([
        ...attributeKeys(assertion),
        ['saml:aud', [recipient]],
        ['saml:iss', [issuer]],
        ['saml:sub', [nameId.value]],
        ['saml:sub_type', [subjectType]],
        ['saml:namequalifier', [nameQualifier]],
        ['saml:doc', [document]],
      ]),
      lastingKeys: LASTING_KEYS,
    },
    assertionId: assertion.id,
    roleSessionName: attributes.roleSessionName,
    roles: attributes.roles,
    ...(limits.length > 0 && { longestSeconds: Math.min(...limits) }),
    issuer,
    recipient,
    subjectType,
    nameQualifier,
  };
}
