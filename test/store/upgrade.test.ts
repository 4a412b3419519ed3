import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { embeddedEngine } from './embedded-engine.ts';

/** `line_item` and `usage_event` as version 0.1.0 made them, as far as an upgrade can tell. */
const VERSION_1 = [
  'CREATE DATABASE tallyline',
  `CREATE TABLE tallyline.schema_version (version UInt32, applied_at DateTime('UTC') DEFAULT now())
    ENGINE = MergeTree ORDER BY version`,
  `CREATE TABLE tallyline.usage_event (
      request_id UUID, admitted_at DateTime64(3, 'UTC'), ended_at DateTime64(3, 'UTC'), first_token_ms Nullable(UInt32),
      account_id LowCardinality(String), principal_arn LowCardinality(String), principal_id LowCardinality(String),
      access_key_id LowCardinality(String), source_identity LowCardinality(String),
      principal_tags Map(LowCardinality(String), String), operation LowCardinality(String),
      requested_model_id LowCardinality(String), model_id LowCardinality(String), resource_arn LowCardinality(String),
      region LowCardinality(String), route LowCardinality(String), tier LowCardinality(String),
      upstream LowCardinality(String), source_ip String, user_agent LowCardinality(String),
      request_metadata Map(LowCardinality(String), String), input_tokens_estimate UInt64, status LowCardinality(String),
      error_code LowCardinality(String), client_gone UInt8, input_tokens UInt64, output_tokens UInt64,
      cache_read_input_tokens Nullable(UInt64), cache_write_5m_input_tokens Nullable(UInt64),
      cache_write_1h_input_tokens Nullable(UInt64), usage_is_estimated UInt8, usage_raw String
    ) ENGINE = MergeTree PARTITION BY toYYYYMM(admitted_at) ORDER BY (admitted_at, request_id)`,
  `CREATE TABLE tallyline.line_item (
      line_item_key UInt128 DEFAULT reinterpretAsUInt128(substring(SHA256(formatRow('RowBinary', bucket_start, principal_arn)), 1, 16)),
      bucket_start DateTime('UTC'), slice_start DateTime64(3, 'UTC'), account_id LowCardinality(String),
      principal_arn LowCardinality(String), principal_tags Map(LowCardinality(String), String),
      model_id LowCardinality(String), resource_arn LowCardinality(String), region LowCardinality(String),
      route LowCardinality(String), tier LowCardinality(String), context LowCardinality(String),
      operation LowCardinality(String), upstream LowCardinality(String), meter LowCardinality(String),
      usage_type LowCardinality(String), product_code LowCardinality(String), price Decimal(38, 12),
      price_id LowCardinality(String), is_unpriced UInt8, is_estimated UInt8, quantity UInt64, requests UInt64,
      cost Decimal(38, 12)
    ) ENGINE = SummingMergeTree((quantity, requests, cost)) PARTITION BY toYYYYMM(bucket_start)
    PRIMARY KEY (toDate(bucket_start), principal_arn)
    ORDER BY (toDate(bucket_start), principal_arn, bucket_start, line_item_key)`,
  `INSERT INTO tallyline.line_item (bucket_start, principal_arn, principal_tags, product_code, price, quantity, requests, cost)
    VALUES ('2026-10-31 23:45:00', 'arn:aws:iam::123456789012:user/a', map('team', 'ds'), 'AmazonBedrockService', 0.0000033, 1000, 1, 0.0033),
           ('2026-11-01 00:00:00', 'arn:aws:iam::123456789012:user/a', map(), 'AmazonBedrock', 0.00000006, 500, 2, 0.00003)`,
  `INSERT INTO tallyline.usage_event (request_id, admitted_at, principal_arn)
    VALUES ('00000000-0000-4000-8000-000000000001', '2026-10-31 23:50:00', 'arn:aws:iam::123456789012:user/a')`,
  'INSERT INTO tallyline.schema_version (version) VALUES (1)',
];

let target: Awaited<ReturnType<typeof embeddedEngine>>;

beforeAll(async () => {
  target = await embeddedEngine();
  const client = createClient(await target.engine.connection());
  for (const statement of VERSION_1) await client.command({ query: statement });
  await client.close();
});
afterAll(() => target[Symbol.asyncDispose]());

