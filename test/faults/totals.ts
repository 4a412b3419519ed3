import { DAY_MS } from '../../src/kernel/time.ts';
import type { TestServer } from '../server.ts';
import { callAsAdmin } from './principals.ts';
import { jsonCall } from './raw-client.ts';

export interface Totals {
  readonly Tokens: string;
  readonly Requests: string;
  readonly CostUsd: string;
}

/** What the server's own report says of yesterday, today and tomorrow. */
export async function totals(server: TestServer): Promise<Totals> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const range = { Start: new Date(today - DAY_MS).toISOString(), End: new Date(today + 2 * DAY_MS).toISOString() };
  const { text } = await callAsAdmin(
    server,
    'tallyline',
    jsonCall('Tallyline.GetReport', { ...range, Granularity: 'TOTAL' }),
  );
  const [row] = (JSON.parse(text) as { Rows: Totals[] }).Rows;
  return { Tokens: row?.Tokens ?? '0', Requests: row?.Requests ?? '0', CostUsd: row?.CostUsd ?? '0' };
}

export interface ListedRequest {
  readonly RequestId: string;
  readonly Status: string;
  readonly InputTokens: string;
  readonly OutputTokens: string;
}

/** The latest calls, at most 1,000. */
export async function listedRequests(server: TestServer): Promise<ListedRequest[]> {
  const { text } = await callAsAdmin(server, 'tallyline', jsonCall('Tallyline.ListRequests', { MaxResults: 1_000 }));
  return (JSON.parse(text) as { Requests: ListedRequest[] }).Requests;
}
