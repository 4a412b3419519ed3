import { type KeyObject, X509Certificate } from 'node:crypto';
import { ExclusiveCanonicalization, findAncestorNs, SignedXml } from 'xml-crypto';
import { SamlRefused, type SamlVerifier } from '../identity/saml-verifier.ts';
import { isElement, SAML_ASSERTION, SAML_PROTOCOL, XML_SIGNATURE, type XmlElement } from '../identity/xml-element.ts';
import {
  DIGEST_ALGORITHMS,
  ENVELOPED_SIGNATURE,
  EXCLUSIVE_C14N,
  signatureAlgorithms,
} from './xml-saml-verifier/accepted-algorithms.ts';
import { type DomElement, onlyChild, signatureNode } from './xml-saml-verifier/signature-node.ts';
import { type SignedPlace, signedPlace } from './xml-saml-verifier/signature-shape.ts';
import { readStrictXml, type XmlLimits } from './xml-saml-verifier/strict-xml.ts';

/** STS takes 100,000 characters of base64: room for 50 tags and 400 roles, which are about 600 elements. */
const RESPONSE_LIMITS: XmlLimits = { depth: 24, elements: 1_000, attributes: 32, comments: 'refused' };
/** IAM takes 10,000,000 characters; what ADFS publishes has about 300 elements. */
const METADATA_LIMITS: XmlLimits = { depth: 32, elements: 10_000, attributes: 64, comments: 'skipped' };

/**
 * SAML's XML and its signatures. The order makes signature wrapping impossible:
 *
 *     strict reading > shape of the signature > signature > signature and digest > strict reading of what was digested
 *
 * Whatever the document looks like, only what a registered key signed is ever read for its content.
 */
export class XmlSamlVerifier implements SamlVerifier {
  readMetadata(xml: string): XmlElement {
    return readStrictXml(xml, METADATA_LIMITS);
  }

  signedPart(responseXml: string, certificates: readonly string[]): XmlElement {
    const place = signedPlace(readStrictXml(responseXml, RESPONSE_LIMITS));
    const signed = readStrictXml(signedOctets(responseXml, place, certificates), RESPONSE_LIMITS);
    const namespace = place.name === 'Response' ? SAML_PROTOCOL : SAML_ASSERTION;
    if (!isElement(signed, namespace, place.name) || signed.attributes.get('ID') !== place.id) throw notSigned();
    return signed;
  }
}

/** The canonical form of the one reference, as it was digested. */
function signedOctets(xml: string, place: SignedPlace, certificates: readonly string[]): string {
  const keys = certificates.map((der) => new X509Certificate(Buffer.from(der, 'base64')).publicKey);
  const signature = new SignedXml({
    // Looked at by nobody: `signatureAlgorithms` tries the registered keys. The message's own KeyInfo is never asked.
    publicCert: 'registered',
    getCertFromKeyInfo: () => null,
  });
  signature.idAttributes = ['ID'];
  signature.SignatureAlgorithms = signatureAlgorithms(keys);
  signature.HashAlgorithms = DIGEST_ALGORITHMS;
  const { [EXCLUSIVE_C14N]: exclusive, [ENVELOPED_SIGNATURE]: enveloped } = signature.CanonicalizationAlgorithms;
  signature.CanonicalizationAlgorithms = { [EXCLUSIVE_C14N]: exclusive!, [ENVELOPED_SIGNATURE]: enveloped! };
  try {
    const node = signatureNode(xml, place);
    requireOwnSignature(node, keys);
    signature.loadSignature(node);
    if (!signature.checkSignature(xml)) throw notSigned();
  } catch {
    // xml-crypto has an Error for everything, and its texts quote the message.
    throw notSigned();
  }
  const [octets, ...others] = signature.getSignedReferences();
  if (octets === undefined || others.length > 0) throw notSigned();
  return octets;
}

/**
 * xml-crypto digests the document before it looks at the signature, and that is ten times the work of everything before.
 * Nobody is to have that done who has no signature of the provider. What counts is decided by xml-crypto all the same.
 */
function requireOwnSignature(node: DomElement, keys: readonly KeyObject[]): void {
  const signedInfo = onlyChild(node, XML_SIGNATURE, 'SignedInfo');
  const method = onlyChild(signedInfo, XML_SIGNATURE, 'SignatureMethod').getAttribute('Algorithm');
  const value = onlyChild(node, XML_SIGNATURE, 'SignatureValue').textContent;
  const ancestorNamespaces = findAncestorNs(node.ownerDocument, "//*[local-name()='SignedInfo']");
  const octets = new ExclusiveCanonicalization().process(signedInfo, { ancestorNamespaces });
  const Algorithm = signatureAlgorithms(keys)[method]!;
  if (!new Algorithm().verifySignature(octets, '', value)) throw notSigned();
}

function notSigned(): SamlRefused {
  return new SamlRefused('signature', 'no certificate of the provider fits it, or it was changed after it was signed');
}
