import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { activateTags } from '../../examples/demo/billing.ts';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { type DuckDb, openDuckDb } from '../cur/duckdb.ts';
import { fencedBlocks } from '../examples/guide.ts';
import { MAIN, removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { curFiles } from '../wire/cur-rows.ts';
import { monthStart } from '../wire/delivered-rows.ts';
import { tallyline } from '../wire/gateway-keys.ts';
import { ARRIVAL, billedCalls } from '../wire/ledger.ts';
import { ACCOUNT, allow, assumed, INVOKE, newRole, newUser, trust } from '../wire/principals.ts';
import { type ProgramResult, run } from '../wire/program.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const OPUS = 'anthropic.claude-opus-4-6-v1';
const NOVA = 'amazon.nova-lite-v1:0';
/** What the gateway does not ask AWS for. */
const NOT_OF_AWS = 'amazon.nova-micro-v1:0';
const CALLERS = { alice: { team: 'data-science' }, acme: { tenant: 'acme-corp' } };
const GATEWAY = `arn:aws:sts::${ACCOUNT}:assumed-role/GatewayExecution/gateway-1`;

const COLUMNS = [
  ...[
    'bill_bill_type',
    'bill_billing_entity',
    'bill_billing_period_start_date',
    'bill_invoice_id',
    'bill_payer_account_id',
  ],
  ...['identity_line_item_id', 'line_item_currency_code', 'line_item_iam_principal', 'line_item_line_item_description'],
  ...['line_item_line_item_type', 'line_item_operation', 'line_item_product_code', 'line_item_unblended_cost'],
  ...['line_item_unblended_rate', 'line_item_usage_account_id', 'line_item_usage_amount', 'line_item_usage_end_date'],
  ...['line_item_usage_start_date', 'line_item_usage_type', 'pricing_public_on_demand_cost', 'pricing_unit', 'product'],
  ...['product_region_code', 'tags'],
];

interface Code {
  readonly Code: string;
  readonly Rows: number;
  readonly BillUsd: string;
  readonly LedgerUsd: string;
  readonly DifferenceUsd: string;
}
interface Reconciled {
  readonly SourceId: string;
  readonly State: string;
  readonly Sentence: string;
  readonly BillUsd: string;
  readonly LedgerUsd: string;
  readonly Codes: readonly Code[];
}

let aws: TestServer;
let gateway: TestServer;
let duck: DuckDb;
/** What AWS has delivered. */
let delivered: string;
const CALLS = 6;
/** How long an import and its comparison may take on a busy machine. */
const COMPARED = { timeout: 120_000, interval: 200 } as const;
const TEST_MS = 240_000;

beforeAll(async () => {
  duck = await openDuckDb();
  aws = await startServer();
  const [permissions, trustPolicy, limits] = fencedBlocks('GATEWAY.md', 'json').map(statementsOf);
  const execution = await newRole(aws.admin, 'GatewayExecution', {
    ...{ trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)], statements: permissions! },
  });
  await newRole(aws.admin, 'BedrockRole', { trust: trustPolicy!, statements: limits!, maxSessionSeconds: 43_200 });
  const operator = await newUser(aws.admin, 'operator', { statements: [allow('sts:AssumeRole')] });
  gateway = await startGateway(await assumed(operator, execution, 'gateway-1'));
  await callAll();
  for (const server of [aws, gateway]) {
    await vi.waitFor(async () => expect(await billedCalls(server)).toBe(CALLS), ARRIVAL);
  }
  await activateTags(aws.admin, monthStart(), ['iamPrincipal/team', 'iamPrincipal/tenant']);
  const tables = { TIME_GRANULARITY: 'HOURLY', INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' };
  const [file] = await curFiles(aws, COLUMNS.join(', '), tables);
  delivered = file!;
}, TEST_MS);
afterAll(async () => {
  duck.close();
  for (const server of [gateway, aws]) expect(await server.stop()).toBe(0);
  removeFolders();
});

function statementsOf(policy: string): readonly object[] {
  return (JSON.parse(policy) as { Statement: readonly object[] }).Statement;
}

function startGateway({ credentials }: ClientConfig): Promise<TestServer> {
  const bedrock = {
    ...{ name: 'aws', type: 'bedrock', endpoint: aws.url, stsEndpoint: aws.url },
    ...{
      accessKeyIdEnv: 'UPSTREAM_ACCESS_KEY_ID',
      secretAccessKeyEnv: 'UPSTREAM_SECRET_ACCESS_KEY',
      sessionTokenEnv: 'UPSTREAM_SESSION_TOKEN',
    },
    session: { role: `arn:aws:iam::${ACCOUNT}:role/BedrockRole`, durationSeconds: 43_200 },
    models: Object.fromEntries([SONNET, OPUS, NOVA].map((model) => [model, model])),
  };
  const alert = { bypassUsd: '0.00001', subscribers: [{ type: 'EMAIL', address: 'finops@example.com' }] };
  return startServer({
    config: {
      account: { id: '111122223333' },
      upstreams: [bedrock, { name: 'own', type: 'simulated' }],
      reconciliation: { alert },
    },
    environment: {
      UPSTREAM_ACCESS_KEY_ID: credentials.accessKeyId,
      UPSTREAM_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      UPSTREAM_SESSION_TOKEN: credentials.sessionToken!,
    },
  });
}

