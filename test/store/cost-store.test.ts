import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { createClient } from '@clickhouse/client';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueryLimits } from '../../src/adapters/clickhouse-cost-store/query-limits.ts';
import { type ClickHouseConnection, ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { BUCKET_MS, bucketStartMs } from '../../src/kernel/time.ts';
import type { UsageEvent } from '../../src/metering/usage-event.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { RECONCILIATION_COLUMNS } from '../../src/reconciliation/reconciliation-schema.ts';
import { BILL_DAY_COLUMNS, BILL_LINE_COLUMNS } from '../../src/reports/bill-schema.ts';
import { DAY_ITEM_COLUMNS, LINE_ITEM_COLUMNS, USAGE_EVENT_COLUMNS } from '../../src/reports/cost-schema.ts';
import { embeddedEngine, eventually } from './embedded-engine.ts';
import { nextBatch, sampleUsage } from './sample-usage.ts';

interface Target extends AsyncDisposable {
  readonly connection: () => Promise<ClickHouseConnection>;
  readonly database: string;
}

async function embedded(): Promise<Target> {
  const { engine, [Symbol.asyncDispose]: dispose } = await embeddedEngine();
  return { connection: () => engine.connection(), database: 'tallyline', [Symbol.asyncDispose]: dispose };
}

/** A real server: `CLICKHOUSE_URL=http://user:password@host:8123`. The test makes a database and drops it. */
function server(text: string): () => Promise<Target> {
  const url = new URL(text);
  const credentials = {
    username: decodeURIComponent(url.username) || 'default',
    password: decodeURIComponent(url.password),
  };
  const connection = { url: url.origin, ...credentials };
  const database = `tallyline_test_${randomUUID().replaceAll('-', '')}`;
  return async () => ({
    connection: async () => connection,
    database,
    async [Symbol.asyncDispose]() {
      const client = createClient(connection);
      await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
      await client.close();
    },
  });
}

const serverUrl = process.env.CLICKHOUSE_URL;
describeCostStore('on the embedded engine', embedded);
if (serverUrl) {
  describeCostStore('on a ClickHouse server', server(serverUrl));
} else {
  console.warn(
    'SKIPPED: the cost store was NOT tested on a ClickHouse server; set CLICKHOUSE_URL=http://user:password@host:8123',
  );
  describe.skip('ClickHouseCostStore on a ClickHouse server: set CLICKHOUSE_URL', () => it('was not tested', () => {}));
}

function describeCostStore(where: string, open: () => Promise<Target>): void {
  describe(`ClickHouseCostStore ${where}`, () => {
    let target: Target;
    let store: ClickHouseCostStore;
    const storeWith = (limits: Partial<QueryLimits>) => new ClickHouseCostStore({ ...target, limits });

    beforeAll(async () => {
      target = await open();
      store = new ClickHouseCostStore(target);
      await store.prepare();
    });

    afterAll(async () => {
      await store.close();
      await target[Symbol.asyncDispose]();
    });

    const rows = <Row>(sql: string, params: Record<string, unknown> = {}) => store.query<Row>({ sql, params });
    const totalsOf = async (account: string) => {
      const [sums] = await rows<{ quantity: string; requests: string; cost: string }>(
        'SELECT sum(quantity) AS quantity, sum(requests) AS requests, sum(cost) AS cost FROM line_item WHERE account_id = {account:String}',
        { account },
      );
      return { quantity: BigInt(sums!.quantity), requests: BigInt(sums!.requests), cost: parsePicoUsd(sums!.cost) };
    };
    const eventCount = async (account: string) => {
      const [row] = await rows<{ count: string }>(
        'SELECT count() AS count FROM usage_event WHERE account_id = {account:String}',
        { account },
      );
      return Number(row!.count);
    };

    describe('tables', () => {
      it.each([
        ['line_item', LINE_ITEM_COLUMNS],
        ['line_item_day', DAY_ITEM_COLUMNS],
        ['usage_event', USAGE_EVENT_COLUMNS],
        ['bill_line', BILL_LINE_COLUMNS],
        ['bill_line_day', BILL_DAY_COLUMNS],
        ['reconciliation_line', RECONCILIATION_COLUMNS],
      ])('%s has exactly the columns of the schema', async (table, columns) => {
        const found = await rows<{ name: string; type: string }>(
          'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
          { table },
        );
        expect(found.map(({ name, type }) => [name, type])).toEqual(Object.entries(columns));
      });

      it('are prepared once, however often it is asked', async () => {
        await store.prepare();
        expect(await rows('SELECT version FROM schema_version ORDER BY version')).toEqual([
          { version: 1 },
          { version: 2 },
          { version: 3 },
          { version: 4 },
          { version: 5 },
          { version: 6 },
          { version: 7 },
          { version: 8 },
        ]);
      });

      it('of a later version are refused', async () => {
        const client = createClient({ ...(await target.connection()), database: target.database });
        await client.command({ query: 'INSERT INTO schema_version (version) VALUES (99)' });
        await expect(store.prepare()).rejects.toMatchObject({ code: 'DataFolderUnusable', message: /schema 99/ });
        await client.command({ query: 'DELETE FROM schema_version WHERE version = 99' });
        await client.close();
      });
    });

    describe('insert', () => {
      // peers rows 36.
      it('keeps every sum exact', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(amounts, { minLength: 1, maxLength: 40 }), async (parts) => {
            const account = randomUUID();
            const lineItems = parts.map((part, index) =>
              lineItem({ accountId: account, ...part, priceId: `${index % 3}` }),
            );
            await store.insert({ token: randomUUID(), usageEvents: [], lineItems });
            expect(await totalsOf(account)).toEqual({
              quantity: sum(lineItems, (item) => item.quantity),
              requests: sum(lineItems, (item) => item.requests),
              cost: sum(lineItems, (item) => item.costPicoUsd),
            });
          }),
          { numRuns: 25 },
        );
      });

      it('gives back what was put in, whatever the text', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(usageEvents, { minLength: 1, maxLength: 20 }), async (events) => {
            const account = randomUUID();
            const usageEvents = events.map((event) => ({ ...event, accountId: account, requestId: randomUUID() }));
            await store.insert({ token: randomUUID(), usageEvents, lineItems: [] });
            const read = await stored(account);
            expect(new Map(read.map((event) => [event.requestId, event]))).toEqual(
              new Map(usageEvents.map((event) => [event.requestId, event])),
            );
          }),
          { numRuns: 15 },
        );
      });

      it('takes texts that look like SQL, ends of lines and object keys for texts', async () => {
        const texts = [
          "'; DROP TABLE line_item; --",
          '\n\nDROP TABLE line_item\n\n',
          '\r\n\r\n;',
          '\0a\0',
          '\\\'"`',
          'é𝄞\u2028漢字',
          '__proto__',
          'constructor',
          '{x:String}',
          '',
          ' '.repeat(16),
          'ü'.repeat(100),
          'x'.repeat(70_000),
        ];
        const account = randomUUID();
        const usageEvents = texts.map((text) =>
          usageEvent({
            accountId: account,
            requestId: randomUUID(),
            principalArn: text,
            userAgent: text,
            principalTags: texts.map((key): [string, string] => [key, text]),
            usage: { inputTokens: 1, outputTokens: 1, isEstimated: false, raw: text },
          }),
        );
        const lineItems = texts.map((text) =>
          lineItem({ accountId: account, principalArn: text, principalTags: [[text, text]] }),
        );
        await store.insert({ token: '\n\n; DROP TABLE usage_event', usageEvents, lineItems });
        const byId = new Map((await stored(account)).map((event) => [event.requestId, event]));
        expect(usageEvents.map(({ requestId }) => byId.get(requestId))).toEqual(usageEvents);
        const found = await rows<{ arn: string; value: string }>(
          'SELECT principal_arn AS arn, principal_tags[principal_arn] AS value FROM line_item WHERE account_id = {account:String}',
          { account },
        );
        expect(found.map(({ arn }) => arn).sort()).toEqual(texts.toSorted());
        for (const { arn, value } of found) expect(value).toBe(arn);
      });

      // peers rows 34.
      it('takes more distinct keys than fit 16 bits', async () => {
        const account = randomUUID();
        const requestMetadata = Array.from({ length: 70_000 }, (_, index): [string, string] => [
          `k${index}`,
          `${index % 7}`,
        ]);
        const event = usageEvent({ accountId: account, requestId: randomUUID(), requestMetadata });
        await store.insert({ token: randomUUID(), usageEvents: [event], lineItems: [] });
        expect(await stored(account)).toEqual([event]);
      });

      // peers rows 43.
      it('counts a batch once, handed over again and again', async () => {
        const account = randomUUID();
        const batch = batchOf(account, 700);
        await Promise.all([store.insert(batch), store.insert(batch)]);
        await store.insert(batch);
        expect(await totalsOf(account)).toEqual(totals(batch.lineItems));
        expect(await eventCount(account)).toBe(700);
      });

      it('counts equal line items of two batches twice', async () => {
        const account = randomUUID();
        const { lineItems } = batchOf(account, 10);
        await store.insert({ token: randomUUID(), usageEvents: [], lineItems });
        await store.insert({ token: randomUUID(), usageEvents: [], lineItems });
        expect(await totalsOf(account)).toEqual(totals([...lineItems, ...lineItems]));
      });

      it('completes a batch that failed between its tables', async () => {
        const account = randomUUID();
        const batch = batchOf(account, 50);
        let asked = 0;
        const failing = new ClickHouseCostStore({
          ...target,
          connection: async () => {
            if (++asked === 2) throw new Fault('StoreUnavailable', 'gone between the tables');
            return target.connection();
          },
        });
        await expect(failing.insert(batch)).rejects.toMatchObject({ code: 'StoreUnavailable' });
        await failing.insert(batch);
        await failing.close();
        expect(await totalsOf(account)).toEqual(totals(batch.lineItems));
        expect(await eventCount(account)).toBe(50);
      });

      it('stores a batch over the turn of a month under both periods, once', async () => {
        const account = randomUUID();
        const usage = sampleUsage({ seed: 5, startMs: Date.UTC(2026, 1, 28, 23, 50), stepMs: 60_000 });
        const batch = ofAccount(nextBatch(usage, randomUUID(), 20), account);
        await store.insert(batch);
        await store.insert(batch);
        expect(await totalsOf(account)).toEqual(totals(batch.lineItems));
        const ofPeriod = async (period: string) => (await stored(account, period)).map((event) => event.requestId);
        const before = batch.usageEvents.filter((event) => event.admittedAtMs < Date.UTC(2026, 2, 1));
        expect(before).toHaveLength(10);
        expect(await ofPeriod('2026-02')).toEqual(before.map((event) => event.requestId));
        expect(await ofPeriod('2026-03')).toHaveLength(10);
      });

      it('takes a batch without line items', async () => {
        await store.insert({ token: randomUUID(), usageEvents: [], lineItems: [] });
      });

      it('refuses what is no UUID or no whole number as the bug it is', async () => {
        const account = randomUUID();
        const bad = usageEvent({ accountId: account, requestId: 'not-a-uuid' });
        const attempt = store.insert({ token: randomUUID(), usageEvents: [bad], lineItems: [] });
        await expect(attempt).rejects.toThrow(RangeError);
        expect(await eventCount(account)).toBe(0);
      });
    });

    describe('line items', () => {
      it('add up to one row where they agree in everything that identifies them', async () => {
        const account = randomUUID();
        const sums = { quantity: 7n, requests: 1n, costPicoUsd: 21n, listCostPicoUsd: 28n, netCostPicoUsd: 14n };
        const item = lineItem({ accountId: account, ...sums });
        for (let part = 0; part < 3; part++) {
          await store.insert({ token: randomUUID(), usageEvents: [], lineItems: [item, item] });
        }
        await optimize();
        expect(
          await rows(
            'SELECT quantity, requests, cost, list_cost, net_cost FROM line_item WHERE account_id = {account:String}',
            { account },
          ),
        ).toEqual([
          {
            ...{ quantity: '42', requests: '6', cost: formatUsd(126n) },
            ...{ list_cost: formatUsd(168n), net_cost: formatUsd(84n) },
          },
        ]);
      });

      it('stay apart where they differ in anything that identifies them', async () => {
        const account = randomUUID();
        const item = lineItem({ accountId: account });
        const variants: LineItem[] = [
          item,
          { ...item, bucketStartMs: item.bucketStartMs + BUCKET_MS },
          { ...item, sliceStartMs: item.sliceStartMs + 1 },
          { ...item, principalArn: 'arn:aws:iam::111111111111:user/b' },
          { ...item, principalTags: [['team', 'b']] },
          { ...item, principalTags: [] },
          {
            ...item,
            principalTags: [
              ['team', 'a'],
              ['x', ''],
            ],
          },
          { ...item, resourceTags: [['team', 'a']] },
          { ...item, accountTags: [['team', 'a']] },
          { ...item, recordType: 'Credit' },
          { ...item, chargeId: 'other' },
          { ...item, isCorrection: true },
          { ...item, modelId: 'other' },
          { ...item, resourceArn: 'other' },
          { ...item, region: 'eu-west-1' },
          { ...item, route: 'geo' },
          { ...item, tier: 'flex' },
          { ...item, context: 'long_context' },
          { ...item, operation: 'InvokeModel' },
          { ...item, upstream: 'other' },
          { ...item, meter: 'output' },
          { ...item, usageType: 'other' },
          { ...item, productCode: 'other' },
          { ...item, service: 'other' },
          { ...item, billingEntity: 'AWS Marketplace' },
          { ...item, pricingUnit: 'Units' },
          { ...item, pricePicoUsd: 4n },
          { ...item, listPricePicoUsd: 4n },
          { ...item, netPricePicoUsd: 4n },
          { ...item, discountPrices: [['own', 2n]] },
          { ...item, priceId: 'other' },
          { ...item, isUnpriced: true },
          { ...item, isEstimated: true },
        ];
        await store.insert({ token: randomUUID(), usageEvents: [], lineItems: variants });
        await optimize();
        const sql =
          'SELECT uniqExact(line_item_key) AS keys, count() AS count FROM line_item WHERE account_id = {account:String}';
        expect(await rows(sql, { account })).toEqual([{ keys: `${variants.length}`, count: `${variants.length}` }]);
      });

      it('hold a price that is absent as unpriced', async () => {
        const account = randomUUID();
        const { pricePicoUsd: _, ...unpriced } = lineItem({ accountId: account, isUnpriced: true, costPicoUsd: 0n });
        await store.insert({ token: randomUUID(), usageEvents: [], lineItems: [unpriced] });
        expect(
          await rows('SELECT price, is_unpriced FROM line_item WHERE account_id = {account:String}', { account }),
        ).toEqual([{ price: '0', is_unpriced: 1 }]);
      });
    });

    describe('query', () => {
      it('answers 64-bit integers and decimals as texts', async () => {
        const sql = "SELECT 18446744073709551615 AS big, toDecimal128('-0.000000000001', 12) AS pico";
        expect(await rows(sql)).toEqual([{ big: '18446744073709551615', pico: '-0.000000000001' }]);
      });

      it('takes parameters of every type for values', async () => {
        const params = {
          text: "it's \\ \n\t\0 é {x:String} ; -- /*",
          texts: ["a'b", 'c\\d', '\n\n'],
          map: { "k'": "v'" },
          at: new Date(1_700_000_000_123),
          amount: '12.000000000001',
          none: null,
        };
        const [row] = await rows<Record<string, unknown>>(
          `SELECT {text:String} AS text, {texts:Array(String)} AS texts, {map:Map(String, String)} AS map,
            toUnixTimestamp64Milli({at:DateTime64(3)}) AS at, {amount:Decimal(38, 12)} AS amount, {none:Nullable(String)} AS none`,
          params,
        );
        expect(row).toEqual({ ...params, at: '1700000000123' });
      });

      it('cannot write', async () => {
        await expect(rows('DROP TABLE line_item')).rejects.toMatchObject({ type: expect.any(String) });
        await expect(rows('INSERT INTO schema_version (version) VALUES (7)')).rejects.toThrow();
        await expect(rows('SELECT 1; DROP TABLE line_item')).rejects.toThrow();
        expect(await rows('SELECT max(version) AS version FROM schema_version')).toEqual([{ version: 8 }]);
      });

      it('throws wrong SQL as the bug it is', async () => {
        const error = await rows('SELECT no_such_column FROM line_item').catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(Error);
        expect(error).not.toBeInstanceOf(Fault);
      });

      it('stops in the store when it is aborted', async () => {
        const mark = randomUUID();
        const abort = new AbortController();
        const answer = store.query({ sql: slowSql(mark), params: {} }, abort.signal);
        answer.catch(() => {});
        await eventually('the query runs', () => isRunning(mark));
        abort.abort();
        await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
        await eventually('the query is gone', async () => !(await isRunning(mark)));
      });

      it('does not start when it is aborted before', async () => {
        await expect(store.query({ sql: 'SELECT 1', params: {} }, AbortSignal.abort())).rejects.toMatchObject({
          name: 'AbortError',
        });
      });

      it('is stopped at its limits with a fault that says so', async () => {
        const limited = storeWith({ queryTimeoutMs: 1_000, resultBytes: 100_000, queryMemoryBytes: 50_000_000 });
        const run = (sql: string) => limited.query({ sql, params: {} });
        await expect(run(slowSql('limit'))).rejects.toMatchObject({ code: 'QueryInvalid' });
        await expect(run('SELECT number FROM numbers(1000000)')).rejects.toMatchObject({ code: 'QueryInvalid' });
        await expect(run('SELECT uniqExact(number) FROM numbers(100000000)')).rejects.toMatchObject({
          code: 'QueryInvalid',
        });
        await limited.close();
      });

      it('throws StoreUnavailable when nobody listens', async () => {
        const lost = new ClickHouseCostStore({
          ...target,
          connection: async () => ({ url: 'http://127.0.0.1:9', username: 'a', password: 'b' }),
        });
        await expect(lost.query({ sql: 'SELECT 1', params: {} })).rejects.toMatchObject({ code: 'StoreUnavailable' });
        await expect(lost.insert(batchOf('x', 1))).rejects.toMatchObject({ code: 'StoreUnavailable' });
        await lost.close();
      });

      it('says StoreUnavailable, without the password, when the credentials are wrong', async () => {
        const { url, username } = await target.connection();
        const stranger = new ClickHouseCostStore({
          ...target,
          connection: async () => ({ url, username, password: 'guessed' }),
        });
        const error = await stranger.query({ sql: 'SELECT 1', params: {} }).catch((thrown: Error) => thrown);
        expect(error).toMatchObject({ code: 'StoreUnavailable', message: expect.not.stringContaining('guessed') });
        await stranger.close();
      });
    });

    describe('stream', () => {
      const streamed = async (sql: string, format: string, gzip = false) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of store.stream({ sql, params: {} }, format, { gzip })) chunks.push(chunk);
        return Buffer.concat(chunks);
      };

      it('answers CSV with its header, also for no rows', async () => {
        const sql = 'SELECT number AS n, \'a,"b"\' AS t FROM numbers(2)';
        expect((await streamed(sql, 'CSVWithNames')).toString()).toBe('"n","t"\n0,"a,""b"""\n1,"a,""b"""\n');
        expect((await streamed(`${sql} WHERE false`, 'CSVWithNames')).toString()).toBe('"n","t"\n');
      });

      it('answers compressed when it is asked to', async () => {
        const sql = "SELECT number AS n, 'same' AS t FROM numbers(70000)";
        const bytes = await streamed(sql, 'CSVWithNames', true);
        expect(gunzipSync(bytes).equals(await streamed(sql, 'CSVWithNames'))).toBe(true);
        await expect(streamed('SELECT no_such_column', 'CSVWithNames', true)).rejects.toThrow('no_such_column');
      });

      it('answers a Parquet file', async () => {
        const bytes = await streamed('SELECT number AS n, toString(number) AS t FROM numbers(70000)', 'Parquet');
        const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
        const read = await parquetReadObjects({ file, compressors, rowStart: 69_999, rowEnd: 70_000 });
        expect(read).toEqual([{ n: 69_999n, t: '69999' }]);
      });

      it('stops in the store when it is aborted', async () => {
        const mark = randomUUID();
        const abort = new AbortController();
        const reading = (async () => {
          for await (const _ of store.stream({ sql: slowSql(mark), params: {} }, 'TSV', { signal: abort.signal }));
        })();
        reading.catch(() => {});
        await eventually('the query runs', () => isRunning(mark));
        abort.abort();
        await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
        await eventually('the query is gone', async () => !(await isRunning(mark)));
      });

      it('can be left before its end', async () => {
        for await (const chunk of store.stream({ sql: 'SELECT number FROM numbers(3000000)', params: {} }, 'TSV')) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
        expect(await rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      });

      it('is stopped at its limits with a fault that says so', async () => {
        const limited = storeWith({ streamTimeoutMs: 1_000, streamBytes: 1_000_000 });
        const read = async (sql: string) => {
          for await (const _ of limited.stream({ sql, params: {} }, 'TSV'));
        };
        await expect(read(slowSql('limit'))).rejects.toMatchObject({ code: 'QueryInvalid' });
        await expect(read('SELECT number FROM numbers(10000000)')).rejects.toMatchObject({ code: 'QueryInvalid' });
        await limited.close();
      });

      it('fails when the query fails half-way', async () => {
        const sql = "SELECT throwIf(number = 5000000, 'half-way') FROM numbers(10000000)";
        await expect(streamed(sql, 'TSV')).rejects.toThrow();
      });

      it('refuses a format name that is none', async () => {
        await expect(streamed('SELECT 1', 'TSV; DROP TABLE line_item')).rejects.toThrow(RangeError);
      });
    });

    describe('replacePeriod', () => {
      const period = '2025-03';
      const at = Date.UTC(2025, 2, 10);
      const other = Date.UTC(2025, 3, 10);

      it('swaps the line items of the period, leaves the others, and can be repeated', async () => {
        const account = randomUUID();
        const old = lineItem({ accountId: account, bucketStartMs: at, quantity: 1n });
        const later = lineItem({ accountId: account, bucketStartMs: other, quantity: 10n });
        await store.insert({ token: randomUUID(), usageEvents: [], lineItems: [old, later] });
        const fresh = Array.from({ length: 5 }, (_, index) =>
          lineItem({ accountId: account, bucketStartMs: at, quantity: 100n, priceId: `${index}` }),
        );
        for (let time = 0; time < 2; time++) {
          await store.replacePeriod(period, pages([fresh.slice(0, 2), fresh.slice(2)]));
          expect((await totalsOf(account)).quantity).toBe(510n);
        }
        await store.replacePeriod(period, pages([]));
        expect((await totalsOf(account)).quantity).toBe(10n);
      });

      it('keeps equal line items that arrive in equal chunks', async () => {
        const account = randomUUID();
        const item = lineItem({ accountId: account, bucketStartMs: at, quantity: 1n });
        const page = Array.from({ length: 100_000 }, () => item);
        await store.replacePeriod(period, pages([page, page, [item]]));
        expect((await totalsOf(account)).quantity).toBe(200_001n);
      });

      it('changes nothing when a line item belongs elsewhere or the source fails', async () => {
        const account = randomUUID();
        const kept = lineItem({ accountId: account, bucketStartMs: at, quantity: 3n });
        await store.replacePeriod(period, pages([[kept]]));
        const stray = lineItem({ accountId: account, bucketStartMs: other });
        await expect(store.replacePeriod(period, pages([[stray]]))).rejects.toThrow(RangeError);
        const broken = (async function* () {
          yield [lineItem({ accountId: account, bucketStartMs: at, quantity: 50n })];
          throw new Error('the source broke off');
        })();
        await expect(store.replacePeriod(period, broken)).rejects.toThrow('the source broke off');
        expect((await totalsOf(account)).quantity).toBe(3n);
      });

      it('does not swallow a batch that is handed over meanwhile', async () => {
        const account = randomUUID();
        const item = (quantity: bigint) => lineItem({ accountId: account, bucketStartMs: at, quantity });
        let inserted: Promise<void> | undefined;
        const source = (async function* () {
          yield [item(1n)];
          inserted = store.insert({ token: randomUUID(), usageEvents: [], lineItems: [item(20n)] });
        })();
        await store.replacePeriod(period, source);
        await inserted;
        expect((await totalsOf(account)).quantity).toBe(21n);
      });
    });

    describe('usage events', () => {
      it('of a period come whole and in order, page after page', async () => {
        const usage = sampleUsage({ seed: 11, startMs: Date.UTC(2024, 5, 1), stepMs: 50 });
        const batch = nextBatch(usage, randomUUID(), 21_000);
        await store.insert(batch);
        const read: UsageEvent[] = [];
        let pageCount = 0;
        for await (const page of store.usageEvents('2024-06')) {
          pageCount++;
          read.push(...page);
        }
        expect(pageCount).toBe(3);
        expect(read).toEqual(batch.usageEvents);
      });

      it('by their ids, within the time that is asked about', async () => {
        // Of a seed of its own: `batchOf` makes the same ids for every test.
        const batch = nextBatch(sampleUsage({ seed: 23, startMs: FEBRUARY, stepMs: 250 }), randomUUID(), 40);
        await store.insert(batch);
        const asked = [batch.usageEvents[3]!, batch.usageEvents[31]!];
        const [first, last] = asked.map(({ admittedAtMs }) => admittedAtMs) as [number, number];
        const ids = [...asked.map(({ requestId }) => requestId), randomUUID()];
        const read = await store.usageEventsOf(ids, { startMs: first, endMs: last + 1 });
        expect(read.sort((a, b) => a.admittedAtMs - b.admittedAtMs)).toEqual(asked);
        expect(await store.usageEventsOf(ids, { startMs: first, endMs: last })).toEqual([asked[0]]);
        expect(await store.usageEventsOf([], { startMs: first, endMs: last })).toEqual([]);
      });
    });

    async function isRunning(mark: string): Promise<boolean> {
      const found = await rows<{ query: string }>('SELECT query FROM system.processes');
      return found.some(({ query }) => query.includes(mark));
    }

    async function stored(account: string, period = '2026-02'): Promise<UsageEvent[]> {
      const events: UsageEvent[] = [];
      for await (const page of store.usageEvents(period))
        events.push(...page.filter((event) => event.accountId === account));
      return events;
    }

    async function optimize(): Promise<void> {
      const client = createClient({ ...(await target.connection()), database: target.database });
      await client.command({ query: 'OPTIMIZE TABLE line_item FINAL' });
      await client.close();
    }
  });
}

