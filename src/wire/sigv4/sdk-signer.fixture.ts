import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { WireRequest } from '../exchange.ts';
import { wireRequest } from '../wire-request.fixture.ts';

/** A request as the SDK's signer takes it. */
export interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface SdkSigning {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly service: string;
  readonly nowMs: number;
  /** Signs the URL, for so many seconds; absent: signs by header. */
  readonly expiresIn?: number;
}

/** The request that the AWS SDK for JavaScript would send, signed for us-east-1. */
export async function sdkSigned(
  unsigned: SdkRequest,
  { credentials, service, nowMs, expiresIn }: SdkSigning,
): Promise<WireRequest> {
  const signer = new SignatureV4({ credentials, region: 'us-east-1', service, sha256: Sha256 });
  const signingDate = new Date(nowMs);
  const request = { ...unsigned, protocol: 'http:', hostname: 'h' };
  const sent =
    expiresIn === undefined
      ? await signer.sign(request, { signingDate })
      : await signer.presign(request, { signingDate, expiresIn });
  const headers = Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value.trim()]);
  return wireRequest({
    method: sent.method,
    path: sent.path,
    query: queryText(sent.query as Record<string, string>),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.from(unsigned.body),
  });
}

function queryText(query: Readonly<Record<string, string>>): string {
  const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  const encode = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, percent);
  return Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

export class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.#hash = createHash('sha256');
    else this.#hash = createHmac('sha256', typeof secret === 'string' ? secret : Buffer.from(secret as Uint8Array));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}
