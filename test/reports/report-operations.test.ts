import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CostAllocationTag } from '../../src/allocation/cost-allocation-tag.ts';
import type { Caller } from '../../src/identity/principal.ts';
import { ClientPresence } from '../../src/kernel/client-presence.ts';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import type { OperationCall } from '../../src/paths/operation-handler.ts';
import { report, reportSql } from '../../src/paths/report-path.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';
import { type StoredRow, shapeRows } from '../../src/reports/report-rows.ts';
import { reportOperations } from '../../src/services/tallyline/report.ts';
import { usageEvent } from '../rating/usage-event.ts';
import { anyCatalog, anyLineItem, anyQuery } from './arbitrary-query.ts';
import { ACCOUNT, lineItem } from './line-items.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const NOW_MS = Date.UTC(2027, 0, 31);
const JANUARY = { Start: new Date(Date.UTC(2027, 0, 1)), End: new Date(Date.UTC(2027, 1, 1)) };
const NOON = Date.UTC(2027, 0, 5, 12);
const RANDOM_ITEMS = fc.sample(anyLineItem, { numRuns: 150, seed: 23 });
/** Each costs 0.0033 for every thousand tokens; a spreadsheet would run one of the teams. */
const ITEMS = [
  lineItem(NOON, { principalTags: [['team', '=red']], quantity: 3_000n, isEstimated: true }),
  lineItem(NOON + DAY_MS, { principalTags: [['team', 'Blue']], quantity: 5_000n }),
  lineItem(NOON + DAY_MS, { principalTags: [['team', "o'blue\\"]], principalArn: `arn:aws:iam::${ACCOUNT}:user/bob` }),
  lineItem(NOON + 2 * DAY_MS, { isUnpriced: true, quantity: 7n }),
];

const TEAM: CostAllocationTag = {
  ...{ key: 'iamPrincipal/team', status: 'Active', lastUsedAtMs: 0, discoveredAtMs: 0 },
  activeIntervals: [{ fromMs: 0 }],
};
const CATALOG: CostCatalog = { ...NO_CATALOG, tags: new Map([[TEAM.key, TEAM]]) };
const BY_TEAM = { ...JANUARY, Granularity: 'DAILY', GroupBy: [{ Type: 'TAG', Key: TEAM.key }] };
const TEAM_KEY = BY_TEAM.GroupBy[0];

let reports: ReportStore;

beforeAll(async () => {
  reports = await openReportStore();
  const events = ['completed', 'interrupted'].map((status, index) =>
    usageEvent({
      ...{ requestId: `00000000-0000-4000-8000-00000000000${index}`, status: status as 'completed' },
      ...{ accountId: ACCOUNT, admittedAtMs: NOON, endedAtMs: NOON + 1_500 + index },
    }),
  );
  await reports.store.insert({ token: 'a', usageEvents: events, lineItems: [...ITEMS, ...RANDOM_ITEMS] });
});
afterAll(() => reports?.close());

async function ask<Answer>(
  operation: string,
  input: object,
  { accountId = ACCOUNT, store = reports.store, arn = `arn:aws:iam::${ACCOUNT}:user/alice` } = {},
): Promise<Answer> {
  const operations = reportOperations({
    ...{ store, costCatalog: () => CATALOG, managementAccountId: ACCOUNT, teamTagKey: 'team' },
    usageCompleteToMs: () => NOON,
  });
  const caller = { accountId, arn, tags: new Map() } as unknown as Caller;
  const request = { client: new ClientPresence() };
  const call = { input, caller, request, nowMs: NOW_MS } as unknown as OperationCall<never>;
  return (await operations[operation]!.run(call)) as Answer;
}