const FEBRUARY = Date.UTC(2026, 1, 10, 12);

const amounts = fc.record({
  quantity: fc.bigInt({ min: 0n, max: 2n ** 50n }),
  requests: fc.bigInt({ min: 0n, max: 2n ** 30n }),
  costPicoUsd: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
});

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 300 }));
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });

const usageEvents = fc
  .record({
    principalArn: text,
    sourceIdentity: text,
    principalTags: fc.array(fc.tuple(text, text), { maxLength: 5 }),
    requestMetadata: fc.array(fc.tuple(text, text), { maxLength: 3 }),
    userAgent: text,
    sourceIp: text,
    inputTokensEstimate: count,
    clientGone: fc.boolean(),
    delayMs: fc.nat({ max: 100_000 }),
    usage: fc.record(
      {
        inputTokens: count,
        outputTokens: count,
        cacheReadInputTokens: count,
        cacheWrite5mInputTokens: count,
        cacheWrite1hInputTokens: count,
        isEstimated: fc.boolean(),
        raw: text,
      },
      { requiredKeys: ['inputTokens', 'outputTokens', 'isEstimated', 'raw'] },
    ),
  })
  .map(({ delayMs, ...facts }) => usageEvent({ ...facts, endedAtMs: FEBRUARY + delayMs }));

