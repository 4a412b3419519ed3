import type { CallCredentials, UpstreamCredentials } from '../inference/upstream-credentials.ts';
import { Fault } from '../kernel/fault.ts';
import type { Clock } from '../kernel/time.ts';
import { TroubleReports } from './model-connection/trouble-reports.ts';

export interface GatewayCredentialsOptions {
  /** Absent: the SDK's own chain (environment, shared files, the role of the machine or container). */
  readonly credentials?: KeyPair | undefined;
  /** Where STS says who we are. */
  readonly region: string;
  /** Absent: AWS's own, by region. */
  readonly stsEndpoint?: string | undefined;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

export interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type ProvidedKeys = KeyPair & { readonly expiration?: Date };

/** What is used of the AWS SDK. */
interface Sdk {
  readonly provide: () => Promise<ProvidedKeys>;
  readonly askPrincipal: () => Promise<string | undefined>;
  readonly close: () => void;
}

/** Loaded with the first call: it takes a quarter of a second, and most gateways never need it. */
async function loadSdk({ credentials, region, stsEndpoint }: GatewayCredentialsOptions): Promise<Sdk> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  const provide = credentials ? () => Promise.resolve(credentials) : defaultProvider();
  const sts = new STSClient({
    region,
    ...(stsEndpoint !== undefined && { endpoint: stsEndpoint }),
    credentials: provide,
    maxAttempts: 1,
    // Without the last one the SDK only warns and goes on waiting.
    requestHandler: { requestTimeout: STS_TIMEOUT_MS, connectionTimeout: STS_TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  return {
    provide,
    askPrincipal: async () => (await sts.send(new GetCallerIdentityCommand({}))).Arn,
    close: () => sts.destroy(),
  };
}

/** After STS could not say who we are, it is asked again. */
const ASK_AGAIN_MS = 60_000;
/** A call waits for STS that long; its usage event then names no principal of the upstream. */
const STS_TIMEOUT_MS = 2_000;

/** One identity for every call: the gateway's own. AWS's bill then names the gateway alone, and every event says so. */
export class GatewayCredentials implements UpstreamCredentials {
  readonly #options: GatewayCredentialsOptions;
  #loading: Promise<Sdk> | undefined;
  readonly #troubles: TroubleReports;
  #asked: { readonly accessKeyId: string; readonly answer: Promise<string | undefined> } | undefined;
  #askAgainAtMs = Number.POSITIVE_INFINITY;

  constructor(options: GatewayCredentialsOptions) {
    this.#options = options;
    this.#troubles = new TroubleReports(options.onTrouble, options.clock);
  }

  async for(): Promise<CallCredentials> {
    let found: ProvidedKeys;
    try {
      found = this.#options.credentials ?? (await (await this.#sdk()).provide());
    } catch (error) {
      this.#troubles.tell(`there are no credentials for Amazon Bedrock: ${(error as Error).message}`);
      throw new Fault(
        'ServiceUnavailableException',
        'This gateway has no credentials for Amazon Bedrock at the moment.',
      );
    }
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = found;
    const principalArn = await this.#principalOf(accessKeyId);
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      ...(expiration && { expiresAtMs: expiration.getTime() }),
      ...(principalArn !== undefined && { principalArn }),
      isGatewayPrincipal: true,
    };
  }

  /** The chain finds others by itself when they run out. */
  refused(): boolean {
    return false;
  }

  async close(): Promise<void> {
    if (this.#loading) (await this.#loading).close();
  }

  #sdk(): Promise<Sdk> {
    this.#loading ??= loadSdk(this.#options);
    return this.#loading;
  }

  /** The first call with a key waits for the answer; while STS does not say, it is asked again beside the calls. */
  #principalOf(accessKeyId: string): Promise<string | undefined> {
    if (this.#asked?.accessKeyId !== accessKeyId) this.#asked = { accessKeyId, answer: this.#ask() };
    else if (this.#askAgainAtMs < this.#options.clock()) {
      const asked = this.#asked;
      const answer = this.#ask();
      void answer.then((arn) => {
        if (arn !== undefined && this.#asked === asked) this.#asked = { accessKeyId, answer };
      });
    }
    return this.#asked.answer;
  }

  async #ask(): Promise<string | undefined> {
    this.#askAgainAtMs = Number.POSITIVE_INFINITY;
    try {
      return await (await this.#sdk()).askPrincipal();
    } catch (error) {
      this.#askAgainAtMs = this.#options.clock() + ASK_AGAIN_MS;
      this.#troubles.tell(`cannot learn as whom Amazon Bedrock is called: ${(error as Error).message}`);
      return undefined;
    }
  }
}
