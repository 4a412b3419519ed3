import { PRICING_UNIT_TOKENS } from '../../rating/pricing-unit.ts';
import type { Dialect, View } from './dialect.ts';
import type { OutputFileRequest } from './output-file.ts';
import { isAsIs, periodColumn } from './place.ts';

interface DailyColumn {
  readonly name: string;
  /** Columns of CUR 2.0 without which this one is left out. */
  readonly needs: readonly string[];
  readonly sql: string;
}

/** One row a day, account, caller, model and kind of token: what spend is discussed by. */
export function bedrockDaily({ plan }: OutputFileRequest, rows: string, dialect: Dialect): readonly View[] {
  const exported = new Set(plan.statement.outputs.filter(isAsIs).map(({ name }) => name));
  const columns = dailyColumns(dialect, periodColumn({ plan })).filter(({ needs }) =>
    needs.every((name) => exported.has(name)),
  );
  if (!['day', 'cost'].every((name) => columns.some((column) => column.name === name))) return [];
  const select = columns.map(({ name, sql }) => `${sql} AS ${name}`);
  return [['bedrock_daily', `SELECT\n  ${select.join(',\n  ')}\nFROM ${rows}\nGROUP BY ALL`]];
}

/** `assumed-role/<role>/<session>` in ARNs of STS; an IAM user may live under a path that looks alike. */
const SESSION = ':sts::[0-9]*:assumed-role';

/** The meters of both grammars of usage types and of the marketplace's, lower case. The order decides. */
const TOKEN_KIND = `CASE
    WHEN lower(line_item_usage_type) LIKE '%cache%read%' THEN 'cache read'
    WHEN lower(line_item_usage_type) LIKE '%cache%write%' THEN 'cache write'
    WHEN lower(line_item_usage_type) LIKE '%output%token%' THEN 'output'
    WHEN lower(line_item_usage_type) LIKE '%input%token%' THEN 'input'
    ELSE '' END`;

/** Tokens in one unit of the usage amount; 0 for what is no tokens, which AWS Marketplace counts in `Units` as well. */
const UNIT_TOKENS = `CASE WHEN lower(line_item_usage_type) NOT LIKE '%token%' THEN 0 ${Object.entries(
  PRICING_UNIT_TOKENS,
)
  .map(([unit, tokens]) => `WHEN pricing_unit = '${unit}' THEN ${tokens}`)
  .join(' ')} ELSE 0 END`;

function dailyColumns({ day }: Dialect, period: string): readonly DailyColumn[] {
  const plain = (name: string, column: string): DailyColumn => ({ name, needs: [column], sql: column });
  const principal = (name: string, sql: string): DailyColumn => ({ name, needs: ['line_item_iam_principal'], sql });
  return [
    { name: 'day', needs: ['line_item_usage_start_date'], sql: day('line_item_usage_start_date') },
    { name: 'billing_period', needs: [], sql: period },
    plain('account_id', 'line_item_usage_account_id'),
    plain('account_name', 'line_item_usage_account_name'),
    principal('principal', 'line_item_iam_principal'),
    principal('role_name', `regexp_extract(line_item_iam_principal, '${SESSION}/([^/]+)/', 1)`),
    principal('session_name', `regexp_extract(line_item_iam_principal, '${SESSION}/[^/]+/(.+)$', 1)`),
    { name: 'provider', needs: ['product'], sql: "product['provider']" },
    { name: 'model', needs: ['product'], sql: "product['model']" },
    { name: 'token_kind', needs: ['line_item_usage_type'], sql: TOKEN_KIND },
    plain('region', 'product_region_code'),
    plain('line_item_type', 'line_item_line_item_type'),
    plain('tags', 'tags'),
    {
      name: 'tokens',
      needs: ['line_item_usage_amount', 'line_item_usage_type', 'pricing_unit'],
      sql: `round(sum(coalesce(line_item_usage_amount, 0) * ${UNIT_TOKENS}))`,
    },
    { name: 'cost', needs: ['line_item_unblended_cost'], sql: 'sum(line_item_unblended_cost)' },
    {
      name: 'net_cost',
      needs: ['line_item_unblended_cost', 'line_item_net_unblended_cost'],
      sql: 'sum(coalesce(line_item_net_unblended_cost, line_item_unblended_cost))',
    },
  ];
}
