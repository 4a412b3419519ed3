import { Fault } from '../kernel/fault.ts';
import { signRequest } from '../wire/sign-request.ts';
import type { Profile } from './profile.ts';

/** Posts to the profile's server, signed for a service. Throws NotFound when nothing answers or is not trusted. */
export async function signedPost(
  profile: Profile,
  service: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  nowMs: number,
): Promise<Response> {
  const url = new URL(profile.endpoint);
  const request = { method: 'POST', path: '/', headers: { host: url.host, ...headers }, body };
  const { host: _, ...signed } = signRequest(request, { ...profile, service }, nowMs);
  return post(profile.endpoint, signed, body);
}

/** The headers that sign the reading of a path, with its query string if it has one. */
export function signedGetHeaders(
  profile: Profile,
  service: string,
  target: string,
  nowMs: number,
): Readonly<Record<string, string>> {
  const { host, pathname, search } = new URL(target, profile.endpoint);
  const request = { method: 'GET', path: pathname, query: search.slice(1), headers: { host }, body: '' };
  const { host: _, ...signed } = signRequest(request, { ...profile, service }, nowMs);
  return signed;
}

/** What a server may take to answer the command line. */
const TIMEOUT_MS = 60_000;

/** Posts as it is. Throws NotFound when nothing answers or is not trusted. */
export function post(endpoint: string, headers: Readonly<Record<string, string>>, body: string): Promise<Response> {
  return reach(endpoint, endpoint, { method: 'POST', headers, body });
}

/** Reads a path of the server. Throws likewise. */
export function get(endpoint: string, target: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  return reach(endpoint, new URL(target, endpoint), { headers });
}

async function reach(endpoint: string, url: string | URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw unreachable(endpoint, error);
  }
}

/** What kept a request from being answered; a certificate that is not trusted has another remedy than a server that is down. */
function unreachable(endpoint: string, error: unknown): Fault {
  const { code = '', message = '' } = ((error as Error).cause ?? {}) as { code?: string; message?: string };
  if (/CERT|SIGNATURE|SSL|TLS/.test(code)) {
    const advice = 'set NODE_EXTRA_CA_CERTS to the file of its authority';
    return new Fault('NotFound', `the certificate of \`${endpoint}\` is not trusted (${message}): ${advice}`);
  }
  return new Fault('NotFound', `nothing answers at \`${endpoint}\`: start it with \`tallyline serve\``);
}