it('keeps every row of a store of version 1, whose usage was sold by AWS without discounts', async () => {
  // A start that is killed repeats the whole upgrade.
  for (const _ of ['first start', 'next start']) {
    const store = new ClickHouseCostStore({ connection: () => target.engine.connection(), database: 'tallyline' });
    await store.prepare();
    const rows = await store.query({
      sql: `SELECT toString(bucket_start) AS bucket, principal_tags, resource_tags, record_type, charge_id, service,
          billing_entity, pricing_unit, toString(net_price) AS net_price, quantity, requests,
          toString(cost) AS cost, toString(list_cost) AS list_cost, toString(net_cost) AS net_cost
        FROM line_item ORDER BY bucket_start`,
      params: {},
    });
    const shared = { resource_tags: {}, record_type: 'Usage', charge_id: '', billing_entity: 'AWS' };
    expect(rows).toEqual([
      {
        ...{ ...shared, bucket: '2026-10-31 23:45:00', principal_tags: { team: 'ds' }, pricing_unit: '1K tokens' },
        ...{ service: 'Amazon Bedrock Service', net_price: '0.0000033', quantity: '1000', requests: '1' },
        ...{ cost: '0.0033', list_cost: '0.0033', net_cost: '0.0033' },
      },
      {
        ...{ ...shared, bucket: '2026-11-01 00:00:00', principal_tags: {}, pricing_unit: '1K tokens' },
        ...{ service: 'Amazon Bedrock', net_price: '0.00000006', quantity: '500', requests: '2' },
        ...{ cost: '0.00003', list_cost: '0.00003', net_cost: '0.00003' },
      },
    ]);
    const days = await store.query({
      sql: `SELECT toString(bucket_start) AS day, principal_tags, key_id, client, quantity, requests, toString(cost) AS cost
        FROM line_item_day FINAL ORDER BY day`,
      params: {},
    });
    const unknown = { key_id: '', client: '' };
    expect(days).toEqual([
      {
        ...{ ...unknown, day: '2026-10-31 00:00:00', principal_tags: { team: 'ds' } },
        ...{ quantity: '1000', requests: '1', cost: '0.0033' },
      },
      {
        ...{ ...unknown, day: '2026-11-01 00:00:00', principal_tags: {} },
        ...{ quantity: '500', requests: '2', cost: '0.00003' },
      },
    ]);
    const october = { startMs: Date.UTC(2026, 9, 1), endMs: Date.UTC(2026, 10, 1) };
    const [event] = await store.usageEventsOf(['00000000-0000-4000-8000-000000000001'], october);
    expect(event).toMatchObject({
      principalArn: 'arn:aws:iam::123456789012:user/a',
      resourceTags: [],
      accountTags: [],
    });
    await store.close();
    const client = createClient({ ...(await target.engine.connection()), database: 'tallyline' });
    await client.command({ query: 'TRUNCATE TABLE schema_version' });
    await client.command({ query: 'INSERT INTO schema_version (version) VALUES (1)' });
    await client.close();
  }
});

it('leads to the tables that a new store has', async () => {
  const tablesOf = async (database: string) => {
    const store = new ClickHouseCostStore({ connection: () => target.engine.connection(), database });
    await store.prepare();
    const sql = `SELECT name, replaceAll(create_table_query, '${database}.', '') AS statement FROM system.tables
      WHERE database = '${database}' AND name != 'stray' ORDER BY name`;
    const tables = await store.query<{ name: string; statement: string }>({ sql, params: {} });
    const versions = await store.query({ sql: 'SELECT version FROM schema_version ORDER BY version', params: {} });
    await store.close();
    return { tables, versions };
  };
  // A store that has any table is migrated, from version 0 on.
  const client = createClient(await target.engine.connection());
  await client.command({ query: 'CREATE DATABASE migrated' });
  await client.command({ query: 'CREATE TABLE migrated.stray (a UInt8) ENGINE = MergeTree ORDER BY a' });
  await client.close();
  const made = await tablesOf('made');
  expect(made.tables.map(({ name }) => name)).toContain('line_item_day');
  expect(await tablesOf('migrated')).toEqual(made);
});