/** Two callers, three models, with caches: keys enough for a difference of every kind. */
async function callAll(): Promise<void> {
  for (const [name, tags] of Object.entries(CALLERS)) {
    const caller = new BedrockRuntimeClient(await newUser(gateway.admin, name, { statements: [INVOKE], tags }));
    for (const modelId of [SONNET, OPUS, NOVA]) {
      await caller.send(
        new ConverseCommand({
          ...{ modelId, messages: [{ role: 'user', content: [{ text: 'Summarise.' }] }] },
          additionalModelRequestFields: {
            simulate: { inputTokens: 10_000, outputTokens: 4_000, cacheReadInputTokens: modelId === OPUS ? 25_000 : 0 },
          },
        }),
      );
    }
    caller.destroy();
  }
}

function verb(...args: readonly string[]): Promise<ProgramResult> {
  return run(process.execPath, [...MAIN, ...args, '--data', gateway.data], {});
}

/** Imports a place and waits for the comparison that follows by itself. */
async function importedAndCompared(place: string): Promise<Reconciled> {
  const before = await reconciliations();
  expect(await verb('import', place)).toMatchObject({ status: 0 });
  return vi.waitFor(async () => {
    const [latest] = await reconciliations();
    expect(latest).toMatchObject({ State: 'DONE' });
    expect(before.map(({ Id }) => Id)).not.toContain(latest!.Id);
    return (await tallyline<{ Reconciliation: Reconciled }>(gateway, 'GetReconciliation', { Id: latest!.Id }))
      .Reconciliation;
  }, COMPARED);
}

async function reconciliations() {
  return (
    await tallyline<{ Reconciliations: { Id: string; SourceId: string; State: string }[] }>(
      gateway,
      'ListReconciliations',
      {},
    )
  ).Reconciliations;
}

/** What was delivered, changed: a folder of its own with one file. */
async function changedDelivery(name: string, changes: readonly string[]): Promise<string> {
  const folder = join(temporaryFolder('bill'), name);
  mkdirSync(folder);
  await duck.run(`CREATE OR REPLACE TABLE r AS SELECT * FROM read_parquet('${delivered}')`);
  for (const change of changes) await duck.run(change);
  await duck.run(`COPY r TO '${join(folder, 'bill.parquet')}' (FORMAT PARQUET)`);
  return folder;
}

function amountsOf({ Codes }: Reconciled) {
  return Object.fromEntries(Codes.filter(({ Rows }) => Rows > 0).map((one) => [one.Code, one.DifferenceUsd]));
}

const month = () => monthStart().toISOString().slice(0, 7);

