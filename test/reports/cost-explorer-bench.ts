import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { TagLedger } from '../../src/allocation/tag-ledger.ts';
import type { Caller } from '../../src/identity/principal.ts';
import { NO_TAGS } from '../../src/kernel/tags.ts';
import type { OperationCall } from '../../src/paths/operation-handler.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { tagKeyUsage } from '../../src/reports/tag-usage.ts';
import { type CostExplorerDeps, costExplorerOperations } from '../../src/services/cost-explorer.ts';
import { ACCOUNT } from './line-items.ts';
import { openReportStore } from './report-store.ts';

export interface CostExplorerBench {
  readonly tags: TagLedger;
  readonly time: { nowMs: number };
  /** Runs an operation as an account's administrator; the payer's unless another is named. */
  readonly ask: <Output>(operation: string, input: object, accountId?: string) => Promise<Output>;
  readonly close: () => Promise<void>;
}

/** Cost Explorer's operations over a real store with the given line items. */
export async function costExplorerBench(
  nowMs: number,
  lineItems: readonly LineItem[],
  options: Partial<CostExplorerDeps> = {},
): Promise<CostExplorerBench> {
  const { store, close } = await openReportStore();
  await store.insert({ token: 'line-items', usageEvents: [], lineItems });
  const time = { nowMs };
  const clock = () => time.nowMs;
  const records = new SqliteRecordStore(':memory:', clock);
  const tags = new TagLedger({ records, clock, usedKeys: () => tagKeyUsage(store) });
  const operations = costExplorerOperations({ store, tags, managementAccountId: ACCOUNT, ...options });
  const ask = async (operation: string, input: object, accountId = ACCOUNT) => {
    return operations[operation]!.run(operationCall(input, accountId, time.nowMs));
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
  const request: OperationCall<Input>['request'] = {
    method: 'POST',
    path: '/',
    query: '',
    headers: {},
    body: Buffer.alloc(0),
    httpVersion: '1.1',
    isTls: false,
    sourceIp: '127.0.0.1',
    receivedAtMs: nowMs,
    clientGone: new AbortController().signal,
  };
  return { requestId: 'request', caller, input, request, region: 'us-east-1', nowMs };
}
