import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import type { TestServer } from '../server.ts';

/** One call as `tallyline requests` lists it. */
export interface LedgerEntry {
  readonly RequestId: string;
  readonly Principal: string;
  readonly Operation: string;
  readonly ModelId: string;
  readonly Region: string;
  readonly Route: string;
  readonly Tier: string;
  readonly Status: string;
  readonly ErrorCode: string;
  readonly InputTokens: string;
  readonly OutputTokens: string;
  readonly CacheReadInputTokens?: string;
  readonly CacheWrite5mInputTokens?: string;
  readonly CacheWrite1hInputTokens?: string;
  readonly IsEstimated: boolean;
  readonly ClientGone: boolean;
  readonly CostUsd: string;
  readonly IsUnpriced: boolean;
  readonly Tags: Readonly<Record<string, string>>;
}

/** The latest calls, newest first, asked through Tallyline's own operation. */
export async function ledger(server: TestServer, filter: { readonly Principal?: string } = {}): Promise<LedgerEntry[]> {
  const client = new TallylineClient(readProfile(server.data, {}), () => Date.now());
  const { Requests } = await client.call<{ Requests: LedgerEntry[] }>('ListRequests', { MaxResults: 1000, ...filter });
  return Requests;
}

/** Undefined until the call has reached the ledger. */
export async function ledgerEntry(server: TestServer, requestId: string): Promise<LedgerEntry | undefined> {
  return (await ledger(server)).find(({ RequestId }) => RequestId === requestId);
}

/** How long a call may take to reach the store on a busy machine; polls end as soon as it is there. */
export const ARRIVAL = { timeout: 30_000, interval: 100 } as const;