describe('the statement of a report', () => {
  it('answers what the report answers, when it is taken to another client', async () => {
    const property = fc.asyncProperty(anyQuery, anyCatalog(RANDOM_ITEMS), async (query, catalog) => {
      const deps = { store: reports.store, costCatalog: () => catalog };
      const stored = await reports.store.query<StoredRow>({ sql: reportSql(query, deps), params: {} });
      expect(shapeRows(query, stored)).toEqual(await report(query, deps));
    });
    await fc.assert(property, { seed: 20_261_129, numRuns: 40 });
  });

  it('holds texts that end where they seem to', async () => {
    const text = fc.string({ unit: fc.constantFrom("'", '\\', '\u0000', '\n', '{p0:String}', 'a', 'ä', ';', '--') });
    const property = fc.asyncProperty(text, async (value) => {
      const filter = { key: { tag: 'iamPrincipal/x' }, equalsAny: [value] };
      const sql = reportSql(
        { range: { startMs: 0, endMs: DAY_MS }, granularity: 'TOTAL', groupBy: [], filter },
        { costCatalog: () => ({ ...NO_CATALOG, tags: new Map([['iamPrincipal/x', TEAM]]) }) },
      );
      const [literal] = /\['(?:[^'\\]|\\.)*'\](?=\[1\])/s.exec(sql)!;
      const [row] = await reports.store.query<{ v: string }>({ sql: `SELECT ${literal}[1] AS v`, params: {} });
      expect(row!.v).toBe(value);
    });
    await fc.assert(property, { seed: 7, numRuns: 60 });
  });
});

describe('whose statement shows names of others', () => {
  const names = [
    { GroupBy: [{ Type: 'DIMENSION', Key: 'accountName' }] },
    { GroupBy: [{ Type: 'COST_CATEGORY', Key: 'Team' }] },
    { Filter: { not: { and: [{ key: { costCategory: 'Team' }, equalsAny: ['x'] }] } } },
    { Filter: { absent: 'anyCostCategory' } },
    { Filter: { absent: { dimension: 'accountName' } } },
  ];

  it.each(names)('is told to those alone who see everything: %j', async (about) => {
    const input = { ...JANUARY, Granularity: 'TOTAL', ...about };
    const refused = /shows those of everybody/;
    await expect(ask('GetReportSql', { ...input, Scope: 'OWN' })).rejects.toThrow(refused);
    await expect(ask('GetReportSql', input, { accountId: '210987654321' })).rejects.toThrow(refused);
    expect(await ask('GetReportSql', input)).toHaveProperty('Sql');
  });

  it('is told to anybody where it shows none', async () => {
    expect(await ask('GetReportSql', { ...BY_TEAM, Scope: 'OWN' })).toHaveProperty('Sql');
  });
});

describe('a report as a file', () => {
  const input = { ...BY_TEAM, Measures: ['COST', 'TOKENS'], TopN: 2 };

  it('is CSV without formulas', async () => {
    const { ContentType, Data } = await ask<{ ContentType: string; Data: Buffer }>('GetReportData', {
      ...{ ...input, Format: 'CSV' },
    });
    expect(ContentType).toBe('text/csv; charset=utf-8');
    expect(Data.toString()).toBe(
      [
        '"start","tag:iamPrincipal/team","cost_usd","tokens"',
        '"2027-01-05 12:00:00","\'=red",0.0099,3000',
        '"2027-01-06 12:00:00","(other)",0.0033,1000',
        '"2027-01-06 12:00:00","Blue",0.0165,5000',
        '"2027-01-07 12:00:00","(other)",0,7',
        '',
      ]
        .join('\n')
        .replaceAll(' 12:00', ' 00:00'),
    );
  });

  it('has no formula that begins like a number, and leaves numbers alone', async () => {
    const values = ["-2+3+cmd|' /C calc'!A0", '-2', '-2.5', '+2', '@SUM(1)', '\n=1', '-', 'a-b'];
    const sheets = await openReportStore();
    try {
      const lineItems = values.map((value) => lineItem(NOON, { principalTags: [['team', value]] }));
      await sheets.store.insert({ token: 'formulas', usageEvents: [], lineItems });
      const data = await ask<{ Data: Buffer }>(
        'GetReportData',
        { ...BY_TEAM, Granularity: 'TOTAL', Measures: ['REQUESTS'], Format: 'CSV' },
        { store: sheets.store },
      );
      const text = data.Data.toString();
      for (const value of values) {
        const isShown = text.includes(`"${value}",`);
        expect([value, isShown]).toEqual([value, ['-2', '-2.5', 'a-b'].includes(value)]);
        expect(text).toContain(isShown ? `"${value}",` : `"'${value}",`);
      }
    } finally {
      await sheets.close();
    }
  });

  it('is Parquet with the same rows', async () => {
    const { Data } = await ask<{ Data: Buffer }>('GetReportData', { ...input, Format: 'PARQUET' });
    const file = Data.buffer.slice(Data.byteOffset, Data.byteOffset + Data.length) as ArrayBuffer;
    const rows = await parquetReadObjects({ file, compressors });
    // The reader makes numbers of the file's decimals.
    const usd = (value: number) => Number(value.toFixed(9));
    expect(rows.map((row) => [row['tag:iamPrincipal/team'], usd(row.cost_usd), row.tokens])).toEqual([
      ['=red', 0.0099, 3000n],
      ['(other)', 0.0033, 1000n],
      ['Blue', 0.0165, 5000n],
      ['(other)', 0, 7n],
    ]);
  });
});

