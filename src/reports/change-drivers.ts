import { magnitude } from '../kernel/money.ts';
import { isPooled } from './change-query.ts';
import type { ExplainedCell } from './change-reasons.ts';
import { costOf, meterText } from './change-words.ts';
import { type Dimension, type GroupKey, OTHER, type ReportFilter } from './report-query.ts';

/** A key by which drivers are told apart, with its value of a cell. */
export interface DriverKey {
  readonly key: GroupKey;
  readonly of: (cell: ExplainedCell) => string;
}

/** What a value of a key did to the difference. */
export interface Driver {
  readonly key: GroupKey;
  /** `OTHER`: all that is not listed. */
  readonly value: string;
  readonly beforePicoUsd: bigint;
  readonly afterPicoUsd: bigint;
  readonly cells: readonly ExplainedCell[];
}

/** Keys whose values every cell has, without asking the store for them. */
const OF_CELLS: Partial<Record<Dimension, (cell: ExplainedCell) => string>> = {
  principal: ({ subject }) => (isPooled(subject) ? OTHER : subject),
  model: ({ modelId }) => modelId,
  region: ({ region }) => region,
  route: ({ route }) => route,
  tier: ({ tier }) => tier,
  context: ({ context }) => context,
  meter: ({ meter }) => meter,
  direction: ({ meter }) => meterText(meter),
  invoiceLine: ({ line }) => line,
};

/** Those of the keys that the store has to be asked for. */
export function askedKeys(keys: readonly GroupKey[]): GroupKey[] {
  return keys.filter((key) => !('dimension' in key && OF_CELLS[key.dimension]));
}

/** `asked`: the keys that the cells' own `keys` are of. */
export function driverKeys(keys: readonly GroupKey[], asked: readonly GroupKey[]): DriverKey[] {
  return keys.map((key) => {
    const known = 'dimension' in key ? OF_CELLS[key.dimension] : undefined;
    const index = asked.indexOf(key);
    return { key, of: known ?? (({ keys: values }) => values[index]!) };
  });
}

/** The values that did most, the largest first, and a last line for all others; together the difference of all cells. */
export function driversBy({ key, of }: DriverKey, cells: readonly ExplainedCell[], count: number): Driver[] {
  const drivers = [...Map.groupBy(cells, of)].map(([value, own]) => driver(key, value, own));
  const named = drivers
    .filter((one) => one.value !== OTHER && changeOf(one) !== 0n)
    .sort((a, b) => compareSizes(a, b) || (a.value < b.value ? -1 : 1));
  const shown = named.slice(0, count);
  const listed = new Set(shown);
  const rest = drivers.filter((one) => !listed.has(one)).flatMap((one) => one.cells);
  return rest.length === 0 ? shown : [...shown, driver(key, OTHER, rest)];
}

export function changeOf({ beforePicoUsd, afterPicoUsd }: Pick<Driver, 'beforePicoUsd' | 'afterPicoUsd'>): bigint {
  return afterPicoUsd - beforePicoUsd;
}

/**
 * The largest driver of the largest driver of ..., as long as one value of the next key stands out: it makes up a third of the
 * whole difference at least, and more than half of a driver's. A key by which nothing stands out is passed over.
 */
export function drill(keys: readonly DriverKey[], cells: readonly ExplainedCell[]): Driver[] {
  const path: Driver[] = [];
  let left = cells;
  for (const key of keys) {
    const [top] = driversBy(key, left, 1);
    if (!top || top.value === OTHER || !standsOut(top, left, path.length === 0)) continue;
    path.push(top);
    left = top.cells;
  }
  return path;
}

/** Where rises and falls outweigh each other to nothing, against the rises. */
function standsOut(top: Driver, cells: readonly ExplainedCell[], isFirst: boolean): boolean {
  const changes = cells.map(({ before, after }) => after.costPicoUsd - before.costPicoUsd);
  const whole = changes.reduce((sum, change) => sum + change, 0n);
  const against = whole === 0n ? changes.reduce((sum, change) => (change > 0n ? sum + change : sum), 0n) : whole;
  const isSameWay = whole === 0n || changeOf(top) * whole > 0n;
  const [size, of] = [magnitude(changeOf(top)), magnitude(against)];
  return isSameWay && (isFirst ? 3n * size >= of : 2n * size > of);
}

/** True for a key of which a call has several values. */
export function isOfClasses(key: GroupKey): boolean {
  return 'dimension' in key && ['direction', 'meter', 'context', 'invoiceLine', 'usageType'].includes(key.dimension);
}

/** What lets the usage of some drivers through. */
export function filterOfDrivers(path: readonly Pick<Driver, 'key' | 'value'>[]): ReportFilter {
  return { and: path.map(({ key, value }) => filterOfValue(key, value)) };
}

function filterOfValue(key: GroupKey, value: string): ReportFilter {
  const isPrincipal = 'dimension' in key && key.dimension === 'principal';
  if (isPrincipal && value.endsWith('/*')) return { key, startsWithAny: [value.slice(0, -1)] };
  if ('dimension' in key && key.dimension === 'tier' && value === 'batch') {
    return { key: { dimension: 'batch' }, equalsAny: ['yes'] };
  }
  return { key, equalsAny: [value] };
}

function driver(key: GroupKey, value: string, cells: readonly ExplainedCell[]): Driver {
  return { key, value, beforePicoUsd: costOf(cells, 'before'), afterPicoUsd: costOf(cells, 'after'), cells };
}

function compareSizes(a: Driver, b: Driver): number {
  const [sizeA, sizeB] = [magnitude(changeOf(a)), magnitude(changeOf(b))];
  return sizeA === sizeB ? 0 : sizeA > sizeB ? -1 : 1;
}
