import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, use } from 'react';
import { ApiError } from './api-error.ts';
import { call, post, request, setCsrfToken } from './call.ts';

/** How much of the figures a report may show: everybody's, those of the caller's team, or the caller's own. */
export type Scope = 'ALL' | 'TEAM' | 'OWN';

/** Answer of `tallyline:GetConsoleSession`. */
export interface ConsoleSession {
  readonly Arn: string;
  readonly AccountId: string;
  /** Widest first; empty: no figures at all. */
  readonly Scopes: readonly Scope[];
  /** Of those that the console knows, what the caller may do: `tallyline:GetReport`, `ce:GetTags`. */
  readonly Actions: readonly string[];
  /** IANA name of the zone that bills are kept in. */
  readonly BillingTimeZone: string;
  /** Key of the tag that says which team somebody belongs to; absent: none is set. */
  readonly TeamTagKey?: string;
  readonly Team?: string;
  /** Every call before has its cost in the figures; epoch seconds. Absent: not known. */
  readonly FiguresThrough?: number;
}

interface SignedIn {
  readonly csrfToken: string;
  readonly expiresAt: string | number;
}

export interface SignInOptions {
  /** Whether `/api/v1/sign-in/oidc` leads to a provider. */
  readonly oidc: boolean;
  /** What to call the provider on the button. */
  readonly oidcName?: string;
}

/** Null: nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<ConsoleSession | null> => {
    try {
      const { csrfToken } = (await (await request('/session', { signal })).json()) as SignedIn;
      setCsrfToken(csrfToken);
      return await call<ConsoleSession>('tallyline', 'GetConsoleSession', {}, { signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

export async function signIn(credentials: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}): Promise<void> {
  const response = await post('/sign-in', credentials);
  setCsrfToken(((await response.json()) as SignedIn).csrfToken);
}

export async function signOut(): Promise<void> {
  await post('/sign-out', {});
  setCsrfToken(undefined);
}

export function useSignInOptions(): SignInOptions | undefined {
  return useQuery({
    queryKey: ['sign-in-options'],
    queryFn: async ({ signal }) => (await (await request('/sign-in/options', { signal })).json()) as SignInOptions,
    retry: false,
  }).data;
}

export const SessionContext = createContext<ConsoleSession | undefined>(undefined);

/** Who is signed in. Pages are only shown to somebody who is. */
export function useSession(): ConsoleSession {
  const session = use(SessionContext);
  if (!session) throw new Error('no session around this component');
  return session;
}

/** Whether the session may do one of the actions; `undefined` is what everybody may. */
export function may(session: ConsoleSession, actions: string | readonly string[] | undefined): boolean {
  if (actions === undefined) return true;
  return (typeof actions === 'string' ? [actions] : actions).some((action) => session.Actions.includes(action));
}

/** `admin`, `finance` or `member`, as policies on `tallyline:*` make somebody. */
export function roleOf(session: ConsoleSession): string {
  if (may(session, ['tallyline:CreateHardBudget', 'tallyline:StopInference'])) return 'admin';
  return session.Scopes.includes('ALL') ? 'finance' : 'member';
}