describe('values to filter by', () => {
  const search = (input: object) =>
    ask<{ Values: { Value: string; CostUsd: string }[]; HasMore: boolean }>('SearchReportValues', {
      ...{ ...JANUARY, Key: TEAM_KEY, ...input },
    });

  it('come with their cost, the most expensive first, no more than asked for', async () => {
    expect(await search({ MaxResults: 2 })).toEqual({
      Values: [
        { Value: 'Blue', CostUsd: '0.0165' },
        { Value: '=red', CostUsd: '0.0099' },
      ],
      HasMore: true,
    });
  });

  it('are found by a part of them and inside a filter', async () => {
    expect(await search({ Text: 'BLU' })).toEqual({
      Values: [
        { Value: 'Blue', CostUsd: '0.0165' },
        { Value: "o'blue\\", CostUsd: '0.0033' },
      ],
      HasMore: false,
    });
    const Filter = { key: { dimension: 'person' }, equalsAny: ['bob'] };
    expect((await search({ Text: 'BLU', Filter })).Values.map(({ Value }) => Value)).toEqual(["o'blue\\"]);
  });

  it('are those of the scope', async () => {
    const input = { ...JANUARY, Key: TEAM_KEY, Scope: 'OWN' };
    const { Values } = await ask<{ Values: { Value: string }[] }>('SearchReportValues', input, {
      arn: `arn:aws:iam::${ACCOUNT}:user/bob`,
    });
    expect(Values.map(({ Value }) => Value)).toEqual(["o'blue\\"]);
  });
});

describe('what the figures of a range rest on', () => {
  it('says how much is estimated, unpriced, untagged and cut off, and how late the latest is', async () => {
    expect(await ask('GetFreshness', JANUARY)).toEqual({
      AsOf: new Date(NOW_MS),
      ActualThrough: new Date(NOON),
      LatestBucket: new Date(NOON + 2 * DAY_MS),
      LatestCallAt: new Date(NOON + 1_501),
      CostUsd: '0.0297',
      EstimatedUsd: '0.0099',
      Tokens: '9007',
      Unpriced: '7',
      Untagged: [{ TagKey: 'iamPrincipal/team', CostUsd: '0' }],
      Interrupted: 1,
    });
  });

  it('is nothing where nothing was used', async () => {
    const input = { Start: new Date(0), End: new Date(DAY_MS) };
    expect(await ask('GetFreshness', input)).toMatchObject({ CostUsd: '0', Interrupted: 0 });
    expect(await ask('GetFreshness', input)).not.toHaveProperty('LatestCallAt');
  });

  it('agrees with the report', async () => {
    const { Rows } = await ask<{ Rows: { CostUsd: string }[] }>('GetReport', BY_TEAM);
    const total = Rows.reduce((sum, { CostUsd }) => sum + parsePicoUsd(CostUsd), 0n);
    expect(total).toBe(parsePicoUsd('0.0297'));
  });
});
