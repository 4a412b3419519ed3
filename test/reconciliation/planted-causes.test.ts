import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatUsd } from '../../src/kernel/money.ts';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { reconcile } from '../../src/paths/reconcile-path.ts';
import type { CauseCode } from '../../src/reconciliation/cause-code.ts';
import { RECONCILIATION_TABLE } from '../../src/reports/reconciled-period.ts';
import {
  type BillRow,
  type Books,
  billed,
  GATEWAY,
  LOG,
  openBooks,
  ROLE,
  seconds,
  UPSTREAM,
  type Use,
} from './books.ts';

const START = Date.UTC(2026, 4, 1);
const PERIOD = '2026-05';
/** Long after the month. */
const NOW = Date.UTC(2026, 6, 1);
const TAGS = { team: 'data-science' };
const PRICE = 3_300_000n;

/** As a bill of AWS's calls what is left to a case: each has a model of its own, so that all are compared at once. */
interface Case {
  readonly uses: readonly Use[];
  readonly rows: readonly BillRow[];
  /** Bill and ledger in USD, by code. */
  readonly expected: Partial<Record<CauseCode, readonly [string, string]>>;
}

function use(more: Partial<Use> = {}): Use {
  return {
    ...{ atMs: START + 5 * DAY_MS + 10 * HOUR_MS + 60_000, session: 'alice', modelId: 'anthropic.claude-sonnet-4-6' },
    ...{ meter: 'input', tokens: 1_000n, pricePicoUsd: PRICE, tags: TAGS },
    ...more,
  };
}

/** Of a model invocation log: what it counts is an estimate to the ledger. */
function logged(more: Partial<Use> = {}): Use {
  return use({ upstream: LOG, isEstimated: true, ...more });
}

const OTHERS = [
  use({ session: 'bob' }),
  use({ session: 'bob', meter: 'output', tokens: 500n, pricePicoUsd: 16_500_000n }),
];
const AGREED: [string, string] = ['0.01155', '0.01155'];

/** What is planted; charges have no model and are told by their description. */
const CASES: readonly (readonly [
  name: string,
  uses: readonly Use[],
  rows: readonly BillRow[],
  expected: Case['expected'],
])[] = [
  ['none', [], [], {}],
  [
    'traffic around the gateway',
    [],
    [billed(use(), { principal_arn: 'arn:aws:iam::123456789012:user/mallory' })],
    { MISSING_IN_LEDGER: ['0.0033', '0'] },
  ],
  ['a dropped line', [use()], [], { MISSING_IN_BILL: ['0', '0.0033'] }],
  [
    'another price',
    [use()],
    [billed(use(), { cost: '0.0036', net_cost: '0.0036', list_cost: '0.0036' })],
    { PRICE_DIFFERENCE: ['0.0036', '0.0033'] },
  ],
  [
    'a private rate',
    [use()],
    [billed(use(), { cost: '0.003', net_cost: '0.003', list_cost: '0.0033' })],
    { DISCOUNT: ['0.003', '0.0033'] },
  ],
  [
    'more tokens',
    [use()],
    [billed(use({ tokens: 1_200n }))],
    { MATCHED: ['0.01485', '0.01485'], QUANTITY_DIFFERENCE: ['0.00066', '0'] },
  ],
  [
    'fewer tokens',
    [use()],
    [billed(use({ tokens: 900n }))],
    { MATCHED: ['0.01452', '0.01452'], QUANTITY_DIFFERENCE: ['0', '0.00033'] },
  ],
  [
    'a cache that is charged twice',
    [use(), use({ meter: 'cache_read', tokens: 5_000n, pricePicoUsd: 330_000n })],
    [billed(use({ tokens: 6_000n })), billed(use({ meter: 'cache_read', tokens: 5_000n, pricePicoUsd: 330_000n }))],
    { MATCHED: ['0.0165', '0.0165'], CACHE_DOUBLE_CHARGED: ['0.0165', '0'] },
  ],
  [
    'rounding',
    [use()],
    [billed(use(), { cost: '0.0033004', net_cost: '0.0033004' })],
    { MATCHED: ['0.01485', '0.01485'], ROUNDING: ['0.0000004', '0'] },
  ],
  ['a line in the next hour', [use()], [billed(use({ atMs: use().atMs + HOUR_MS }))], { LATE: ['0.0033', '0.0033'] }],
  [
    'a line on the next day',
    [use({ atMs: START + 6 * DAY_MS - 60_000 })],
    [billed(use({ atMs: START + 6 * DAY_MS }))],
    { LATE: ['0.0033', '0.0033'] },
  ],
  ['usage of the month before', [], [billed(use({ atMs: START - HOUR_MS }))], { LATE: ['0.0033', '0'] }],
  [
    'a discount programme',
    [use()],
    [billed(use(), { net_cost: '0.00297' }), charge('Discount', '-1')],
    { MATCHED: ['0.01485', '0.01485'], DISCOUNT: ['-1.00033', '0'] },
  ],
  ['a credit', [], [charge('Credit', '-5')], { CREDIT: ['-5', '0'] }],
  ['a tax and a fee', [], [charge('Tax', '2.5'), charge('Fee', '1')], { TAX_OR_FEE: ['3.5', '0'] }],
  [
    'people under the role of the gateway',
    [use(), use({ session: 'carol', tokens: 2_000n, tags: { team: 'sales' } })],
    [billed(use({ tokens: 3_000n }), { principal_arn: GATEWAY, principal_tags: {} })],
    { IDENTITY_COLLAPSED: ['0.0099', '0.0099'] },
  ],
  [
    'people under a role without a session, in the form of IAM',
    [use(), use({ session: 'carol', tokens: 2_000n })],
    [billed(use({ tokens: 3_000n }), { principal_arn: 'arn:aws:iam::123456789012:role/ai/BedrockRole' })],
    { IDENTITY_COLLAPSED: ['0.0099', '0.0099'] },
  ],
  [
    'a gateway that calls as itself',
    [use({ isGateway: true })],
    [billed(use({ isGateway: true }))],
    { IDENTITY_COLLAPSED: ['0.0033', '0.0033'] },
  ],
  [
    'a bill without principals, beside traffic around the gateway',
    [use(), use({ session: 'carol', tokens: 2_000n })],
    [
      billed(use({ tokens: 3_000n }), { principal_arn: '' }),
      billed(use({ tokens: 77n }), { principal_arn: `${ROLE}mallory`, account_id: '210987654321' }),
    ],
    { IDENTITY_COLLAPSED: ['0.0099', '0.0099'], MISSING_IN_LEDGER: ['0.0002541', '0'] },
  ],
  ['lost tags', [use()], [billed(use({ tags: {} }))], { TAGS_DIFFERENT: ['0.0033', '0.0033'] }],
  [
    'tags that are lost on a part',
    [use()],
    [billed(use({ tokens: 600n })), billed(use({ tags: {}, tokens: 400n }))],
    { MATCHED: ['0.01353', '0.01353'], TAGS_DIFFERENT: ['0.00132', '0.00132'] },
  ],
  [
    'an estimate',
    [use({ isEstimated: true })],
    [billed(use({ tokens: 1_700n })), billed(use({ meter: 'output', tokens: 10n }))],
    { ESTIMATE_REPLACED: ['0.005643', '0.0033'] },
  ],
  [
    'an estimate of a call that the bill lacks',
    [use({ isEstimated: true })],
    [],
    { ESTIMATE_REPLACED: ['0', '0.0033'] },
  ],
  ['a logged call that the bill lacks', [logged()], [], { MISSING_IN_BILL: ['0', '0.0033'] }],
  [
    'a logged call that the bill has otherwise',
    [logged()],
    [billed(use({ tokens: 2_000n }))],
    { ESTIMATE_REPLACED: ['0.0066', '0.0033'] },
  ],
  [
    'a cache write whose lifetime the log does not say',
    [logged(), logged({ meter: 'cache_write_5m', tokens: 100n })],
    [billed(use()), billed(use({ meter: 'cache_write_1h', tokens: 100n, pricePicoUsd: 6_600_000n }))],
    { MATCHED: ['0.01485', '0.01485'], ESTIMATE_REPLACED: ['0.00066', '0.00033'] },
  ],
  [
    'a logged call in the next hour',
    [logged()],
    [billed(use({ atMs: use().atMs + HOUR_MS }))],
    { LATE: ['0.0033', '0.0033'] },
  ],
  [
    'a usage type that is not known',
    [],
    [billed(use(), { is_recognised: 0, usage_type: 'USE1-Claude9-dream-tokens', meter: '' })],
    { UNRECOGNISED: ['0.0033', '0'] },
  ],
  [
    'other terms',
    [use({ route: 'geo' })],
    [billed(use({ route: 'global' }), { cost: '0.003', net_cost: '0.003' })],
    { PRICE_DIFFERENCE: ['0.003', '0.0033'] },
  ],
  ['a quantity below zero', [], [billed(use({ tokens: -5n }))], { REST: ['-0.0000165', '0'] }],
];

