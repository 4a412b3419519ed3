import { parsePicoUsd } from '../kernel/money.ts';
import { BUCKET_MS, DAY_MS } from '../kernel/time.ts';
import { type TimeZone, UTC } from '../kernel/time-zone.ts';
import { type Book, inBook } from './book.ts';
import { type ChangeCell, POOLED } from './change-reasons/change-cell.ts';
import type { PeriodLengths } from './change-reasons.ts';
import { wholeDays } from './compared-periods.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CompiledQuery } from './cost-store.ts';
import { type Dimension, type GroupKey, OTHER, type ReportFilter } from './report-query.ts';
import type { TimeRange } from './time-bucket.ts';
import type { Visibility } from './visibility.ts';

/** Two ranges that are compared, and whose usage in them, told apart by the values of some keys. */
export interface ChangeQuestion {
  readonly before: TimeRange;
  readonly after: TimeRange;
  readonly keys: readonly GroupKey[];
  readonly filter?: ReportFilter;
  readonly visible?: Visibility;
  /** Absent: the primary one. */
  readonly book?: Book;
  /** Whose days the ranges are, where they are whole days. Absent: UTC's. */
  readonly zone?: TimeZone;
  /** The values of the first key are questions of their own: who is new, and whose change is small, is judged in each. */
  readonly isEachApart?: boolean;
}

/** Principals that are looked at one by one, those whose cost changed most; the others are pooled. */
const SUBJECTS_MAX = 200;
/** Rows of one answer. */
export const CELLS_MAX = 200_000;
/** So many sessions of a role came, and as many went, before their names count for nothing. */
const CHANGING_SESSIONS = 3;

const CELL_COLUMNS = ['line', 'model', 'region_code', 'route_', 'tier_', 'context_', 'meter_'] as const;
const SUM_COLUMNS = ['requests_', 'quantity_', 'cost_'] as const;

/** Keys whose values depend on the principal, so that pooled principals have none in common. */
const OF_PRINCIPALS: readonly Dimension[] = ['principal', 'role', 'session', 'person', 'key', 'resource', 'client'];

const OTHER_SQL = "'\\0other'";

/**
 * The cells of both ranges in one statement. The sessions of a role whose names come and go (most of its cost is by such that
 * are in one range alone) are one subject, as they are one application; principals whose change is small are pooled.
 */
export function compileChange(question: ChangeQuestion, catalog: CostCatalog): CompiledQuery {
  const parameters = new Parameters();
  const keys = question.keys.map((_, index) => `key${index}`);
  const columns = [...keys, ...CELL_COLUMNS];
  const sums = (['before', 'after'] as const).flatMap((side) => SUM_COLUMNS.map((name) => `${name}${side}`));
  const periods = (['before', 'after'] as const).map((side) => periodSql(question, side, catalog, parameters));
  const apart = question.isEachApart ? ['key0'] : [];
  const within = (...names: string[]) => [...apart, ...names].join(', ');
  const partition = (...names: string[]) =>
    apart.length + names.length === 0 ? '' : `PARTITION BY ${within(...names)} `;
  const waiting = [...columns, ...sums];
  const place = (name: string) => `part.${waiting.indexOf(name) + 1}`;
  const shown = question.keys.map((key, index) => {
    const value = place(`key${index}`);
    return `${apart.includes(`key${index}`) ? value : shownKey(key, value)} AS shown${index}`;
  });
  const cells = CELL_COLUMNS.map((name) => `${place(name)} AS ${name}`);
  return parameters.statement(`SELECT ${[...shown, `${SUBJECT_SQL} AS subject_`, ...cells].join(', ')},
  ${sums.map((name) => `sum(${place(name)}) AS ${name}`).join(', ')}
FROM (
SELECT *, row_number() OVER (${partition()}ORDER BY abs(change) DESC, subject) AS place
FROM (
SELECT ${within('subject')}, max(is_before) AS in_before, max(is_after) AS in_after, sum(cost_after - cost_before) AS change, groupArrayArray(parts) AS parts
FROM (
SELECT *, if(${isChanging(partition('sessions'))}, sessions, principal) AS subject
FROM (
SELECT ${within('principal')}, replaceRegexpOne(principal, '^(arn:[^:]*:sts::[0-9]*:assumed-role/[^/]+)/.*$', '\\\\1/*') AS sessions,
  max(is_after_ = 0) AS is_before, max(is_after_) AS is_after, sumIf(cost_, is_after_ = 0) AS cost_before, sumIf(cost_, is_after_ = 1) AS cost_after,
  groupArray(tuple(${[...columns, ...sumsOfSides()].join(', ')})) AS parts
FROM (
${periods.join('\nUNION ALL\n')}
)
GROUP BY ${within('principal')}
))
GROUP BY ${within('subject')}
))
ARRAY JOIN parts AS part
GROUP BY ${[...keys.map((_, index) => `shown${index}`), 'subject_', ...CELL_COLUMNS].join(', ')}
LIMIT ${CELLS_MAX + 1}`);
}

