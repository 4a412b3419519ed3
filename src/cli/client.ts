import { Fault } from '../kernel/fault.ts';
import type { Profile } from './profile.ts';
import { signedPost } from './signed-post.ts';

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
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Tallyline.${operation}` };
    const response = await signedPost(this.#profile, 'tallyline', headers, JSON.stringify(input), this.#now());
    const answer = (await response.json()) as { message?: string; Message?: string; __type?: string };
    if (response.ok) return answer as Output;
    throw new Fault('QueryInvalid', answer.message ?? answer.Message ?? answer.__type ?? `status ${response.status}`);
  }
}
