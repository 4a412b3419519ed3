import { X509Certificate } from 'node:crypto';
import { readSamlTime } from './saml-time.ts';
import { SamlRefused } from './saml-verifier.ts';
import {
  childrenNamed,
  isElement,
  SAML_METADATA,
  SAML_PROTOCOL,
  XML_SIGNATURE,
  type XmlElement,
} from './xml-element.ts';

/** What a metadata document says of an identity provider. */
export interface SamlMetadata {
  readonly entityId: string;
  /** DER in base64. */
  readonly certificates: readonly string[];
  /** Absent: for good. */
  readonly validUntilMs?: number;
}

/** Keys of one provider (IAM quotas, "Number of keys per SAML provider"). */
const MAX_CERTIFICATES = 10;
/** Characters of an entity ID (SAML 2.0 Core, section 8.3.6). */
const MAX_ENTITY_ID = 1024;

/**
 * Reads what counts of an identity provider's metadata: its name, until when the document holds, and the certificates
 * it signs with. Whether those have run out is not asked, as on AWS ("IAM doesn't evaluate or take action on the
 * expiration of X.509 certificates", IAM User Guide). Throws SamlRefused.
 */
export function readSamlMetadata(root: XmlElement): SamlMetadata {
  if (!isElement(root, SAML_METADATA, 'EntityDescriptor')) {
    throw refused('its root must be one `EntityDescriptor` of SAML 2.0 metadata');
  }
  const entityId = root.attributes.get('entityID') ?? '';
  if (entityId === '' || entityId.length > MAX_ENTITY_ID) throw refused('it has no proper `entityID`');
  const [descriptor, ...others] = childrenNamed(root, SAML_METADATA, 'IDPSSODescriptor').filter((one) =>
    (one.attributes.get('protocolSupportEnumeration') ?? '').split(/\s+/).includes(SAML_PROTOCOL),
  );
  if (!descriptor || others.length > 0) throw refused('it needs one `IDPSSODescriptor` for SAML 2.0');
  const certificates = new Set(
    childrenNamed(descriptor, SAML_METADATA, 'KeyDescriptor')
      .filter((one) => one.attributes.get('use') !== 'encryption')
      .flatMap(certificatesIn),
  );
  if (certificates.size === 0) throw refused('it has no signing certificate');
  if (certificates.size > MAX_CERTIFICATES) throw refused(`it has more than ${MAX_CERTIFICATES} signing certificates`);
  const ends = [root, descriptor].flatMap((one) => one.attributes.get('validUntil') ?? []).map(readSamlTime);
  return { entityId, certificates: [...certificates], ...(ends.length > 0 && { validUntilMs: Math.min(...ends) }) };
}

function certificatesIn(keyDescriptor: XmlElement): string[] {
  return childrenNamed(keyDescriptor, XML_SIGNATURE, 'KeyInfo')
    .flatMap((keyInfo) => childrenNamed(keyInfo, XML_SIGNATURE, 'X509Data'))
    .flatMap((data) => childrenNamed(data, XML_SIGNATURE, 'X509Certificate'))
    .map(({ text }) => readCertificate(text.replace(/\s+/g, '')));
}

function readCertificate(base64: string): string {
  let keyType: string | undefined;
  try {
    keyType = new X509Certificate(Buffer.from(base64, 'base64')).publicKey.asymmetricKeyType;
  } catch {
    throw refused('a signing certificate cannot be read');
  }
  if (keyType !== 'rsa' && keyType !== 'ec')
    throw refused(`a signing certificate has a key of the type \`${keyType}\``);
  return base64;
}

function refused(reason: string): SamlRefused {
  return new SamlRefused('form', reason);
}
