import type { XmlElement } from './xml-element.ts';

/** Port: reads SAML documents and proves who signed them. */
export interface SamlVerifier {
  /** The root of a metadata document, which nobody signed for us. Throws SamlRefused. */
  readMetadata(xml: string): XmlElement;
  /**
   * The `Response` or the `Assertion` of a response that is signed with the key of one of the certificates (DER in
   * base64). What is returned is made from the signed octets alone: nothing that the signature does not cover can be in
   * it. Throws SamlRefused.
   */
  signedPart(responseXml: string, certificates: readonly string[]): XmlElement;
}

/** A document that is not believed. */
export class SamlRefused extends Error {
  override readonly name = 'SamlRefused';
  /** The document is not what it has to be, or its signature does not hold. */
  readonly kind: 'form' | 'signature';

  constructor(kind: SamlRefused['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
