import { Fault } from '../kernel/fault.ts';
import type { Profile } from './profile.ts';
import { signedPost } from './signed-request.ts';

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
    return callAwsJson(this.#profile, { service: 'tallyline', target: `Tallyline.${operation}` }, input, this.#now());
  }
}

/** One signed call in AWS JSON 1.1. Throws NotFound when no server answers, QueryInvalid with its sentence when it refuses. */
export async function callAwsJson<Output>(
  profile: Profile,
  { service, target }: { readonly service: string; readonly target: string },
  input: object,
  nowMs: number,
): Promise<Output> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const response = await signedPost(profile, service, headers, JSON.stringify(input), nowMs);
  const answer = (await response.json()) as { message?: string; Message?: string; __type?: string };
  if (response.ok) return answer as Output;
  throw new Fault('QueryInvalid', answer.message ?? answer.Message ?? answer.__type ?? `status ${response.status}`);
}
