import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatUsd } from '../../src/kernel/money.ts';
import type { JournalBatch, JournalReader } from '../../src/metering/journal-batch.ts';
import type { UsageEvent } from '../../src/metering/usage-event.ts';
import { CostPath } from '../../src/paths/cost-path.ts';
import { rerate } from '../../src/paths/rerate-path.ts';
import { correctionId } from '../../src/rating/correction.ts';
import { itemize } from '../../src/rating/itemize.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { PriceBook } from '../../src/rating/price-book.ts';
import { shippedBook, shippedModels, shippedSheet } from '../rating/shipped-prices.ts';
import { usageEvent } from '../rating/usage-event.ts';
import { openReportStore, type ReportStore } from './report-store.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';

let reports: ReportStore;
/** Every case has a year of its own in the one store: May is closed and June is open. */
let year = 2030;

beforeAll(async () => {
  reports = await openReportStore();
});
afterAll(() => reports.close());

async function* pages(items: readonly LineItem[]): AsyncGenerator<readonly LineItem[]> {
  yield items;
}

/** Net cost, cost, tokens and requests of the year by principal, usage type and tags, over the lines of a condition. */
async function ledger(condition = '1'): Promise<Record<string, string>> {
  const rows = await reports.store.query<{ line: string; sums: string }>({
    sql: `SELECT concat(principal_arn, ' ', usage_type, ' ', toString(principal_tags)) AS line,
        concat(toString(sum(net_cost)), ' ', toString(sum(cost)), ' ', toString(sum(quantity)), ' ', toString(sum(requests))) AS sums
      FROM line_item WHERE toYear(bucket_start) = {year:UInt16} AND ${condition}
      GROUP BY line HAVING sum(quantity) != 0`,
    params: { year },
  });
  return Object.fromEntries(rows.map(({ line, sums }) => [line, sums]));
}

/** What `ledger` says of these line items. */
function ledgerOf(items: readonly LineItem[]): Record<string, string> {
  const byLine = Map.groupBy(items, ({ principalArn, usageType, principalTags }) => {
    return `${principalArn} ${usageType} {${principalTags.map(([key, value]) => `'${key}':'${value}'`).join(',')}}`;
  });
  const sum = (all: readonly LineItem[], of: (item: LineItem) => bigint) => all.reduce((n, item) => n + of(item), 0n);
  return Object.fromEntries(
    [...byLine].map(([line, all]) => {
      const costs = [sum(all, (one) => one.netCostPicoUsd), sum(all, (one) => one.costPicoUsd)].map(formatUsd);
      return [line, [...costs, sum(all, (one) => one.quantity), sum(all, (one) => one.requests)].join(' ')];
    }),
  );
}

async function countLines(): Promise<string> {
  const sql = 'SELECT count() AS n FROM line_item FINAL WHERE toYear(bucket_start) = {year:UInt16}';
  const [row] = await reports.store.query<{ n: string }>({ sql, params: { year } });
  return row!.n;
}

const anyCall = fc
  .record({
    requestId: fc.uuid({ version: 4 }),
    quarterHour: fc.nat(30 * 96),
    principalArn: fc.constantFrom('arn:aws:iam::123456789012:user/a', 'arn:aws:iam::123456789012:user/b'),
    principalTags: fc.constantFrom<UsageEvent['principalTags'][]>([], [['team', 'x']]),
    modelId: fc.constantFrom(SONNET, 'amazon.nova-lite-v1:0'),
    usage: fc.record({ inputTokens: fc.integer({ min: 1, max: 10_000 }), outputTokens: fc.nat(100) }),
  })
  .map(({ quarterHour, ...call }) => (startMs: number) => {
    return usageEvent({ ...call, admittedAtMs: startMs + quarterHour * 900_000 });
  });

const anyBook = fc.record({ own: fc.nat(9), percent: fc.nat(100) }).map(({ own, percent }) => {
  return new PriceBook({
    models: shippedModels,
    sheet: shippedSheet,
    overrides: [{ modelId: SONNET, meter: 'input', usdPerMillionTokens: String(own) }],
    percentages: [{ name: 'edp', percent: String(percent) }],
  });
});

