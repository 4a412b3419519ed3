import type { TagSet } from '../kernel/tags.ts';

/** A SAML identity provider whose assertions an account accepts. */
export interface SamlProvider {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  readonly accountId: string;
  readonly name: string;
  /** Never given twice: a provider made anew under the same name is another one. */
  readonly uuid: string;
  /** The metadata document as it was uploaded, XML text. */
  readonly metadata: string;
  /** `entityID` of the metadata: the issuer that assertions must name. */
  readonly entityId: string;
  /** Signing certificates of the metadata: DER in base64. Several while the provider rolls over. */
  readonly certificates: readonly string[];
  readonly createdAtMs: number;
  readonly validUntilMs: number;
  readonly tags: TagSet;
}

export function samlProviderArn(provider: Pick<SamlProvider, 'accountId' | 'name'>): string {
  return `arn:aws:iam::${provider.accountId}:saml-provider/${provider.name}`;
}
