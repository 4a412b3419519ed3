import { createHash, sign } from 'node:crypto';
import { type HashAlgorithm, type SignatureAlgorithm, SignedXml } from 'xml-crypto';
import type { KeyPair } from './saml-idp.ts';

export const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

export interface Signing {
  /** The element that is signed and gets the signature after its first child. */
  readonly element?: 'Response' | 'Assertion';
  /** `rsa` or `ecdsa`, and the hash of signature and digest. */
  readonly algorithm?: 'rsa' | 'ecdsa';
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
  readonly transforms?: readonly string[];
  /** Of the last transform. */
  readonly inclusivePrefixes?: readonly string[];
}

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const DIGESTS = {
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: `${MORE}sha384`,
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
};

/** Signs what no identity provider library would make: odd assertions, rare algorithms. */
export function signXml(xml: string, keys: KeyPair, signing: Signing = {}): string {
  const {
    element = 'Assertion',
    algorithm = 'rsa',
    hash = 'sha256',
    transforms = [ENVELOPED, EXCLUSIVE_C14N],
  } = signing;
  const id = `${MORE}${algorithm}-${hash}`;
  class Method implements SignatureAlgorithm {
    getAlgorithmName = () => id;
    getSignature = (text: unknown) =>
      sign(hash, Buffer.from(String(text)), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64');
    verifySignature = (): never => {
      throw new Error('nothing is verified here');
    };
  }
  class Digest implements HashAlgorithm {
    getAlgorithmName = () => DIGESTS[hash];
    getHash = (text: string) => createHash(hash).update(text).digest('base64');
  }
  const signature = new SignedXml({
    privateKey: keys.privateKey,
    publicCert: keys.certificate,
    signatureAlgorithm: id,
    canonicalizationAlgorithm: EXCLUSIVE_C14N,
    idAttribute: 'ID',
  });
  signature.SignatureAlgorithms[id] = Method;
  signature.HashAlgorithms[DIGESTS[hash]] = Digest;
  const xpath = `//*[local-name(.)='${element}']`;
  signature.addReference({
    xpath,
    transforms,
    digestAlgorithm: DIGESTS[hash],
    inclusiveNamespacesPrefixList: [...(signing.inclusivePrefixes ?? [])],
  });
  signature.computeSignature(xml, { location: { reference: `${xpath}/*[1]`, action: 'after' } });
  return signature.getSignedXml();
}
