import { Fault } from '../kernel/fault.ts';
import { signRequest } from '../wire/sign-request.ts';
import type { Profile } from './profile.ts';

/** Calls Tallyline's own operations (AWS JSON 1.1, target `Tallyline.<operation>`) as an ordinary signed client. */
export class TallylineClient {
  readonly #profile: Profile;
  readonly #now: () => number;

  constructor(profile: Profile, now: () => number) {
    this.#profile = profile;
    this.#now = now;
  }

  /** Throws NotFound when no server answers, QueryInvalid with the server's sentence when it refuses. */
  async call<Output>(operation: string, input: object): Promise<Output> {
    const url = new URL(this.#profile.endpoint);
    const body = JSON.stringify(input);
    const headers = signRequest(
      {
        method: 'POST',
        path: '/',
        headers: {
          host: url.host,
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `Tallyline.${operation}`,
        },
        body,
      },
      { ...this.#profile, service: 'tallyline' },
      this.#now(),
    );
    const { host: _, ...sent } = headers;
    let response: Response;
    try {
      response = await fetch(url, { method: 'POST', headers: sent, body });
    } catch (error) {
      throw unreachable(this.#profile.endpoint, error);
    }
    const answer = (await response.json()) as { message?: string; Message?: string; __type?: string };
    if (response.ok) return answer as Output;
    throw new Fault('QueryInvalid', answer.message ?? answer.Message ?? answer.__type ?? `status ${response.status}`);
  }
}

/** What kept a request from being answered; a certificate that is not trusted has another remedy than a server that is down. */
export function unreachable(endpoint: string, error: unknown): Fault {
  const { code = '', message = '' } = ((error as Error).cause ?? {}) as { code?: string; message?: string };
  if (/CERT|SIGNATURE|SSL|TLS/.test(code)) {
    const advice = 'set NODE_EXTRA_CA_CERTS to the file of its authority';
    return new Fault('NotFound', `the certificate of \`${endpoint}\` is not trusted (${message}): ${advice}`);
  }
  return new Fault('NotFound', `nothing answers at \`${endpoint}\`: start it with \`tallyline serve\``);
}