describe('a planted difference', () => {
  let books: Books;
  let found: { name: string; code: CauseCode; bill: string; ledger: string }[];

  beforeAll(async () => {
    books = await openBooks();
    const named = CASES.map(([name, uses, rows]) => ({
      uses: [...OTHERS, ...uses].map((one) => ({ ...one, modelId: name })),
      rows: [...OTHERS.map((one) => billed(one)), ...rows].map((row) => ({
        ...row,
        // Charges have no model: theirs is told by the usage type.
        ...(row.record_type || row.is_recognised === 0 ? { model_id: '', usage_type: name } : { model_id: name }),
      })),
    }));
    await books.ledger(named.flatMap(({ uses }) => uses));
    await books.bill(
      'payer',
      202605,
      named.flatMap(({ rows }) => rows),
    );
    const deps = { store: books.store, clock: () => NOW, upstreams: [UPSTREAM, LOG], sentTagKeys: 'all' } as const;
    await reconcile({ sourceId: 'payer', period: PERIOD }, deps);
    found = await books.store.query({
      sql: `SELECT if(model_id = '', usage_type, model_id) AS name, code, sum(bill_pico_usd) AS bill, sum(ledger_pico_usd) AS ledger FROM ${RECONCILIATION_TABLE}
        WHERE source_id = 'payer' AND period = 202605 GROUP BY name, code`,
      params: {},
    });
  });
  afterAll(async () => {
    await books[Symbol.asyncDispose]();
  });

  it.each(CASES)('is found and named to the last digit: %s', (name, _uses, _rows, expected) => {
    const own = found.filter((row) => row.name === name);
    const usd = (pico: string) => formatUsd(BigInt(pico));
    expect(Object.fromEntries(own.map(({ code, bill, ledger }) => [code, [usd(bill), usd(ledger)]]))).toEqual({
      MATCHED: AGREED,
      ...expected,
    });
  });
});

function charge(record: string, usd: string): BillRow {
  return {
    ...{
      record_type: record,
      line_type: record,
      quantity: 0n,
      costPicoUsd: 0n,
      cost: usd,
      net_cost: usd,
      list_cost: '0',
    },
    ...{ bucket_start: seconds(START), slice_start: seconds(START), usage_end: seconds(START + 31 * DAY_MS) },
    ...{ description: `${record} of the month`, tier: '', context: '', route: '', region: '' },
  };
}
