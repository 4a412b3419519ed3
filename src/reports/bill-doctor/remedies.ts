import type { BillFormat } from '../bill-row.ts';

/** What turns something on: commands to paste, and where the console of AWS has it. */
export interface Remedy {
  /** Lines for a POSIX shell with the AWS CLI and jq. */
  readonly commands: readonly string[];
  readonly console: string;
}

/** What an export of CUR 2.0 is to have that it has not. */
export interface ExportChange {
  readonly columns: readonly string[];
  /** Of the table configuration. */
  readonly properties: Readonly<Record<string, string>>;
}

const TABLE = 'COST_AND_USAGE_REPORT';
const CONSOLE = 'Billing and Cost Management > Data Exports';

/**
 * Commands that change an export, whose whole definition AWS wants back. Deliveries have it from the next refresh on; what was
 * delivered before stays as it is.
 */
export function changedExport({ columns, properties }: ExportChange, exportArn: string | undefined): Remedy {
  const settings = Object.entries(properties).map(
    ([name, value]) => `.DataQuery.TableConfigurations.${TABLE}.${name} = "${value}"`,
  );
  const added = columns.map((name) => `, ${name}`).join('');
  const select = columns.length > 0 ? [`.DataQuery.QueryStatement |= sub(" FROM "; "${added} FROM ")`] : [];
  const arn = exportArn ?? '"$EXPORT_ARN"';
  return {
    commands: [
      ...(exportArn === undefined
        ? [
            "aws bcm-data-exports list-exports --query 'Exports[].[ExportName,ExportArn]' --output text",
            'EXPORT_ARN=...',
          ]
        : []),
      `aws bcm-data-exports get-export --export-arn ${arn} --query Export > export.json`,
      `jq '${[...settings, ...select].join(' | ')}' export.json > changed.json`,
      `aws bcm-data-exports update-export --export-arn ${arn} --export file://changed.json`,
    ],
    console: `${CONSOLE} > the export > Edit${consoleOptions(properties, columns)}`,
  };
}

const OPTIONS: Readonly<Record<string, string>> = {
  INCLUDE_IAM_PRINCIPAL_DATA: 'Include caller identity (IAM principal) allocation data',
  INCLUDE_RESOURCES: 'Include resource IDs',
  TIME_GRANULARITY: 'Time granularity: Hourly',
};

function consoleOptions(properties: Readonly<Record<string, string>>, columns: readonly string[]): string {
  const options = Object.keys(properties).map((name) => OPTIONS[name] ?? name);
  const selected = columns.length > 0 ? [`Column selection: ${columns.join(', ')}`] : [];
  const all = [...options, ...selected];
  return all.length > 0 ? ` > ${all.join('; ')}` : '';
}

/** Columns of an export that answers everything. */
export const WANTED_COLUMNS = [
  ...[
    'bill_bill_type',
    'bill_billing_entity',
    'bill_billing_period_start_date',
    'bill_invoice_id',
    'bill_payer_account_id',
  ],
  ...['cost_category', 'discount', 'identity_line_item_id', 'line_item_currency_code', 'line_item_iam_principal'],
  ...['line_item_legal_entity', 'line_item_line_item_description', 'line_item_line_item_type'],
  ...['line_item_net_unblended_cost', 'line_item_operation', 'line_item_product_code', 'line_item_resource_id'],
  ...[
    'line_item_unblended_cost',
    'line_item_unblended_rate',
    'line_item_usage_account_id',
    'line_item_usage_account_name',
  ],
  ...['line_item_usage_amount', 'line_item_usage_end_date', 'line_item_usage_start_date', 'line_item_usage_type'],
  ...[
    'pricing_public_on_demand_cost',
    'pricing_unit',
    'product',
    'product_product_family',
    'product_region_code',
    'tags',
  ],
];

/** Another export beside the one that is there: neither legacy CUR nor FOCUS has what CUR 2.0 has. */
export function newExport(instead: BillFormat['name']): Remedy {
  const definition = {
    Name: 'bedrock-cur2',
    DataQuery: {
      QueryStatement: `SELECT ${WANTED_COLUMNS.join(', ')} FROM ${TABLE}`,
      TableConfigurations: {
        [TABLE]: {
          TIME_GRANULARITY: 'HOURLY',
          INCLUDE_RESOURCES: 'TRUE',
          INCLUDE_SPLIT_COST_ALLOCATION_DATA: 'FALSE',
          INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: 'FALSE',
          INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE',
        },
      },
    },
    DestinationConfigurations: {
      S3Destination: {
        S3Bucket: 'YOUR-BUCKET',
        S3Prefix: 'cur2',
        S3Region: 'us-east-1',
        S3OutputConfigurations: {
          OutputType: 'CUSTOM',
          Format: 'PARQUET',
          Compression: 'PARQUET',
          Overwrite: 'OVERWRITE_REPORT',
        },
      },
    },
    RefreshCadence: { Frequency: 'SYNCHRONOUS' },
  };
  return {
    commands: [`aws bcm-data-exports create-export --export '${JSON.stringify(definition)}'`],
    console: `${CONSOLE} > Create > Standard data export > CUR 2.0, beside the ${instead === 'focus' ? 'FOCUS export' : 'legacy report'}`,
  };
}

/** Keys count from their activation on. AWS takes twenty at once. */
export function activatedTags(keys: readonly string[]): Remedy {
  const list = "aws ce list-cost-allocation-tags --status Inactive --query 'CostAllocationTags[].TagKey' --output text";
  const listed = keys.length > 0 ? keys : ['iamPrincipal/team'];
  const statuses = listed.slice(0, 20).map((key) => `TagKey=${key},Status=Active`);
  return {
    commands: [list, `aws ce update-cost-allocation-tags-status --cost-allocation-tags-status ${statuses.join(' ')}`],
    console: 'Billing and Cost Management > Cost allocation tags > type IAM principal > Activate (management account)',
  };
}
