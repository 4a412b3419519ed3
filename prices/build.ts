/**
 * Makes `bedrock.json` and `models.json` from the price reference: `node prices/build.ts REFERENCE.json`.
 * The reference was gathered once and is no part of the repository. From then on the two files are the source: prices are
 * corrected and added there by hand, with a source. Run this again only to take in a newer reference, and review the diff.
 * Every decision below is explained under its number in docs/decisions/2026-11-22-prices.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { FoundationModel } from '../src/inference/model-catalog.ts';
import { formatUsd, parsePicoUsd } from '../src/kernel/money.ts';
import type { ListedModel } from '../src/rating/billed-model.ts';
import { countsTokens, METERS, type Meter, meterUnit } from '../src/rating/meter.ts';
import { PriceBook } from '../src/rating/price-book.ts';
import type { PriceRow, PriceSheet, PriceSheetEntry } from '../src/rating/price-sheet.ts';
import { FURTHER_ROWS } from './further-rows.ts';
import { modelFacts } from './model-facts.ts';
import { SOURCES } from './sources.ts';

/** A row of the reference. */
export interface ReferenceRow {
  readonly modelId: string;
  readonly provider: string;
  readonly displayName: string;
  readonly region: string;
  readonly routing: 'global' | 'in_region_or_geo' | 'any' | 'mantle' | 'provisioned';
  readonly meter: string;
  readonly tier: string;
  readonly context: string;
  readonly unit: string;
  readonly usdPerUnit: number;
  readonly effectiveFrom?: string;
  readonly source: string;
  readonly certainty: 'high' | 'medium' | 'low';
}

interface Row
  extends Required<Pick<PriceRow, 'modelId' | 'meter' | 'region' | 'routing' | 'tier' | 'context' | 'source'>> {
  readonly certainty: NonNullable<PriceRow['certainty']>;
  readonly effectiveFrom?: string;
  /** For the amount that the reference quotes, which is the one of the meter. */
  readonly usd: string;
}

/** Decision 1: models that can be called on demand through an operation that is served, and what goes with them. */
function served(rows: readonly ReferenceRow[]): ReferenceRow[] {
  const onDemand = new Set(rows.filter(({ routing }) => routing !== 'provisioned').map(({ modelId }) => modelId));
  return rows.filter(({ modelId }) => onDemand.has(modelId) && !/-sonic-|^flow[.]/.test(modelId));
}

/** Decision 10: the reference has an id for each thing beside models, usage has one for each feature and a meter. */
const FEATURE_ROWS: Readonly<Record<string, readonly [modelId: string, meter: Meter]>> = {
  'cmi.model-unit-minute': ['bedrock.custom-model-import', 'cmu_minute'],
  'cmi.storage-month': ['bedrock.custom-model-import', 'cmu_month'],
  'guardrail.automated-reasoning': ['bedrock.guardrails', 'automated_reasoning_policy_unit'],
  'guardrail.content-filter-image': ['bedrock.guardrails', 'content_policy_image'],
  'guardrail.content-filter-text': ['bedrock.guardrails', 'content_policy_unit'],
  'guardrail.contextual-grounding': ['bedrock.guardrails', 'contextual_grounding_policy_unit'],
  'guardrail.denied-topics': ['bedrock.guardrails', 'topic_policy_unit'],
  'guardrail.sensitive-info-pii': ['bedrock.guardrails', 'sensitive_information_policy_unit'],
  'guardrail.sensitive-info-regex': ['bedrock.guardrails', 'sensitive_information_policy_free_unit'],
  'guardrail.word-filter': ['bedrock.guardrails', 'word_policy_unit'],
  'kb.retrieval': ['bedrock.knowledge-bases', 'retrieval'],
  'kb.bda-parsing-standard': ['bedrock.data-automation', 'page'],
  'kb.structured-data-retrieval': ['bedrock.knowledge-bases', 'structured_retrieval'],
};

/** Decision 11: hours are told apart by commitment in the meter, not in the tier. */
const HOUR_METERS: Readonly<Record<string, Meter>> = {
  provisioned_no_commit: 'model_unit_hour',
  provisioned_1_month: 'model_unit_hour_1_month',
  provisioned_6_month: 'model_unit_hour_6_month',
};

function meterOf({ modelId, meter, tier }: ReferenceRow): Meter {
  if (meter === 'model_unit_hour') return HOUR_METERS[tier]!;
  // Titan reads the images that it is priced for.
  return meter === 'image' && modelId.includes('embed') ? 'input_image' : (meter as Meter);
}

const LONG_CONTEXT_THRESHOLDS: Readonly<Record<string, number>> = {
  '>200K input tokens': 200_000,
  '>272K input tokens': 272_000,
};

