import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import type { TestServer } from '../server.ts';

/** One call as `tallyline requests` lists it. */
export interface LedgerEntry {
  readonly RequestId: string;
  /** Absent: it is the first attempt. */
  readonly AttemptOf?: string;
  readonly RequestedModelId: string;
  readonly Principal: string;
  readonly Operation: string;
  readonly ModelId: string;
  readonly Region: string;
  readonly Route: string;
  readonly Tier: string;
  readonly UpstreamRequestId?: string;
  readonly BilledPrincipal?: string;
  readonly IsGatewayPrincipal?: boolean;
  readonly Upstream: string;
  readonly Status: string;
  readonly ErrorCode: string;
  readonly InputTokens: string;
  readonly OutputTokens: string;
  readonly CacheReadInputTokens?: string;
  readonly CacheWrite5mInputTokens?: string;
  readonly CacheWrite1hInputTokens?: string;
  readonly Units?: Readonly<Record<string, string>>;
  readonly IsEstimated: boolean;
  readonly ClientGone: boolean;
  readonly CostUsd: string;
  readonly IsUnpriced: boolean;
  readonly ResourceArn: string;
  readonly Tags: Readonly<Record<string, string>>;
  readonly ResourceTags: Readonly<Record<string, string>>;
  readonly AccountTags: Readonly<Record<string, string>>;
}

/** The latest calls, newest first, asked through Tallyline's own operation. */
export async function ledger(server: TestServer, filter: { readonly Principal?: string } = {}): Promise<LedgerEntry[]> {
  const question = { MaxResults: 1000, ...filter };
  const { Requests } = await clientOf(server).call<{ Requests: LedgerEntry[] }>('ListRequests', question);
  return Requests;
}

/** Undefined until the call has reached the ledger. */
export async function ledgerEntry(server: TestServer, requestId: string): Promise<LedgerEntry | undefined> {
  return (await ledger(server)).find(({ RequestId }) => RequestId === requestId);
}

/**
 * Calls that are in the bills: Cost Explorer, exports. A batch reaches them and the ledger at the same time, but not in
 * one step, so what is about to be read from one is not to be waited for in the other.
 */
export async function billedCalls(server: TestServer): Promise<number> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const { Rows } = await clientOf(server).call<{ Rows: { Requests: string }[] }>('GetReport', {
    Start: new Date(today - DAY_MS).toISOString(),
    End: new Date(today + DAY_MS).toISOString(),
    Granularity: 'TOTAL',
  });
  return Rows.reduce((sum, { Requests }) => sum + Number(Requests), 0);
}

function clientOf(server: TestServer): TallylineClient {
  return new TallylineClient(readProfile(server.data, {}), () => Date.now());
}

/** How long a call may take to reach the store on a busy machine; polls end as soon as it is there. */
export const ARRIVAL = { timeout: 30_000, interval: 100 } as const;
