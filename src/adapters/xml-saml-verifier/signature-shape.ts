import { SamlRefused } from '../../identity/saml-verifier.ts';
import {
  childrenNamed,
  descendants,
  isElement,
  SAML_ASSERTION,
  SAML_PROTOCOL,
  XML_SIGNATURE,
  type XmlElement,
} from '../../identity/xml-element.ts';
import { DIGEST_METHODS, ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, SIGNATURE_METHODS } from './accepted-algorithms.ts';

/** The element that a signature is in and has to be about. */
export interface SignedPlace {
  readonly name: 'Response' | 'Assertion';
  readonly id: string;
}

/**
 * Where a response is signed: at the response itself, or else at its assertion. There is one assertion, signatures are
 * nowhere else than right in those two, and each is about the element it is in. Throws SamlRefused.
 */
export function signedPlace(response: XmlElement): SignedPlace {
  if (!isElement(response, SAML_PROTOCOL, 'Response')) refuse('form', 'it is no SAML 2.0 response');
  const all = [...descendants(response)];
  if (all.some((one) => isElement(one, SAML_ASSERTION, 'EncryptedAssertion'))) {
    refuse('form', 'encrypted assertions are not supported; switch assertion encryption off at the identity provider');
  }
  const [assertion, ...others] = all.filter((one) => isElement(one, SAML_ASSERTION, 'Assertion'));
  if (!assertion) return refuse('form', 'there is no assertion in it');
  if (others.length > 0) refuse('form', 'there is more than one assertion in it');
  if (!response.children.includes(assertion)) refuse('form', 'its assertion is not where it belongs');

  const ofResponse = childrenNamed(response, XML_SIGNATURE, 'Signature');
  const ofAssertion = childrenNamed(assertion, XML_SIGNATURE, 'Signature');
  const placed = [...ofResponse, ...ofAssertion];
  if (all.filter((one) => isElement(one, XML_SIGNATURE, 'Signature')).length > placed.length) {
    refuse('signature', 'there is a signature where none belongs');
  }
  if (placed.length === 0) refuse('signature', 'it is not signed');
  checkSignatures(ofResponse, response);
  checkSignatures(ofAssertion, assertion);
  return ofResponse.length > 0
    ? { name: 'Response', id: response.attributes.get('ID')! }
    : { name: 'Assertion', id: assertion.attributes.get('ID')! };
}

function checkSignatures(signatures: readonly XmlElement[], holder: XmlElement): void {
  const [signature, ...others] = signatures;
  if (!signature) return;
  if (others.length > 0) refuse('signature', 'an element has two signatures');
  const id = holder.attributes.get('ID');
  // As xs:ID demands; it also keeps everything that means something to XPath out of the reference.
  if (id === undefined || !/^[A-Za-z_][\w.-]*$/.test(id)) refuse('form', 'the signed element has no proper ID');
  const [signedInfo] = childrenExactly(signature, ['SignedInfo', 'SignatureValue'], ['KeyInfo']);
  const [c14n, method, reference] = childrenExactly(signedInfo!, [
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  ]);
  requireAlgorithm(c14n!, new Set([EXCLUSIVE_C14N]));
  requireAlgorithm(method!, SIGNATURE_METHODS);
  if (reference!.attributes.get('URI') !== `#${id}`) {
    refuse('signature', 'it is a signature of another element than the one it is in');
  }
  const [transforms, digestMethod] = childrenExactly(reference!, ['Transforms', 'DigestMethod', 'DigestValue']);
  requireAlgorithm(digestMethod!, DIGEST_METHODS);
  const [enveloped, exclusive] = childrenExactly(transforms!, ['Transform', 'Transform']);
  requireAlgorithm(enveloped!, new Set([ENVELOPED_SIGNATURE]));
  requireAlgorithm(exclusive!, new Set([EXCLUSIVE_C14N]));
}

/** The children, when they are these, in this order, with or without those that may follow. */
function childrenExactly(
  parent: XmlElement,
  required: readonly string[],
  optional: readonly string[] = [],
): readonly XmlElement[] {
  const { children } = parent;
  const names = [...required, ...optional];
  const fits =
    children.length >= required.length &&
    children.length <= names.length &&
    children.every((child, index) => isElement(child, XML_SIGNATURE, names[index]!));
  return fits ? children : refuse('signature', `the \`${parent.name}\` of the signature has other parts than expected`);
}

function requireAlgorithm(element: XmlElement, accepted: { has(id: string): boolean }): void {
  const id = element.attributes.get('Algorithm') ?? '';
  if (!accepted.has(id)) refuse('signature', `the ${element.name} \`${id}\` is not accepted`);
}

function refuse(kind: SamlRefused['kind'], reason: string): never {
  throw new SamlRefused(kind, reason);
}
