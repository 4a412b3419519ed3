import { Fault } from '../kernel/fault.ts';
import { readEndpoint, readProfile } from './profile.ts';
import { get, signedGetHeaders } from './signed-request.ts';

/** Asks a server what it knows of the caller itself (`/gateway/v1/me`), with whatever the caller has. */
export class SelfClient {
  readonly #endpoint: string;
  readonly #headersFor: (target: string) => Readonly<Record<string, string>>;

  private constructor(endpoint: string, headersFor: (target: string) => Readonly<Record<string, string>>) {
    this.#endpoint = endpoint;
    this.#headersFor = headersFor;
  }

  /**
   * With the key or token of TALLYLINE_API_KEY, else of AWS_BEARER_TOKEN_BEDROCK; without either signed with the profile
   * of the other verbs.
   */
  static from(
    dataFolder: string,
    environment: Readonly<Record<string, string | undefined>>,
    now: () => number,
  ): SelfClient {
    const token = environment.TALLYLINE_API_KEY || environment.AWS_BEARER_TOKEN_BEDROCK;
    if (token) {
      return new SelfClient(readEndpoint(dataFolder, environment), () => ({ authorization: `Bearer ${token}` }));
    }
    const profile = readProfile(dataFolder, environment);
    return new SelfClient(profile.endpoint, (target) => signedGetHeaders(profile, 'tallyline', target, now()));
  }

  /** Throws NotFound when no server answers, QueryInvalid with its sentence when it refuses. */
  async get<Answer>(target: string): Promise<Answer> {
    const response = await get(this.#endpoint, target, this.#headersFor(target));
    const answer = (await response.json()) as { readonly message?: string };
    if (response.ok) return answer as Answer;
    throw new Fault('QueryInvalid', answer.message ?? `status ${response.status}`);
  }
}
