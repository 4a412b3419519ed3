import { randomUUID } from 'node:crypto';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { CostCategoryRegistry } from '../../src/allocation/cost-category-registry.ts';
import { TagLedger } from '../../src/allocation/tag-ledger.ts';
import type { Caller } from '../../src/identity/principal.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { NO_TAGS } from '../../src/kernel/tags.ts';
import { billingPeriodOf } from '../../src/kernel/time.ts';
import type { OperationCall, OperationTable } from '../../src/paths/operation-handler.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { categoriesFit } from '../../src/reports/category-size.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';
import { forecastRanges } from '../../src/reports/forecast.ts';
import { tagKeyUsage } from '../../src/reports/tag-usage.ts';
import {
  type CostExplorerDeps,
  costCategoryOperations,
  costExplorerOperations,
  resourceTagOperations,
} from '../../src/services/cost-explorer.ts';
import { decodeInput } from '../../src/wire/decode.ts';
import { encodeOutput } from '../../src/wire/encode.ts';
import { encodeFault } from '../../src/wire/encode-fault.ts';
import { dialectOf, route } from '../../src/wire/route.ts';
import { jsonRequest, wireRequest } from '../../src/wire/wire-request.fixture.ts';
import { ACCOUNT } from './line-items.ts';
import { openReportStore } from './report-store.ts';

type Headers = Readonly<Record<string, string>>;

export interface CostExplorerBench {
  readonly tags: TagLedger;
  readonly time: { nowMs: number };
  /**
   * The wire's way of one request by an account's administrator, the payer's unless another is named. Rejects with the
   * code, the message and the status that the wire carries.
   */
  readonly ask: <Output>(operation: string, input: object, accountId?: string, headers?: Headers) => Promise<Output>;
  readonly close: () => Promise<void>;
}

/** Cost Explorer's operations over a real store with the given line items. */
export async function costExplorerBench(
  nowMs: number,
  lineItems: readonly LineItem[],
  { processingDelayMs = 0, ...options }: Partial<CostExplorerDeps> & { processingDelayMs?: number } = {},
): Promise<CostExplorerBench> {
  const { store, close } = await openReportStore();
  await store.insert({ token: 'line-items', usageEvents: [], lineItems });
  const time = { nowMs };
  const clock = () => time.nowMs;
  const records = new SqliteRecordStore(':memory:', clock);
  const tags = new TagLedger({
    records,
    clock,
    usedKeys: () => tagKeyUsage(store),
    backfillDelayMs: processingDelayMs,
  });
  const accountNames = new Map([[ACCOUNT, 'payer']]);
  const models = new Map([
    ['anthropic.claude-sonnet-4-6', { provider: 'Anthropic', displayName: 'Claude Sonnet 4.6' }],
  ]);
  const categories = new CostCategoryRegistry({
    ...{ records, clock, newId: randomUUID, processingDelayMs },
    fits: (all, atMs) => categoriesFit({ ...costCatalog(), categories: all }, atMs),
  });
  const costCatalog = (): CostCatalog => ({ tags: tags.all(), categories: categories.catalog(), accountNames, models });
  const operations: OperationTable = {
    ...costExplorerOperations({
      ...{ store, tags, costCatalog, managementAccountId: ACCOUNT, hasExtensions: false },
      forecast: async (...question) => forecastRanges(...question),
      isFinalPeriod: (period) => period < billingPeriodOf(time.nowMs),
      ...options,
    }),
    ...costCategoryOperations({ categories, managementAccountId: ACCOUNT }),
    ...resourceTagOperations([categories]),
  };
  const ask = async (operation: string, input: object, accountId = ACCOUNT, headers: Headers = {}) => {
    const plain = jsonRequest(`AWSInsightsIndexService.${operation}`, input);
    const request = { ...plain, headers: { ...plain.headers, ...headers } };
    try {
      const routed = route(request);
      const call = { ...operationCall(decodeInput(routed, request), accountId, time.nowMs), request };
      const { body } = encodeOutput(routed.operation, await operations[operation]!.run(call), 'request');
      return JSON.parse(String(body));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { status, body } = encodeFault(dialectOf(request), error, 'request');
      const { __type: code, message = '', Message = message } = JSON.parse(String(body));
      throw Object.assign(new Error(Message), { code, status });
    }
  };
  return { tags, time, ask, close };
}

export function operationCall<Input>(input: Input, accountId: string, nowMs: number): OperationCall<Input> {
  const arn = `arn:aws:iam::${accountId}:user/finops`;
  const caller: Caller = {
    kind: 'user',
    arn,
    principalArn: arn,
    accountId,
    userId: 'AIDAEXAMPLE',
    principalId: 'AIDAEXAMPLE',
    userName: 'finops',
    accessKeyId: 'AKIAEXAMPLE',
    tags: NO_TAGS,
  };
  return { requestId: 'request', caller, input, request: wireRequest(), region: 'us-east-1', nowMs };
}
