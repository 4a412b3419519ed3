import { FetchFailure, type JsonFetch } from './json-fetch.ts';

/** Members without which AWS does not take a discovery document (reported by users of STS). */
const REQUIRED_LISTS = [
  'response_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
] as const;

/** Where the issuer publishes its keys (OpenID Connect Discovery 1.0, section 4). Throws FetchFailure. */
export async function discoverKeySetUrl(issuer: string, fetch: JsonFetch): Promise<string> {
  const document = await fetch.json(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (typeof document !== 'object' || document === null) throw unusable(issuer, 'is not an object');
  const metadata = document as Readonly<Record<string, unknown>>;
  if (metadata.issuer !== issuer) throw unusable(issuer, `is of the issuer \`${String(metadata.issuer)}\``);
  const missing = REQUIRED_LISTS.find((name) => !Array.isArray(metadata[name]));
  if (missing) throw unusable(issuer, `has no list \`${missing}\``);
  const { jwks_uri: keySetUrl } = metadata;
  if (typeof keySetUrl !== 'string' || !keySetUrl.startsWith('https://') || !URL.canParse(keySetUrl)) {
    throw unusable(issuer, 'has no `jwks_uri` that begins with https://');
  }
  return keySetUrl;
}

function unusable(issuer: string, reason: string): FetchFailure {
  return new FetchFailure('unusable', `the discovery document of ${issuer} ${reason}`);
}