describe('a gateway and the bill of what is behind it', () => {
  it(
    'agree to the last digit',
    async () => {
      const found = await importedAndCompared(dirname(dirname(dirname(delivered))));
      expect(amountsOf(found)).toEqual({ MATCHED: '0' });
      expect(found.BillUsd).toBe(found.LedgerUsd);
      expect(found.Sentence).toBe(`ledger and bill agree exactly for ${month()}: ${found.BillUsd} USD`);
      const { status, stdout } = await verb('reconcile', '--latest');
      expect({ status, first: stdout.split('\n')[0] }).toEqual({ status: 0, first: found.Sentence });
    },
    TEST_MS,
  );

  it('say of every call that it is billed', async () => {
    const { Requests } = await tallyline<{ Requests: { State: string }[] }>(gateway, 'ListRequests', {});
    expect(Requests.map(({ State }) => State)).toEqual(Array(CALLS).fill('billed'));
    const report = await verb('report', '--by', 'state', '--json');
    expect(report.stdout).toContain('billed');
    expect(report.stdout).not.toContain('provider-reported');
  });

  it('leave out what no bill of AWS will have when they say how much is unreconciled', async () => {
    const client = new BedrockRuntimeClient(gateway.admin);
    await client.send(
      new ConverseCommand({ modelId: NOT_OF_AWS, messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }),
    );
    client.destroy();
    await vi.waitFor(async () => expect(await billedCalls(gateway)).toBe(CALLS + 1), ARRIVAL);
    const [latest] = await reconciliations();
    const range = { Start: monthStart(), End: new Date(monthStart().getTime() + 31 * 86_400_000) };
    const freshness = await tallyline<Record<string, string>>(gateway, 'GetFreshness', range);
    const { Reconciliation } = await tallyline<{ Reconciliation: Reconciled }>(gateway, 'GetReconciliation', {
      Id: latest!.Id,
    });
    expect(freshness).toMatchObject({ ReconcilableUsd: Reconciliation.BillUsd, UnreconciledUsd: '0' });
    expect(Number(freshness.CostUsd)).toBeGreaterThan(Number(freshness.ReconcilableUsd));
  });

  it(
    'differ as was planted, with name and amount',
    async () => {
      const usage = (caller: string, type: string) =>
        `line_item_iam_principal LIKE '%/${caller}' AND line_item_usage_type LIKE '%${type}'`;
      const place = await changedDelivery('planted', [
        `INSERT INTO r SELECT * REPLACE ('arn:aws:iam::${ACCOUNT}:user/mallory' AS line_item_iam_principal, 'bypass' AS identity_line_item_id, MAP {}::MAP(VARCHAR, VARCHAR) AS tags) FROM r WHERE ${usage('alice', 'NovaLite-input-tokens')}`,
        `UPDATE r SET line_item_unblended_cost = line_item_unblended_cost + 0.011 WHERE ${usage('alice', 'Sonnet-input-tokens')}`,
        `DELETE FROM r WHERE ${usage('alice', 'Sonnet-output-tokens')}`,
        `UPDATE r SET line_item_usage_amount = line_item_usage_amount + 25, line_item_unblended_cost = line_item_unblended_cost + 25 * 0.0055 WHERE ${usage('alice', 'Opus-input-tokens')}`,
        `UPDATE r SET line_item_usage_start_date = line_item_usage_start_date + INTERVAL 1 HOUR, line_item_usage_end_date = line_item_usage_end_date + INTERVAL 1 HOUR WHERE ${usage('alice', 'Opus-output-tokens')}`,
        `UPDATE r SET line_item_iam_principal = '${GATEWAY}', tags = MAP {}::MAP(VARCHAR, VARCHAR) WHERE ${usage('acme', 'Sonnet-input-tokens')}`,
        `UPDATE r SET tags = MAP {}::MAP(VARCHAR, VARCHAR) WHERE ${usage('acme', 'Sonnet-output-tokens')}`,
        `UPDATE r SET line_item_usage_amount = line_item_usage_amount + 1, line_item_unblended_cost = line_item_unblended_cost + 0.0055 WHERE ${usage('acme', 'Opus-input-tokens')}`,
        `UPDATE r SET line_item_unblended_cost = line_item_unblended_cost + 0.0000004 WHERE ${usage('acme', 'Opus-output-tokens')}`,
        charge('EdpDiscount', -0.05),
        charge('Credit', -0.25),
        charge('Tax', 0.19),
        `INSERT INTO r SELECT * REPLACE ('USE1-Claude9-dream-units' AS line_item_usage_type, 'unknown' AS identity_line_item_id, 'dreams' AS pricing_unit, MAP {}::MAP(VARCHAR, VARCHAR) AS product) FROM r WHERE ${usage('acme', 'NovaLite-output-tokens')}`,
      ]);
      // Two deliveries of one bill would count it twice.
      const [before] = await reconciliations();
      expect(await verb('bill-source', 'remove', before!.SourceId)).toMatchObject({ status: 0 });
      const found = await importedAndCompared(place);
      expect(amountsOf(found)).toEqual({
        MATCHED: '0',
        LATE: '0',
        // 10,000 tokens at 0.06 USD per million.
        MISSING_IN_LEDGER: '0.0006',
        // 4,000 at 16.50.
        MISSING_IN_BILL: '-0.066',
        PRICE_DIFFERENCE: '0.011',
        QUANTITY_DIFFERENCE: '0.0055',
        // 25,000 at 5.50.
        CACHE_DOUBLE_CHARGED: '0.1375',
        ROUNDING: '0.0000004',
        DISCOUNT: '-0.05',
        CREDIT: '-0.25',
        TAX_OR_FEE: '0.19',
        IDENTITY_COLLAPSED: '0',
        TAGS_DIFFERENT: '0',
        // 4,000 at 0.24.
        UNRECOGNISED: '0.00096',
      });
      const { Differences } = await tallyline<{ Differences: object[] }>(gateway, 'ListReconciliationDifferences', {
        ...{ SourceId: found.SourceId, BillingPeriod: month(), Codes: ['MISSING_IN_LEDGER', 'IDENTITY_COLLAPSED'] },
      });
      expect(Differences).toMatchObject([
        { Principal: `arn:aws:iam::${ACCOUNT}:user/mallory`, BillQuantity: '10000', Callers: [] },
        { Principal: GATEWAY, Callers: ['arn:aws:iam::111122223333:user/acme'], BillQuantity: '10000' },
      ]);
      const told = await verb('reconcile', '--latest', '--source', found.SourceId, '--explain', 'missing_in_ledger');
      expect(told).toMatchObject({ status: 2 });
      expect(told.stdout).toContain('user/mallory');
      const { Notices } = await tallyline<{ Notices: { Subject: string }[] }>(gateway, 'ListNotices', {});
      expect(Notices.map(({ Subject }) => Subject)).toEqual([expect.stringContaining(`the bill for ${month()}`)]);
    },
    TEST_MS,
  );
});

function charge(type: string, usd: number): string {
  return `INSERT INTO r SELECT * REPLACE ('${type}' AS line_item_line_item_type, ${usd} AS line_item_unblended_cost, '${type}' AS identity_line_item_id, NULL AS line_item_iam_principal, NULL AS line_item_usage_type, 0 AS line_item_usage_amount, MAP {}::MAP(VARCHAR, VARCHAR) AS tags) FROM r LIMIT 1`;
}
