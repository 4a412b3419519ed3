import { readSamlTime } from '../saml-time.ts';
import { SamlRefused } from '../saml-verifier.ts';
import { childrenNamed, isElement, SAML_ASSERTION, SAML_PROTOCOL, type XmlElement } from '../xml-element.ts';

/** What a signed assertion says, before anybody has asked whether it is meant for us. */
export interface Assertion {
  readonly id: string;
  readonly issuer: string;
  readonly issuedAtMs: number;
  readonly nameId: { readonly value: string; readonly format: string };
  readonly recipient: string;
  /** Every group names audiences of which one has to be ours; there is at least one group. */
  readonly audiences: readonly (readonly string[])[];
  /** Absent: at once. */
  readonly notBeforeMs?: number;
  /** The earliest end of the conditions and of the confirmation. */
  readonly notOnOrAfterMs: number;
  /** When the provider ends the person's session; absent: it does not say. */
  readonly sessionEndsAtMs?: number;
  /** Values by attribute name; statements are taken together. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const ENTITY = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

/** Conditions that are understood (Core, section 2.5.1); one that is not makes an assertion unusable. */
const CONDITIONS: ReadonlySet<string> = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']);

/** Reads the element that a signature was found good for. Throws SamlRefused. */
export function readAssertion(signed: XmlElement): Assertion {
  const assertion = isElement(signed, SAML_PROTOCOL, 'Response') ? assertionOf(signed) : signed;
  if (!isElement(assertion, SAML_ASSERTION, 'Assertion')) throw refused('what is signed is no assertion');
  if (assertion.attributes.get('Version') !== '2.0') throw refused('it is not of SAML 2.0');
  const subject = only(assertion, 'Subject');
  const nameId = only(subject, 'NameID');
  const confirmation = readConfirmation(subject);
  const conditions = only(assertion, 'Conditions');
  if (conditions.children.some((one) => one.namespace !== SAML_ASSERTION || !CONDITIONS.has(one.name))) {
    throw refused('it has a condition that is not understood');
  }
  const notBefore = optionalTime(conditions, 'NotBefore');
  const notOnOrAfter = optionalTime(conditions, 'NotOnOrAfter');
  const sessionEnds = childrenNamed(assertion, SAML_ASSERTION, 'AuthnStatement').flatMap(
    (statement) => optionalTime(statement, 'SessionNotOnOrAfter') ?? [],
  );
  return {
    id: required(assertion, 'ID'),
    issuer: issuerOf(assertion),
    issuedAtMs: readSamlTime(required(assertion, 'IssueInstant')),
    nameId: { value: textOf(nameId), format: nameId.attributes.get('Format') ?? UNSPECIFIED },
    recipient: confirmation.recipient,
    audiences: childrenNamed(conditions, SAML_ASSERTION, 'AudienceRestriction').map((restriction) =>
      childrenNamed(restriction, SAML_ASSERTION, 'Audience').map(textOf),
    ),
    ...(notBefore !== undefined && { notBeforeMs: notBefore }),
    notOnOrAfterMs: Math.min(confirmation.notOnOrAfterMs, notOnOrAfter ?? Number.POSITIVE_INFINITY),
    ...(sessionEnds.length > 0 && { sessionEndsAtMs: Math.min(...sessionEnds) }),
    attributes: readAttributes(assertion),
  };
}

/** A response that is signed as a whole vouches for its status, too. */
function assertionOf(response: XmlElement): XmlElement {
  const statuses = childrenNamed(response, SAML_PROTOCOL, 'Status');
  const codes = statuses.flatMap((status) => childrenNamed(status, SAML_PROTOCOL, 'StatusCode'));
  if (codes.length !== 1 || codes[0]!.attributes.get('Value') !== SUCCESS) {
    throw refused('the identity provider reports no success');
  }
  return only(response, 'Assertion');
}

function issuerOf(assertion: XmlElement): string {
  const issuer = only(assertion, 'Issuer');
  if ((issuer.attributes.get('Format') ?? ENTITY) !== ENTITY) throw refused('its issuer is no entity');
  return textOf(issuer);
}

function readConfirmation(subject: XmlElement): { readonly recipient: string; readonly notOnOrAfterMs: number } {
  const confirmation = only(subject, 'SubjectConfirmation');
  if (confirmation.attributes.get('Method') !== BEARER) throw refused('its subject is not confirmed as a bearer');
  const data = only(confirmation, 'SubjectConfirmationData');
  if (data.attributes.has('NotBefore')) throw refused('a bearer confirmation has no `NotBefore`');
  return { recipient: required(data, 'Recipient'), notOnOrAfterMs: readSamlTime(required(data, 'NotOnOrAfter')) };
}

function readAttributes(assertion: XmlElement): Map<string, string[]> {
  const attributes = new Map<string, string[]>();
  for (const statement of childrenNamed(assertion, SAML_ASSERTION, 'AttributeStatement')) {
    for (const attribute of childrenNamed(statement, SAML_ASSERTION, 'Attribute')) {
      const name = required(attribute, 'Name');
      // An eduPersonTargetedID holds a NameID instead of text: such values stand for nothing here.
      const values = childrenNamed(attribute, SAML_ASSERTION, 'AttributeValue')
        .filter(({ children }) => children.length === 0)
        .map(textOf);
      attributes.set(name, [...(attributes.get(name) ?? []), ...values]);
    }
  }
  return attributes;
}

function only(parent: XmlElement, name: string): XmlElement {
  const found = childrenNamed(parent, SAML_ASSERTION, name);
  if (found.length !== 1) throw refused(`it needs one \`${name}\` in \`${parent.name}\`, and has ${found.length}`);
  return found[0]!;
}

function required(element: XmlElement, attribute: string): string {
  const value = element.attributes.get(attribute) ?? '';
  if (value === '') throw refused(`\`${element.name}\` has no \`${attribute}\``);
  return value;
}

function optionalTime(element: XmlElement, attribute: string): number | undefined {
  const value = element.attributes.get(attribute);
  return value === undefined ? undefined : readSamlTime(value);
}

function textOf(element: XmlElement): string {
  if (element.children.length > 0) throw refused(`\`${element.name}\` must hold text alone`);
  return element.text;
}

function refused(reason: string): SamlRefused {
  return new SamlRefused('form', reason);
}
