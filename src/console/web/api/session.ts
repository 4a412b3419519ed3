import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, use } from 'react';
import type { Book } from '../../../reports/book.ts';
import { ApiError } from './api-error.ts';
import { call, post, request, setCsrfToken } from './call.ts';

/** How much of the figures a report may show: everybody's, those of the caller's team, or the caller's own. */
export type Scope = 'ALL' | 'TEAM' | 'OWN';

/** Answer of `tallyline:GetConsoleSession`. */
export interface ConsoleSession {
  /** ARN of the user, role session, federated user or root. */
  readonly Principal: string;
  readonly Kind: string;
  readonly AccountId: string;
  readonly AccountName?: string;
  readonly IsManagementAccount: boolean;
  /** Name of the user or the session. */
  readonly Name: string;
  readonly Tags: Readonly<Record<string, string>>;
  readonly Region: string;
  /** A word for people: what somebody may do is decided by policy alone. */
  readonly Role: 'admin' | 'finance' | 'member';
  /** Widest first; empty: no figures at all. */
  readonly Scopes: readonly Scope[];
  /** Key of the principal tag that says which team somebody belongs to. */
  readonly TeamTagKey: string;
  /** Absent: the caller belongs to none. */
  readonly Team?: string;
  /** IANA name of the zone whose days are shown until the reader chooses another. */
  readonly TimeZone: string;
  /** Absent: no bill was imported, so that there is but one book. */
  readonly Books?: {
    readonly Primary: Book;
    /** What most of the latest month of the bill is known by. Absent: the bill is empty. */
    readonly BillGrain?: 'HOUR' | 'DAY' | 'MONTH';
    readonly BillTagKeys: readonly string[];
  };
  /** Where the usage of each book ends that has an end in the past: of an imported bill, of imported logs alone. */
  readonly UsageEnds?: { readonly Ledger?: string; readonly Bill?: string };
  /** Of those that were asked about, what the caller may do on everything. */
  readonly AllowedActions: readonly string[];
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

export const SESSION_KEY = ['session'];

/** Who is signed in, and which of the actions they may use. Null: nobody is. */
export function sessionQuery(actions: readonly string[]) {
  return queryOptions({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal }): Promise<ConsoleSession | null> => {
      try {
        const { csrfToken } = (await (await request('/session', { signal })).json()) as SignedIn;
        setCsrfToken(csrfToken);
        return await getConsoleSession(actions, signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 5 * 60_000,
  });
}

function getConsoleSession(actions: readonly string[], signal: AbortSignal): Promise<ConsoleSession> {
  return call<ConsoleSession>('tallyline', 'GetConsoleSession', { Actions: actions }, { signal });
}

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

/** Shows the way to sign in, and drops all answers: they were for whoever was signed in. */
export function forgetSession(queries: QueryClient): void {
  queries.setQueryData(SESSION_KEY, null);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
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

/** Whether the session may use one of the actions that the shell asked about; `undefined` is what everybody may. */
export function mayAny(session: ConsoleSession, actions: readonly string[] | undefined): boolean {
  return actions === undefined || actions.some((action) => session.AllowedActions.includes(action));
}

/**
 * What the caller may do on everything, to hide or disable what would be refused: `const may = useMay('iam:CreateUser')`, then
 * `may('iam:CreateUser')`. Nothing until the server has answered.
 */
export function useMay(...actions: readonly string[]): (action: string) => boolean {
  const { data } = useQuery({
    queryKey: ['may', ...actions],
    queryFn: ({ signal }) => getConsoleSession(actions, signal),
    staleTime: 5 * 60_000,
  });
  return (action) => data?.AllowedActions.includes(action) ?? false;
}
