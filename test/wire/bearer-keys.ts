import { getToken } from '@aws/bedrock-token-generator';
import {
  CreateServiceSpecificCredentialCommand,
  type CreateServiceSpecificCredentialCommandInput,
  IAMClient,
  type ServiceSpecificCredential,
} from '@aws-sdk/client-iam';
import { SignatureV4 } from '@smithy/signature-v4';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { Sha256 } from '../../src/wire/sigv4/sdk-signer.fixture.ts';
import { converseCall, type RawRequest } from '../faults/raw-client.ts';

type Credentials = ClientConfig['credentials'];

const PREFIX = 'bedrock-api-key-';

/** A long-term key of a user, as IAM makes it. */
export async function longTermKey(
  admin: ClientConfig,
  UserName: string,
  more: Partial<CreateServiceSpecificCredentialCommandInput> = {},
): Promise<ServiceSpecificCredential & { readonly key: string }> {
  const iam = new IAMClient(admin);
  const input = { UserName, ServiceName: 'bedrock.amazonaws.com', ...more };
  const { ServiceSpecificCredential: made } = await iam.send(new CreateServiceSpecificCredentialCommand(input));
  iam.destroy();
  return { ...made!, key: made!.ServiceCredentialSecret! };
}

/** A short-term key by AWS's own generator. */
export function shortTermKey(
  credentials: Credentials,
  region = 'us-east-1',
  expiresInSeconds = 43_200,
): Promise<string> {
  return getToken({ credentials, region, expiresInSeconds });
}

/** What somebody who owns credentials could sign instead of what the generator signs. */
export interface Deviation {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly action?: string;
  readonly service?: string;
  readonly region?: string;
  readonly expiresIn?: number;
  readonly signedAtMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A short-term key that is signed rightly over the wrong thing. */
export async function deviatingKey(credentials: Credentials, deviation: Deviation = {}): Promise<string> {
  const { method = 'POST', host = 'bedrock.amazonaws.com', path = '/', action = 'CallWithBearerToken' } = deviation;
  const { service = 'bedrock', region = 'us-east-1', expiresIn = 43_200, signedAtMs, headers = {} } = deviation;
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 });
  const request = { method, protocol: 'https:', hostname: host, path, query: { Action: action } };
  const signed = await signer.presign(
    { ...request, headers: { host, ...headers } },
    { expiresIn, ...(signedAtMs !== undefined && { signingDate: new Date(signedAtMs) }) },
  );
  const query = Object.entries(signed.query as Record<string, string>)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return keyOfUrl(`${host}${path}?${query}&Version=1`);
}

export function keyOfUrl(url: string): string {
  return PREFIX + Buffer.from(url).toString('base64');
}

export function urlOfKey(key: string): string {
  return Buffer.from(key.slice(PREFIX.length), 'base64').toString();
}

/** The same key with its URL changed; throws when the change changes nothing. */
export function tampered(key: string, change: (url: string) => string): string {
  const before = urlOfKey(key);
  const after = change(before);
  if (after === before) throw new Error('nothing was changed');
  return keyOfUrl(after);
}

/** A Converse call that presents a key. */
export function bearerCall(url: string, key: string, headers: Readonly<Record<string, string>> = {}): RawRequest {
  const call = converseCall({ inputTokens: 10, outputTokens: 1 });
  return {
    ...call,
    headers: { host: new URL(url).host, ...call.headers, authorization: `Bearer ${key}`, ...headers },
  };
}
