import { DAY_MS } from '../kernel/time.ts';

/** How closely a bill tells times apart. */
export type Grain = 'HOUR' | 'DAY' | 'MONTH';

/** What is compared: one billing period of one import source with the usage of the same time in the ledger. */
export interface Comparison {
  readonly sourceId: string;
  /** 202605. */
  readonly period: number;
  /** Of the billing period, UTC. */
  readonly startMs: number;
  readonly endMs: number;
  readonly grain: Grain;
  /** End of the latest usage in the bill: what is later in the ledger is expected in a later delivery, unless the bill is final. */
  readonly billThroughMs: number;
  /** AWS has given it an invoice number. */
  readonly isFinal: boolean;
  /** End of the ledger's usage that is looked at; calls that are under way come to lie after it. */
  readonly ledgerThroughMs: number;
  /** Names of the upstreams that are Amazon Bedrock. */
  readonly upstreams: readonly string[];
  /** Those of them whose calls AWS logged: estimates, but of calls that were made. */
  readonly logUpstreams: readonly string[];
  /** Accounts that the bill has usage of; usage of others is out of its scope. */
  readonly accounts: readonly string[];
  /** Tag keys, without a prefix, that the bill shows and sessions carry. */
  readonly tagKeys: readonly string[];
}

/** From here on a bill that is not final is not complete. A day or month that has begun counts as a whole while it lasts. */
export function completeToMs({
  grain,
  startMs,
  billThroughMs,
}: Pick<Comparison, 'grain' | 'startMs' | 'billThroughMs'>): number {
  if (grain === 'HOUR') return billThroughMs;
  if (grain === 'MONTH') return startMs;
  return Math.ceil(billThroughMs / DAY_MS) * DAY_MS - DAY_MS;
}
