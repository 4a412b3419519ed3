import { normalisedName } from '../normalised-name.ts';
import type { View } from './dialect.ts';
import type { OutputFileRequest } from './output-file.ts';
import { isAsIs, literal, periodColumn, quoted } from './place.ts';

/** A column of the legacy report: its two names and what it is made from. */
interface LegacyColumn {
  /** In Athena and Parquet: `line_item_usage_type`. */
  readonly name: string;
  /** In CSV: `lineItem/UsageType`. */
  readonly header: string;
  readonly sql: string;
}

/**
 * The rows in the shape of the legacy Cost and Usage Report (CUR 1.0): plain columns instead of maps. `cur1` has the names
 * of its Parquet files with the partitions `year` and `month`, `cur1_csv` the headers of its CSV files.
 */
export function legacyReport(request: OutputFileRequest, rows: string): readonly View[] {
  const columns = legacyColumns(request);
  const named = columns.map(({ name, sql }) => `${sql} AS ${quoted(name)}`);
  const headed = columns.map(({ header, sql }) => `${sql} AS ${quoted(header)}`);
  const period = periodColumn(request);
  const partitions = [`substr(${period}, 1, 4) AS year`, `ltrim(substr(${period}, 6, 2), '0') AS month`];
  const select = (list: readonly string[]) => `SELECT\n  ${list.join(',\n  ')}\nFROM ${rows}`;
  return [
    ['cur1', select([...named, ...partitions])],
    ['cur1_csv', select(headed)],
  ];
}

function legacyColumns({ plan, tagKeys }: OutputFileRequest): readonly LegacyColumn[] {
  const { outputs } = plan.statement;
  const taken = new Set(outputs.map(({ name }) => name));
  const isNew = ({ name }: LegacyColumn) => !taken.has(name);
  return outputs.flatMap((output): readonly LegacyColumn[] => {
    const { name, type } = output;
    if (!type.startsWith('map')) {
      return [{ name, header: isAsIs(output) ? legacyHeader(name) : name, sql: quoted(name) }];
    }
    if (!isAsIs(output)) return [];
    if (name === 'product') return PRODUCT_KEYS.map(productColumn).filter(isNew);
    if (name === 'tags') return uniquelyNamed(tagKeys.flatMap((tagKey) => tagColumn(tagKey) ?? [])).filter(isNew);
    return [];
  });
}

/** Groups whose columns begin so in the legacy report. */
const GROUPS: readonly (readonly [prefix: string, group: string])[] = [
  ['bill_', 'bill'],
  ['discount_', 'discount'],
  ['identity_', 'identity'],
  ['line_item_', 'lineItem'],
  ['pricing_', 'pricing'],
  ['product_', 'product'],
  ['reservation_', 'reservation'],
  ['savings_plan_', 'savingsPlan'],
  ['split_line_item_', 'splitLineItem'],
];

/** Groups whose members begin with a small letter. */
const CAMEL_GROUPS = new Set(['pricing', 'product']);
/** ... but for these. */
const PASCAL_MEMBERS = new Set([
  'LeaseContractLength',
  'OfferingClass',
  'PurchaseOption',
  'RateCode',
  'RateId',
  'ProductName',
]);

/** `line_item_usage_type` is `lineItem/UsageType`; `pricing_term` is `pricing/term`. */
function legacyHeader(name: string): string {
  const [prefix, group] = GROUPS.find(([begin]) => name.startsWith(begin)) ?? ['', ''];
  if (group === '') return name;
  const member = pascal(name.slice(prefix.length)).replace(/ARN$|Arn$/, 'ARN');
  const isCamel = CAMEL_GROUPS.has(group) && !PASCAL_MEMBERS.has(member);
  return `${group}/${isCamel ? member.charAt(0).toLowerCase() + member.slice(1) : member}`;
}

function pascal(words: string): string {
  return words.replaceAll(/(?:^|_)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Members of the `product` map. The first four are newer than the legacy report, which would have named them so. */
const PRODUCT_KEYS = ['provider', 'model', 'inference_type', 'feature', 'product_name', 'servicename', 'region'];

function productColumn(key: string): LegacyColumn {
  const name = `product_${key}`;
  return { name, header: legacyHeader(name), sql: `product[${literal(key)}]` };
}

/** `resourceTags/Cost Center` is `resource_tags_user_cost_center`. Undefined for tags that the legacy report never had. */
function tagColumn(tagKey: string): LegacyColumn | undefined {
  const [, source, key = ''] = /^(resourceTags|costCategory)\/(.*)$/s.exec(tagKey) ?? [];
  if (source === undefined) return undefined;
  const member = source === 'resourceTags' && !/^(aws|user):/.test(key) ? `user:${key}` : key;
  return {
    name: normalisedName(`${source}/${member}`),
    header: `${source}/${member}`,
    sql: `tags[${literal(tagKey)}]`,
  };
}

/** Of columns that differ only in what names cannot hold, the first stays, as in the legacy report. */
function uniquelyNamed(columns: readonly LegacyColumn[]): readonly LegacyColumn[] {
  return [...new Map(columns.toReversed().map((column) => [column.name, column])).values()].reverse();
}
