import { Fault } from '../kernel/fault.ts';
import type { Profile } from './profile.ts';
import { post, signedPost } from './signed-request.ts';

/** One operation of the query protocol. */
export interface QueryCall {
  readonly service: 'iam' | 'sts';
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

const VERSIONS = { iam: '2010-05-08', sts: '2011-06-15' } as const;
const HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };

/** Throws QueryInvalid with the server's own code and sentence when it refuses, NotFound when nothing answers. */
export async function signedQuery(profile: Profile, call: QueryCall, nowMs: number): Promise<QueryAnswer> {
  return readAnswer(await signedPost(profile, call.service, HEADERS, bodyOf(call), nowMs));
}

/** The same for the operations that take a provider's word instead of a signature. */
export async function unsignedQuery(endpoint: string, call: QueryCall): Promise<QueryAnswer> {
  return readAnswer(await post(endpoint, HEADERS, bodyOf(call)));
}

function bodyOf({ service, action, fields }: QueryCall): string {
  return new URLSearchParams({ Action: action, Version: VERSIONS[service], ...fields }).toString();
}

async function readAnswer(response: Response): Promise<QueryAnswer> {
  const answer = new QueryAnswer(await response.text());
  if (response.ok) return answer;
  const code = answer.element('Code') ?? `status ${response.status}`;
  throw new Fault('QueryInvalid', [code, answer.element('Message')].filter(Boolean).join(': '), {
    status: response.status,
    code,
  });
}

/** The XML of an answer, read as far as the command line needs it: elements that hold text. */
export class QueryAnswer {
  readonly #xml: string;

  constructor(xml: string) {
    this.#xml = xml;
  }

  /** The first of the name; undefined when there is none. */
  element(name: string): string | undefined {
    const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(this.#xml)?.[1];
    return text === undefined ? undefined : unescaped(text);
  }

  required(name: string): string {
    const text = this.element(name);
    if (text === undefined) throw new Fault('QueryInvalid', `the server's answer has no ${name}: is it Tallyline?`);
    return text;
  }

  /** The members of the answer's one list. */
  members(): QueryAnswer[] {
    return [...this.#xml.matchAll(/<member>([\s\S]*?)<\/member>/g)].map(([, xml]) => new QueryAnswer(xml!));
  }
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
