import { randomUUID } from 'node:crypto';
import { createClient } from '@clickhouse/client';
import { logUpstream } from '../../src/imports/log-source.ts';
import { formatUsd } from '../../src/kernel/money.ts';
import { sortedTagPairs } from '../../src/kernel/tags.ts';
import { HOUR_MS, SECOND_MS } from '../../src/kernel/time.ts';
import type { UsageEvent } from '../../src/metering/usage-event.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import type { Meter } from '../../src/rating/meter.ts';
import { BILL_LINE_TABLE } from '../../src/reports/bill-schema.ts';
import { embeddedEngine } from '../store/embedded-engine.ts';

/** What one caller used in one hour, as both sides may have it. */
export interface Use {
  readonly atMs: number;
  /** Session of the gateway's role at AWS. */
  readonly session: string;
  readonly modelId: string;
  readonly meter: Meter;
  readonly tokens: bigint;
  readonly pricePicoUsd: bigint;
  readonly tags?: Readonly<Record<string, string>>;
  readonly isEstimated?: boolean;
  /** The call was made as the gateway itself. */
  readonly isGateway?: boolean;
  readonly route?: 'geo' | 'global';
  /** Absent: `UPSTREAM`. */
  readonly upstream?: string;
}

export const AWS_ACCOUNT = '123456789012';
export const ROLE = `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/BedrockRole/`;
export const GATEWAY = `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/GatewayExecution/gateway-1`;
export const UPSTREAM = 'aws';
export const LOG = logUpstream('src1');
export const OWN_USER = 'arn:aws:iam::111122223333:user/';

/** A row of the bill; what is not given is that of a line of usage by Bedrock. */
export type BillRow = Readonly<Record<string, unknown>> & {
  readonly quantity: bigint;
  readonly costPicoUsd: bigint;
  /** Absent: as the cost. */
  readonly netPicoUsd?: bigint;
};

export type Books = Awaited<ReturnType<typeof openBooks>>;

/** An engine with both books, to be filled by hand. */
export async function openBooks() {
  const engine = await embeddedEngine();
  const store = engine.store();
  await store.prepare();
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await engine[Symbol.asyncDispose]();
    },
    async bill(sourceId: string, period: number, rows: readonly BillRow[]): Promise<void> {
      const client = createClient({ ...(await engine.engine.connection()), database: 'tallyline' });
      const values = rows.map(({ quantity, costPicoUsd, netPicoUsd, ...row }, index) => ({
        ...{
          source_id: sourceId,
          period,
          line_id: `${index}`,
          record_type: 'Usage',
          channel: 'first-party',
          is_recognised: 1,
        },
        ...{
          account_id: AWS_ACCOUNT,
          payer_account_id: AWS_ACCOUNT,
          tier: 'standard',
          context: 'default',
          region: 'us-east-1',
        },
        ...{ route: 'in_region', is_batch: 0, line_type: 'Usage', invoice_id: '', quantity: `${quantity}` },
        ...{
          cost: formatUsd(costPicoUsd),
          net_cost: formatUsd(netPicoUsd ?? costPicoUsd),
          list_cost: formatUsd(costPicoUsd),
        },
        ...row,
      }));
      await client.insert({ table: BILL_LINE_TABLE, values, format: 'JSONEachRow' });
      await client.close();
    },
    async ledger(uses: readonly Use[]): Promise<void> {
      const usageEvents = uses.map(eventOf);
      await store.insert({ token: randomUUID(), usageEvents, lineItems: uses.map(lineOf) });
    },
  };
}

/** What AWS bills for a use. */
export function billed(use: Use, more: Readonly<Record<string, unknown>> = {}): BillRow {
  return {
    bucket_start: seconds(hourOf(use.atMs)),
    slice_start: seconds(hourOf(use.atMs)),
    usage_end: seconds(hourOf(use.atMs) + HOUR_MS),
    principal_arn: use.isGateway ? GATEWAY : `${ROLE}${use.session}`,
    principal_tags: use.tags ?? {},
    model_id: use.modelId,
    meter: use.meter,
    usage_type: `USE1-${use.modelId}-${use.meter}`,
    route: use.route === 'global' ? 'global' : 'in_region',
    quantity: use.tokens,
    costPicoUsd: use.tokens * use.pricePicoUsd,
    ...more,
  };
}

export function seconds(atMs: number): number {
  return atMs / SECOND_MS;
}

function hourOf(atMs: number): number {
  return Math.floor(atMs / HOUR_MS) * HOUR_MS;
}

function eventOf(use: Use): UsageEvent {
  const tokens = Number(use.tokens);
  return {
    requestId: randomUUID(),
    ...{
      admittedAtMs: use.atMs,
      endedAtMs: use.atMs + 900,
      accountId: '111122223333',
      principalArn: `${OWN_USER}${use.session}`,
    },
    ...{
      principalId: 'AIDAEXAMPLE',
      accessKeyId: '',
      sourceIdentity: '',
      principalTags: sortedTags(use),
      resourceTags: [],
    },
    ...{ accountTags: [], operation: 'Converse', requestedModelId: use.modelId, modelId: use.modelId, resourceArn: '' },
    ...{
      region: 'us-east-1',
      route: use.route ?? 'geo',
      upstream: use.upstream ?? UPSTREAM,
      isBatch: false,
      attemptOf: '',
      isRepeat: false,
    },
    ...{ tier: 'standard', sourceIp: '10.0.0.7', userAgent: 'boto3/1.40', requestMetadata: [], inputTokensEstimate: 1 },
    ...{ status: 'completed', errorCode: '', upstreamRequestId: '', clientGone: false },
    upstreamPrincipalArn: use.isGateway ? GATEWAY : `${ROLE}${use.session}`,
    isGatewayPrincipal: use.isGateway ?? false,
    usage: { inputTokens: tokens, outputTokens: 0, isEstimated: use.isEstimated ?? false, raw: '' },
  };
}

function lineOf(use: Use): LineItem {
  const cost = use.tokens * use.pricePicoUsd;
  return {
    ...{
      bucketStartMs: Math.floor(use.atMs / 900_000) * 900_000,
      sliceStartMs: Math.floor(use.atMs / 900_000) * 900_000,
    },
    ...{ accountId: '111122223333', principalArn: `${OWN_USER}${use.session}`, principalTags: sortedTags(use) },
    ...{
      resourceTags: [],
      accountTags: [],
      recordType: 'Usage',
      chargeId: '',
      isCorrection: false,
      keyId: '',
      client: 'boto3',
    },
    ...{ modelId: use.modelId, resourceArn: '', region: 'us-east-1', route: use.route ?? 'geo', tier: 'standard' },
    ...{
      context: 'default',
      operation: 'Converse',
      upstream: use.upstream ?? UPSTREAM,
      isBatch: false,
      meter: use.meter,
    },
    ...{ usageType: `USE1-${use.modelId}-${use.meter}`, productCode: 'AmazonBedrock', service: 'Amazon Bedrock' },
    ...{
      billingEntity: 'AWS',
      pricingUnit: '1K tokens',
      quantity: use.tokens,
      requests: 1n,
      pricePicoUsd: use.pricePicoUsd,
    },
    ...{ listPricePicoUsd: use.pricePicoUsd, netPricePicoUsd: use.pricePicoUsd, discountPrices: [], priceId: 'p' },
    ...{ costPicoUsd: cost, listCostPicoUsd: cost, netCostPicoUsd: cost, isUnpriced: false },
    isEstimated: use.isEstimated ?? false,
  };
}

function sortedTags({ tags = {} }: Use) {
  return sortedTagPairs(new Map(Object.entries(tags)));
}