function usageEvent(facts: Partial<UsageEvent>): UsageEvent {
  const [event] = nextBatch(sampleUsage({ seed: 1, startMs: FEBRUARY, stepMs: 1 }), '', 1).usageEvents;
  return { ...event!, ...facts };
}

function lineItem(facts: Partial<LineItem>): LineItem {
  const bucket = facts.bucketStartMs ?? bucketStartMs(FEBRUARY);
  return {
    bucketStartMs: bucket,
    sliceStartMs: bucket,
    accountId: '111111111111',
    principalArn: 'arn:aws:iam::111111111111:user/a',
    principalTags: [['team', 'a']],
    resourceTags: [],
    accountTags: [],
    recordType: 'Usage',
    chargeId: '',
    isCorrection: false,
    keyId: 'AKIAEXAMPLE',
    client: 'boto3',
    modelId: 'model',
    resourceArn: 'arn:aws:bedrock:us-east-1::foundation-model/model',
    region: 'us-east-1',
    route: 'in_region',
    tier: 'standard',
    context: 'default',
    operation: 'Converse',
    upstream: 'simulated',
    isBatch: false,
    meter: 'input',
    usageType: 'USE1-Model-input-tokens',
    productCode: 'AmazonBedrock',
    service: 'Amazon Bedrock',
    billingEntity: 'AWS',
    pricingUnit: '1K tokens',
    quantity: 1n,
    requests: 1n,
    pricePicoUsd: 3n,
    listPricePicoUsd: 3n,
    netPricePicoUsd: 2n,
    discountPrices: [['own', 1n]],
    priceId: 'price',
    costPicoUsd: 3n,
    listCostPicoUsd: 3n,
    netCostPicoUsd: 2n,
    isUnpriced: false,
    isEstimated: false,
    ...facts,
  };
}

