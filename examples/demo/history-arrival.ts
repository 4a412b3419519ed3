import { TallylineClient } from '../../src/cli/client.ts';
import { isoSeconds } from '../../src/kernel/time.ts';
import type { DemoFoundation } from './foundation.ts';
import type { ClientConfig } from './organisation.ts';
import { dayMs } from './timeline.ts';

/** The console's and command line's own operations, as the caller. */
export function tallylineOf({ endpoint, region, credentials }: ClientConfig): TallylineClient {
  return new TallylineClient({ endpoint, region, ...credentials }, () => Date.now());
}

interface Row {
  readonly Tokens: string;
  readonly CostUsd: string;
}

/** The one row that a question without groups is answered with; undefined when there is no usage. */
export async function totalOf(
  client: TallylineClient,
  startMs: number,
  endMs: number,
  filter?: object,
): Promise<Row | undefined> {
  const range = { Start: isoSeconds(startMs), End: isoSeconds(endMs), Granularity: 'TOTAL', GroupBy: [] };
  const { Rows } = await client.call<{ Rows: readonly Row[] }>('GetReport', {
    ...range,
    ...(filter && { Filter: filter }),
  });
  return Rows[0];
}

const POLL_MS = 250;

/** Waits until the cost store has every call of the history: the server reads some 20,000 a second. */
export async function historyArrived(
  admin: ClientConfig,
  { startMs, nowMs, tokens }: Pick<DemoFoundation, 'startMs' | 'nowMs' | 'tokens'>,
): Promise<void> {
  const client = tallylineOf(admin);
  while (Number((await totalOf(client, startMs, dayMs(nowMs, -1)))?.Tokens ?? 0) < tokens) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
