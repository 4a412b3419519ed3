import type { AssumeRoleCommandInput, AssumeRoleCommandOutput } from '@aws-sdk/client-sts';
import type { CallCredentials } from '../../inference/upstream-credentials.ts';
import type { SessionTag } from '../../inference/upstream-session.ts';

/** What STS is asked for. */
export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly tags: readonly SessionTag[];
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
  readonly durationSeconds: number;
  readonly policy?: string;
}

export interface RoleSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** The principal that AWS bills. */
  readonly principalArn: string;
}

/** Why STS gave no session: what is to be done about it depends on that alone. */
export type StsRefusal =
  | { readonly kind: 'throttled' }
  | { readonly kind: 'unavailable' }
  /** Tags and policy take so many per cent of the room for both. */
  | { readonly kind: 'too-large'; readonly percent: number }
  | { readonly kind: 'too-long' }
  /** `reason` is for the caller, who does not learn how the gateway is set up. */
  | { readonly kind: 'denied'; readonly reason: string };

/** Thrown in place of the SDK's errors; its message is for the operator. */
export class NoRoleSession extends Error {
  override readonly name = 'NoRoleSession';
  readonly refusal: StsRefusal;

  constructor(refusal: StsRefusal, message: string) {
    super(message);
    this.refusal = refusal;
  }
}

export interface RoleAssumerOptions {
  readonly region: string;
  /** Absent: AWS's own, by region. */
  readonly endpoint?: string;
  /** Whose credentials sign. */
  readonly signer: () => Promise<CallCredentials>;
  readonly timeoutMs: number;
}

/** What is used of the AWS SDK. */
interface Sdk {
  readonly send: (input: AssumeRoleCommandInput, signal: AbortSignal) => Promise<AssumeRoleCommandOutput>;
  readonly close: () => void;
}

/** STS AssumeRole through the AWS SDK. */
export class RoleAssumer {
  readonly #options: RoleAssumerOptions;
  #loading: Promise<Sdk> | undefined;

  constructor(options: RoleAssumerOptions) {
    this.#options = options;
  }

  /** One attempt. Throws NoRoleSession. */
  async assume(request: RoleRequest, signal: AbortSignal): Promise<RoleSession> {
    const { roleArn, sessionName, tags, transitiveTagKeys, sourceIdentity, durationSeconds, policy } = request;
    this.#loading ??= loadSdk(this.#options);
    const sdk = await this.#loading;
    const input: AssumeRoleCommandInput = {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      DurationSeconds: durationSeconds,
      ...(tags.length > 0 && { Tags: tags.map(([Key, Value]) => ({ Key, Value })) }),
      ...(transitiveTagKeys.length > 0 && { TransitiveTagKeys: [...transitiveTagKeys] }),
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
      ...(policy !== undefined && { Policy: policy }),
    };
    try {
      const { Credentials, AssumedRoleUser } = await sdk.send(input, signal);
      return {
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        sessionToken: Credentials!.SessionToken!,
        principalArn: AssumedRoleUser!.Arn!,
      };
    } catch (error) {
      throw new NoRoleSession(refusalOf(error as SdkError), `${(error as Error).name}: ${(error as Error).message}`);
    }
  }

  async close(): Promise<void> {
    (await this.#loading)?.close();
  }
}

/** Enough for what STS allows in a second; the SDK's own 50 are not, and it warns on the console when they are in use. */
const AGENT = { keepAlive: true, maxSockets: 256 };

/** Loaded with the first session: it takes a tenth of a second, and most installations never need it. */
async function loadSdk({ region, endpoint, signer, timeoutMs }: RoleAssumerOptions): Promise<Sdk> {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  const sts = new STSClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    credentials: async () => {
      const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = await signer();
      return {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== undefined && { sessionToken }),
        ...(expiresAtMs !== undefined && { expiration: new Date(expiresAtMs) }),
      };
    },
    maxAttempts: 1,
    requestHandler: {
      ...{ httpAgent: AGENT, httpsAgent: AGENT, requestTimeout: timeoutMs, connectionTimeout: timeoutMs },
      // Without it the SDK only warns and goes on waiting.
      throwOnRequestTimeout: true,
    },
  });
  return {
    send: (input, abortSignal) => sts.send(new AssumeRoleCommand(input), { abortSignal }),
    close: () => sts.destroy(),
  };
}

interface SdkError extends Error {
  /** Absent where no answer came. */
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const THROTTLED = new Set(['Throttling', 'ThrottlingException', 'ThrottledException', 'RequestLimitExceeded']);
/** What is wrong with the gateway's own credentials, or with STS in this region: nothing that the caller could change. */
const UNUSABLE = new Set([
  ...['ExpiredToken', 'ExpiredTokenException', 'InvalidClientTokenId', 'UnrecognizedClientException'],
  ...['SignatureDoesNotMatch', 'InvalidSignatureException', 'IncompleteSignature', 'RequestExpired'],
  ...['MissingAuthenticationToken', 'RegionDisabledException', 'CredentialsProviderError'],
]);
/** AWS's texts where a role cannot give sessions of that length. */
const TOO_LONG = /exceeds the MaxSessionDuration|exceeds the 1 hour session limit for roles assumed by role chaining/;
/** Where the text names no share, half is kept. */
const UNKNOWN_PERCENT = 200;

function refusalOf({ name, message, $metadata: { httpStatusCode: status } = {} }: SdkError): StsRefusal {
  if (THROTTLED.has(name) || status === 429) return { kind: 'throttled' };
  if (status === undefined || status >= 500 || UNUSABLE.has(name)) return { kind: 'unavailable' };
  if (/^PackedPolicyTooLarge/.test(name)) {
    return { kind: 'too-large', percent: Number(/(\d+)%/.exec(message)?.[1] ?? UNKNOWN_PERCENT) };
  }
  if (TOO_LONG.test(message)) return { kind: 'too-long' };
  const action = /not authorized to perform: (sts:\w+)/.exec(message)?.[1];
  return { kind: 'denied', reason: `AWS STS refused a session (${action ? `${name}: ${action}` : name})` };
}
