/** What a browser that signed in sends, without the browser. */
export interface BrowserSession {
  readonly cookie: string;
  readonly csrfToken: string;
  readonly post: (path: string, body: object) => Promise<Response>;
  /** The answer of an operation; throws when it was refused. */
  readonly call: (service: string, operation: string, input: object) => Promise<Record<string, unknown>>;
}

export async function signIn(
  url: string,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string },
): Promise<BrowserSession> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/sign-in`, { method: 'POST', headers, body: JSON.stringify(credentials) });
  if (!answer.ok) throw new Error(`signing in failed: ${await answer.text()}`);
  const { csrfToken } = (await answer.json()) as { readonly csrfToken: string };
  const [cookie] = answer.headers.get('set-cookie')!.split(';') as [string];
  const post = (path: string, body: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: { ...headers, cookie, 'x-tallyline-csrf': csrfToken },
      body: JSON.stringify(body),
    });
  return {
    cookie,
    csrfToken,
    post,
    call: async (service, operation, input) => {
      const found = await post(`/api/v1/${service}/${operation}`, input);
      if (!found.ok) throw new Error(`${service} ${operation}: ${found.status} ${await found.text()}`);
      return (await found.json()) as Record<string, unknown>;
    },
  };
}
