import { ApiError, apiErrorOf } from './api-error.ts';

export const API = '/api/v1';

/** Held in memory alone; a page that is loaded anew asks for it with the session's cookie. */
let csrfToken: string | undefined;
let onSignedOut: () => void = () => {};

export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** What to do when an answer says that the session is over. */
export function whenSignedOut(react: () => void): void {
  onSignedOut = react;
}

export interface CallOptions {
  /** Aborting it cancels the work at the server, too. */
  readonly signal?: AbortSignal | undefined;
}

/** One request to the server with the session's cookie. Throws ApiError for any answer but 2xx. */
export async function request(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(`${API}${path}`, { ...init, credentials: 'same-origin' }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError('ServerUnreachable', 'the server cannot be reached; is it running?', 0);
  });
  if (!response.ok) throw await apiErrorOf(response);
  return response;
}

/** A POST with a JSON body and the token that shows that this page sent it. */
export function post(path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(csrfToken && { 'x-tallyline-csrf': csrfToken }) },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
}

/**
 * Calls an operation by AWS's names: `call('ce', 'GetTags', {...})`. Input and output have the members of the model; times of
 * awsJson operations are epoch seconds. Throws ApiError.
 */
export async function call<Output>(
  service: string,
  operation: string,
  input: object = {},
  { signal }: CallOptions = {},
): Promise<Output> {
  try {
    return (await (await post(`/${service}/${operation}`, input, signal)).json()) as Output;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) onSignedOut();
    throw error;
  }
}
