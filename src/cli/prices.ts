import { Fault } from '../kernel/fault.ts';
import { formatUsd } from '../kernel/money.ts';
import { meterUnit } from '../rating/meter.ts';
import type { PriceBook, PriceFilter } from '../rating/price-book.ts';
import { type Price, readDay } from '../rating/price-sheet.ts';

const ROUTES: readonly NonNullable<PriceFilter['route']>[] = ['in_region', 'geo', 'global'];
const TIERS: readonly Price['tier'][] = ['standard', 'priority', 'flex', 'reserved', 'latency_optimized', 'batch'];

/** Shows the prices in force and where each comes from. */
export async function prices(
  options: {
    readonly book: PriceBook;
    /** Part of a model id. Absent: all models. */
    readonly model?: string;
    readonly region?: string;
    readonly route?: string;
    readonly tier?: string;
    /** Day, UTC: `2026-09-01`. Absent: now. */
    readonly at?: string;
    readonly nowMs: number;
    readonly json?: boolean;
  },
  print: (line: string) => void,
): Promise<void> {
  const { book, model, region } = options;
  const route = oneOf('route', options.route, ROUTES);
  const tier = oneOf('tier', options.tier, TIERS);
  const found = book.prices({
    ...(model === undefined ? {} : { modelText: model }),
    ...(region === undefined ? {} : { region }),
    ...(route === undefined ? {} : { route }),
    ...(tier === undefined ? {} : { tier }),
    atMs: options.at === undefined ? options.nowMs : startOfDay(options.at),
  });
  if (options.json) {
    print(JSON.stringify(found.map(jsonPrice), null, 2));
    return;
  }
  if (found.length === 0) throw new Fault('NotFound', 'no price matches; leave out an option to see more');
  for (const line of table([HEAD, ...found.map(row)])) print(line);
}

function oneOf<Word extends string>(name: string, value: string | undefined, words: readonly Word[]): Word | undefined {
  if (value === undefined) return undefined;
  const word = words.find((one) => one === value);
  if (word === undefined) throw new Fault('QueryInvalid', `the ${name} \`${value}\` is not one of ${words.join(', ')}`);
  return word;
}

function startOfDay(day: string): number {
  const atMs = readDay(day);
  if (atMs === undefined) throw new Fault('QueryInvalid', `\`${day}\` is not a date such as \`2026-09-01\``);
  return atMs;
}

const HEAD = [
  'MODEL',
  'REGION',
  'ROUTING',
  'TIER',
  'CONTEXT',
  'METER',
  'USD',
  'PER',
  'FROM',
  'SOURCE',
  'CERTAINTY',
  'CHECKED',
];

function row(price: Price): string[] {
  const { modelId, region, routing, tier, context, meter, source, certainty, checked = '-' } = price;
  const from = price.effectiveFromMs === undefined ? '-' : isoDay(price.effectiveFromMs);
  return [
    modelId,
    region,
    routing,
    tier,
    context,
    meter,
    usdPerUnit(price),
    meterUnit(meter).priced.name,
    from,
    source,
    certainty,
    checked,
  ];
}

function jsonPrice(price: Price): Record<string, unknown> {
  const { pricePicoUsd: _, effectiveFromMs, effectiveToMs, ...shown } = price;
  return {
    ...shown,
    usdPerUnit: usdPerUnit(price),
    unit: meterUnit(price.meter).priced.name,
    ...(effectiveFromMs === undefined ? {} : { effectiveFrom: isoDay(effectiveFromMs) }),
    ...(effectiveToMs === undefined ? {} : { effectiveTo: isoDay(effectiveToMs) }),
  };
}

function usdPerUnit({ meter, pricePicoUsd }: Price): string {
  return formatUsd(pricePicoUsd * meterUnit(meter).priced.pieces);
}

function isoDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