/** The sums of one row, on its side. */
function sumsOfSides(): string[] {
  return [0, 1].flatMap((isAfter) => SUM_COLUMNS.map((name) => `${name} * (is_after_ = ${isAfter})`));
}

/** The cells of one range. */
function periodSql(
  { keys, filter, visible, book, before, after }: ChangeQuestion,
  side: 'before' | 'after',
  catalog: CostCatalog,
  parameters: Parameters,
): string {
  const range = side === 'before' ? before : after;
  const lines = new LineItemSql(range, inBook(catalog, book), parameters);
  const columns = [
    ...keys.map((key, index) => [lines.value(key), `key${index}`]),
    ['toString(principal_arn)', 'principal'],
    [lines.value({ dimension: 'invoiceLine' }), 'line'],
    ['model_id', 'model'],
    ['region', 'region_code'],
    ['route', 'route_'],
    ["if(is_batch, 'batch', tier)", 'tier_'],
    ['context', 'context_'],
    ['meter', 'meter_'],
  ];
  return `SELECT ${columns.map(([sql, name]) => `${name === 'principal' ? sql : `toString(${sql})`} AS ${name}`).join(', ')}, ${side === 'after' ? 1 : 0} AS is_after_,
  sum(requests) AS requests_, sum(quantity) AS quantity_, sum(cost) AS cost_
FROM ${lines.from(filter, { visible, cutsMs: [range.startMs, range.endMs] })}
GROUP BY ${columns.map(([, name]) => name).join(', ')}`;
}

/** True for the sessions of a role whose names come and go. */
function isChanging(partition: string): string {
  const over = (sql: string) => `${sql} OVER (${partition.trim()})`;
  const [stayed, all] = [
    over('sum((cost_before + cost_after) * is_before * is_after)'),
    over('sum(cost_before + cost_after)'),
  ];
  return `sessions != principal AND ${over('sum(is_after * (1 - is_before))')} >= ${CHANGING_SESSIONS}
  AND ${over('sum(is_before * (1 - is_after))')} >= ${CHANGING_SESSIONS} AND 2 * ${stayed} < ${all}`;
}

const SUBJECT_SQL = `if(place <= ${SUBJECTS_MAX}, subject, multiIf(in_before = 1 AND in_after = 1, '\\0both', in_after = 1, '\\0new', '\\0gone'))`;

/** What is shown of a key's value: nothing of pooled principals, and one name for the sessions of a role that come and go. */
function shownKey(key: GroupKey, value: string): string {
  if (!('dimension' in key) || !OF_PRINCIPALS.includes(key.dimension)) return value;
  const ofSessions =
    key.dimension === 'session' || key.dimension === 'person' ? `if(endsWith(subject, '/*'), '*', ${value})` : value;
  return `if(place <= ${SUBJECTS_MAX}, ${key.dimension === 'principal' ? 'subject' : ofSessions}, ${OTHER_SQL})`;
}

/** A row of `compileChange`: sums are text. */
export type ChangeRow = Readonly<Record<string, string>>;

export function changeCell(row: ChangeRow, keys: readonly GroupKey[]): ChangeCell {
  const values = keys.map((_, index) => row[`shown${index}`]!);
  const sums = (side: 'before' | 'after') => ({
    requests: BigInt(row[`requests_${side}`]!),
    quantity: BigInt(row[`quantity_${side}`]!),
    costPicoUsd: parsePicoUsd(row[`cost_${side}`]!),
  });
  return {
    keys: values,
    labels: values.filter((_, index) => !('dimension' in keys[index]!)).join('\u0000'),
    subject: row.subject_!,
    line: row.line!,
    modelId: row.model!,
    region: row.region_code!,
    route: row.route_!,
    tier: row.tier_!,
    context: row.context_!,
    meter: row.meter_!,
    before: sums('before'),
    after: sums('after'),
  };
}

/** How long the ranges are: whole days of the zone count as days, also where clocks change in one of them. */
export function lengthsOf({
  before,
  after,
  zone = UTC,
}: Pick<ChangeQuestion, 'before' | 'after' | 'zone'>): PeriodLengths {
  const [daysBefore, daysAfter] = [wholeDays(before, zone), wholeDays(after, zone)];
  if (daysBefore !== undefined && daysAfter !== undefined) {
    return { before: BigInt(daysBefore) * QUARTERS_A_DAY, after: BigInt(daysAfter) * QUARTERS_A_DAY };
  }
  const quarters = ({ startMs, endMs }: TimeRange) => BigInt((endMs - startMs) / BUCKET_MS);
  return { before: quarters(before), after: quarters(after) };
}

const QUARTERS_A_DAY = BigInt(DAY_MS / BUCKET_MS);

/** True of a value that stands for principals which are not looked at one by one. */
export function isPooled(value: string): boolean {
  return value === OTHER || Object.values<string>(POOLED).includes(value);
}