function batchOf(account: string, size: number) {
  return ofAccount(nextBatch(sampleUsage({ seed: 3, startMs: FEBRUARY, stepMs: 250 }), randomUUID(), size), account);
}

function ofAccount<Batch extends ReturnType<typeof nextBatch>>(batch: Batch, accountId: string): Batch {
  return {
    ...batch,
    usageEvents: batch.usageEvents.map((event) => ({ ...event, accountId })),
    lineItems: batch.lineItems.map((item) => ({ ...item, accountId })),
  };
}

function totals(lineItems: readonly LineItem[]) {
  return {
    quantity: sum(lineItems, (item) => item.quantity),
    requests: sum(lineItems, (item) => item.requests),
    cost: sum(lineItems, (item) => item.costPicoUsd),
  };
}

function sum(lineItems: readonly LineItem[], of: (item: LineItem) => bigint): bigint {
  return lineItems.reduce((total, item) => total + of(item), 0n);
}

/** Runs for minutes, and can be stopped ten times a second. */
function slowSql(mark: string): string {
  return `SELECT sum(sleepEachRow(0.1)), '${mark}' FROM numbers(3000) SETTINGS max_block_size = 1`;
}

async function* pages(of: readonly (readonly LineItem[])[]): AsyncIterable<readonly LineItem[]> {
  yield* of;
}