function priceRow(row: ReferenceRow): Row {
  const [modelId, meter] = FEATURE_ROWS[row.modelId] ?? [row.modelId, meterOf(row)];
  if (row.unit !== meterUnit(meter).priced.name) throw new Error(`${row.modelId} is priced per ${row.unit}`);
  return {
    modelId,
    meter,
    usd: String(row.usdPerUnit),
    region: row.region,
    // Decision 2: models of the mantle list are served on one route. Hours are the same on every route.
    routing: row.routing === 'mantle' || row.routing === 'provisioned' ? 'any' : row.routing,
    tier: row.meter === 'model_unit_hour' ? 'standard' : (row.tier as Row['tier']),
    context: row.context === 'default' ? 'default' : 'long_context',
    ...(row.effectiveFrom === undefined ? {} : { effectiveFrom: row.effectiveFrom }),
    source: row.source,
    certainty: row.certainty,
  };
}

/** Decisions 3 to 8, where sources disagree or a row says more than its source: the rows meant, and what becomes of them. */
const RULINGS: readonly { decision: number; rows: (row: Row) => boolean; become: Partial<Row> | 'dropped' }[] = [
  { decision: 3, rows: ({ modelId }) => modelId === 'qwen.qwen3-vl-235b-a22b-v1:0', become: 'dropped' },
  { decision: 4, rows: ({ modelId }) => /^openai\.gpt-5/.test(modelId), become: { routing: 'in_region_or_geo' } },
  { decision: 4, rows: ({ modelId }) => modelId === 'xai.grok-4.6', become: { routing: 'global', certainty: 'low' } },
  {
    decision: 5,
    rows: ({ modelId, context }) => /^openai\.gpt-5\.6/.test(modelId) && context === 'long_context',
    become: { effectiveFrom: '2026-08-03' },
  },
  {
    decision: 6,
    rows: ({ modelId, meter }) => /claude-3-5-haiku/.test(modelId) && meter === 'cache_write_1h',
    become: 'dropped',
  },
  {
    decision: 6,
    rows: ({ modelId, meter }) => /claude-(3-7|(sonnet|opus)-4-(1-)?2025)/.test(modelId) && meter === 'cache_write_1h',
    become: { certainty: 'low' },
  },
  { decision: 7, rows: (row) => isBatchOf(row, 'meta.llama3-8b-instruct-v1:0', 'input'), become: halfPrice('0.15') },
  { decision: 7, rows: (row) => isBatchOf(row, 'mistral.mistral-large-2407-v1:0', 'input'), become: halfPrice('1') },
  { decision: 7, rows: (row) => isBatchOf(row, 'mistral.mistral-large-2407-v1:0', 'output'), become: halfPrice('3') },
  {
    decision: 8,
    rows: ({ modelId, region, meter }) =>
      modelId === 'amazon.nova-pro-v1:0' && region === 'eu-south-1' && meter === 'output',
    become: { certainty: 'low' },
  },
  {
    decision: 12,
    rows: ({ modelId, meter }) => modelId === 'amazon.nova-canvas-v1:0' && meter === 'image',
    become: { meter: 'image_1024_premium' },
  },
  {
    decision: 13,
    rows: ({ meter }) => meter === 'cmu_minute',
    become: { usd: '0.05718', source: 'pricelist-20260912-note', certainty: 'medium' },
  },
];

function isBatchOf(row: Row, modelId: string, meter: Meter): boolean {
  return row.modelId === modelId && row.meter === meter && row.tier === 'batch';
}

function halfPrice(usd: string): Partial<Row> {
  return { usd, source: 'aws-rule:batch=0.5x' };
}

function settled(row: Row): Row[] {
  const changes = RULINGS.filter(({ rows }) => rows(row)).map(({ become }) => become);
  return changes.includes('dropped') ? [] : [Object.assign({}, row, ...changes)];
}

/** Decision 9: Nova's cache prices follow from its input price, in every region that has one. An inexact quarter is dropped. */
function novaCacheRows(rows: readonly Row[]): Row[] {
  const known = new Set(rows.map(({ modelId, region, meter }) => `${modelId}/${region}/${meter}`));
  return rows
    .filter(
      ({ modelId, meter, tier }) =>
        /^amazon\.nova-(micro|lite|pro)-/.test(modelId) && meter === 'input' && tier === 'standard',
    )
    .flatMap((row): Row[] => {
      const derived = { ...row, source: 'aws-rule:nova-cache', certainty: 'low' } as const;
      return [
        { ...derived, meter: 'cache_read', usd: quarter(row.usd) },
        { ...derived, meter: 'cache_write_5m', usd: '0' },
      ];
    })
    .filter(({ modelId, region, meter }) => !known.has(`${modelId}/${region}/${meter}`))
    .filter(({ usd }) => /^\d+(\.\d{1,6})?$/.test(usd));
}

