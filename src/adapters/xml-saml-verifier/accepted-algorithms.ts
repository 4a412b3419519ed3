import { createHash, type KeyObject, verify } from 'node:crypto';
import type { HashAlgorithm, SignatureAlgorithm } from 'xml-crypto';

export const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const ENVELOPED_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/**
 * By their identifiers (RFC 9231). SHA-1 and HMAC are not among them: the usual providers have signed with RSA and
 * SHA-256 by default for years, and an HMAC would make the public certificate the secret.
 */
export const SIGNATURE_METHODS: ReadonlyMap<string, { readonly hash: string; readonly keyType: 'rsa' | 'ec' }> =
  new Map([
    ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', { hash: 'sha256', keyType: 'rsa' }],
    ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha384', { hash: 'sha384', keyType: 'rsa' }],
    ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', { hash: 'sha512', keyType: 'rsa' }],
    ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', { hash: 'sha256', keyType: 'ec' }],
    ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384', { hash: 'sha384', keyType: 'ec' }],
    ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512', { hash: 'sha512', keyType: 'ec' }],
  ]);

export const DIGEST_METHODS: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
]);

/** The table that xml-crypto looks signature methods up in; a signature is good when one of the keys made it. */
export function signatureAlgorithms(keys: readonly KeyObject[]): Record<string, new () => SignatureAlgorithm> {
  return Object.fromEntries(
    [...SIGNATURE_METHODS].map(([id, { hash, keyType }]) => {
      const fitting = keys.filter((key) => key.asymmetricKeyType === keyType);
      // Elliptic curves are signed as r and s side by side (XML Signature 1.1, section 6.4.3), not in DER.
      const isMadeBy = (key: KeyObject, text: string, signature: Buffer) =>
        verify(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, signature);
      class Algorithm implements SignatureAlgorithm {
        getAlgorithmName = () => id;
        getSignature = (): never => {
          throw new Error('nothing is signed here');
        };
        verifySignature = (text: string, _key: unknown, value: string) =>
          fitting.some((key) => isMadeBy(key, text, Buffer.from(value, 'base64')));
      }
      return [id, Algorithm];
    }),
  );
}

/** The table that xml-crypto looks digest methods up in. */
export const DIGEST_ALGORITHMS: Record<string, new () => HashAlgorithm> = Object.fromEntries(
  [...DIGEST_METHODS].map(([id, hash]) => {
    class Algorithm implements HashAlgorithm {
      getAlgorithmName = () => id;
      getHash = (text: string) => createHash(hash).update(text).digest('base64');
    }
    return [id, Algorithm];
  }),
);
