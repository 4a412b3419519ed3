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
    } catch {
      throw new Fault(
        'NotFound',
        `nothing answers at \`${this.#profile.endpoint}\`: start it with \`tallyline serve\``,
      );
    }
    const answer = (await response.json()) as { message?: string; Message?: string; __type?: string };
    if (response.ok) return answer as Output;
    throw new Fault('QueryInvalid', answer.message ?? answer.Message ?? answer.__type ?? `status ${response.status}`);
  }
}