function quarter(decimal: string): string {
  return formatUsd(parsePicoUsd(decimal) / 4n);
}

/** Folds rows that differ in meter only, then those that differ in region only. */
function sheetEntries(rows: readonly Row[]): PriceSheetEntry[] {
  const byRegion = new Map<string, { row: Row; usd: Partial<Record<Meter, string>> }>();
  for (const row of rows) {
    const key = JSON.stringify({ ...row, meter: '', usd: '' });
    const one = byRegion.get(key) ?? { row, usd: {} };
    byRegion.set(key, { row, usd: { ...one.usd, [row.meter]: row.usd } });
  }
  const folded = new Map<string, { row: Row; usd: Partial<Record<Meter, string>>; regions: string[] }>();
  for (const { row, usd } of byRegion.values()) {
    const ordered = Object.fromEntries(METERS.flatMap((meter) => (meter in usd ? [[meter, usd[meter]]] : [])));
    const key = JSON.stringify([{ ...row, region: '', meter: '', usd: '' }, ordered]);
    const one = folded.get(key);
    if (one) one.regions.push(row.region);
    else folded.set(key, { row, usd: ordered, regions: [row.region] });
  }
  return [...folded.values()].map(({ row, usd, regions }) => ({
    modelId: row.modelId,
    regions: regions.sort(),
    ...(row.routing === 'any' ? {} : { routing: row.routing }),
    ...(row.tier === 'standard' ? {} : { tier: row.tier }),
    ...(row.context === 'default' ? {} : { context: row.context }),
    ...(row.effectiveFrom === undefined ? {} : { effectiveFrom: row.effectiveFrom }),
    ...pricesByUnit(usd),
    source: row.source,
    certainty: row.certainty,
  }));
}

function pricesByUnit(
  usd: Partial<Record<Meter, string>>,
): Pick<PriceSheetEntry, 'usdPerMillionTokens' | 'usdPerUnit'> {
  const all = Object.entries(usd) as [Meter, string][];
  const tokens = all.filter(([meter]) => countsTokens(meter));
  const others = all.filter(([meter]) => !countsTokens(meter));
  return {
    ...(tokens.length > 0 && { usdPerMillionTokens: Object.fromEntries(tokens) }),
    ...(others.length > 0 && { usdPerUnit: Object.fromEntries(others) }),
  };
}

function models(reference: readonly ReferenceRow[], priced: ReadonlySet<string>): (FoundationModel & ListedModel)[] {
  const ids = [...new Set(reference.map(({ modelId }) => modelId))].filter((modelId) => priced.has(modelId));
  return ids.sort().map((modelId) => {
    const rows = reference.filter((row) => row.modelId === modelId);
    const { provider, displayName } = rows[0]!;
    const isMantleOnly = rows.every(({ routing }) => routing === 'mantle');
    const threshold = rows
      .map(({ context }) => LONG_CONTEXT_THRESHOLDS[context])
      .find((tokens) => tokens !== undefined);
    return {
      modelId,
      ...modelFacts(modelId, displayName, provider, isMantleOnly),
      ...(threshold === undefined ? {} : { longContextThresholdTokens: threshold }),
    };
  });
}

function sources(entries: readonly PriceSheetEntry[]): PriceSheet['sources'] {
  const used = new Set(entries.map(({ source }) => source));
  return Object.fromEntries([...used].sort().map((key) => [key, SOURCES[key]!]));
}

/** One row a line: a changed price is one changed line. */
function write(
  file: string,
  head: Readonly<Record<string, unknown>>,
  listName: string,
  list: readonly unknown[],
): void {
  const members = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value, null, 2).replaceAll('\n', '\n  ')},\n`,
  );
  const lines = list.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  writeFileSync(
    new URL(file, import.meta.url),
    `{\n${members.join('')}  ${JSON.stringify(listName)}: [\n${lines}\n  ]\n}\n`,
  );
}

const referencePath = process.argv[2];
if (referencePath === undefined) throw new Error('usage: node prices/build.ts REFERENCE.json');
const reference = served([...(JSON.parse(readFileSync(referencePath, 'utf8')) as ReferenceRow[]), ...FURTHER_ROWS]);
const rows = reference.map(priceRow).flatMap(settled);
const entries = sheetEntries([...rows, ...novaCacheRows(rows)]).sort((a, b) =>
  JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
);
const listed = models(reference, new Set(rows.map(({ modelId }) => modelId)));
// Reading it as the product does refuses prices that are not exact and prices given twice.
new PriceBook({ models: listed, sheet: { sources: sources(entries), entries } });
write('bedrock.json', { $schema: './schema.json', sources: sources(entries) }, 'entries', entries);
write('models.json', { $schema: './schema.json' }, 'models', listed);
console.log(`${listed.length} models, ${rows.length} prices, ${entries.length} entries`);