describe('a closed period that is rated again', () => {
  it('keeps its lines, and with the corrections comes to what is now said, group by group, however often', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCall, { minLength: 1, maxLength: 12 }),
        fc.array(anyBook, { minLength: 1, maxLength: 2 }),
        async (calls, books) => {
          year++;
          const events = calls.map((call) => call(Date.UTC(year, 4, 1)));
          const original = itemize(events, shippedBook(), []);
          await reports.store.insert({ token: `original/${year}`, usageEvents: [], lineItems: original });
          const into = { firstOpenPeriod: `${year}-06`, correctionId: correctionId(`${year}-05`) };
          // The last one takes everything back.
          for (const book of [...books, shippedBook()]) {
            const restated = itemize(events, book, []);
            await reports.store.restatePeriod(`${year}-05`, into, pages(restated));
            expect(await ledger()).toEqual(ledgerOf(restated));
            const lines = await countLines();
            await reports.store.restatePeriod(`${year}-05`, into, pages(restated));
            expect(await countLines()).toBe(lines);
          }
          expect(await ledger("charge_id = ''")).toEqual(ledgerOf(original));
          expect(await ledger('toMonth(bucket_start) = 5')).toEqual(ledgerOf(original));
        },
      ),
      { seed: 1, numRuns: 3 },
    );
  }, 60_000);

  it('is not billed anew by what was not known of keys and clients', async () => {
    year++;
    const call = (id: number, accessKeyId: string) =>
      usageEvent({
        ...{ requestId: `00000000-0000-4000-8000-00000000000${id}`, admittedAtMs: Date.UTC(year, 4, 2) },
        ...{ accessKeyId, userAgent: 'Boto3/1.40.1', usage: { inputTokens: 1_000 } },
      });
    const restated = itemize([call(1, 'AKIAONE'), call(2, 'AKIATWO')], shippedBook(), []);
    const original = restated.map((item) => ({ ...item, keyId: '', client: '' }));
    await reports.store.insert({ token: `unknown/${year}`, usageEvents: [], lineItems: original });
    const lines = await countLines();
    const into = { firstOpenPeriod: `${year}-06`, correctionId: correctionId(`${year}-05`) };
    await reports.store.restatePeriod(`${year}-05`, into, pages(restated));
    expect(await countLines()).toBe(lines);
  });
});

describe('usage that comes late for a closed period', () => {
  it('is billed in the open one as corrections, once, and stays there when either is rated again', async () => {
    year++;
    const [closed, open] = [`${year}-05`, `${year}-06`];
    const call = (id: number, at: string, inputTokens: number) =>
      usageEvent({
        ...{ requestId: `00000000-0000-4000-8000-00000000000${id}`, admittedAtMs: Date.parse(`${year}-${at}Z`) },
        usage: { inputTokens },
      });
    const late = call(1, '05-31T23:50:00', 1_000);
    const timely = call(2, '06-10T00:00:00', 10);
    let firstOpenPeriod = open;
    const parts = {
      ...{ store: reports.store, prices: shippedBook(), sliceInstants: () => [] },
      firstOpenPeriod: () => firstOpenPeriod,
    };
    const reader = new OneBatch([late, timely]);
    const path = new CostPath({ ...parts, journalId: `late/${year}`, reader });
    // The store has the batch and the journal does not hear of it; meanwhile the next period closes as well.
    reader.isDying = true;
    await expect(path.shipNext({ segment: 1, offset: 1 })).rejects.toThrow('died');
    firstOpenPeriod = `${year}-07`;
    reader.isDying = false;
    await path.shipNext({ segment: 1, offset: 1 });
    firstOpenPeriod = open;

    const whole = ledgerOf(itemize([late, timely], parts.prices, []));
    const corrections = ledgerOf(itemize([late], parts.prices, []));
    expect(await ledger()).toEqual(whole);
    expect(await ledger('is_correction = 1 AND toMonth(bucket_start) = 6')).toEqual(corrections);
    for (const period of [closed, open]) {
      const { before, after } = await rerate(period, true, parts);
      expect(after).toEqual(before);
      expect(await ledger()).toEqual(whole);
    }
    expect(await ledger('is_correction = 1')).toEqual(corrections);

    const dearer = shippedBook([{ modelId: SONNET, meter: 'input', usdPerMillionTokens: '5' }]);
    const { billedIn, after } = await rerate(closed, true, { ...parts, prices: dearer });
    expect(billedIn).toBe(open);
    const sums = { tokens: 1_000n, costPicoUsd: 5_000_000_000n, netCostPicoUsd: 5_000_000_000n };
    expect(after.principal).toEqual(new Map([[late.principalArn, sums]]));
    const again = await rerate(closed, false, { ...parts, prices: dearer });
    expect(again.before.account).toEqual(new Map([[late.accountId, sums]]));
  });
});

/** A journal of one batch that keeps, like the real one, in which period the batch was frozen. */
class OneBatch implements JournalReader {
  position = { segment: 1, offset: 0 };
  isDying = false;
  readonly #events: readonly UsageEvent[];
  #frozenInPeriod: string | undefined;

  constructor(events: readonly UsageEvent[]) {
    this.#events = events;
  }

  async read(from: { readonly offset: number }): Promise<JournalBatch | undefined> {
    if (from.offset > 0) return undefined;
    return { from: { segment: 1, offset: 0 }, to: { segment: 1, offset: 1 }, events: this.#events };
  }
  async freeze(_batch: JournalBatch, firstOpenPeriod: string): Promise<string> {
    this.#frozenInPeriod ??= firstOpenPeriod;
    return this.#frozenInPeriod;
  }
  async shipped({ to }: JournalBatch): Promise<void> {
    if (this.isDying) throw new Error('died');
    this.position = { ...to };
  }
}
