import {
  BCMDataExportsClient,
  CreateExportCommand,
  GetExecutionCommand,
  ListExecutionsCommand,
} from '@aws-sdk/client-bcm-data-exports';
import {
  CostExplorerClient,
  ListCostAllocationTagsCommand,
  StartCostAllocationTagBackfillCommand,
  UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';
import { TAG_KEYS } from './announcement.ts';
import type { ClientConfig } from './organisation.ts';

export const EXPORT = { name: 'bedrock-cur2', bucket: 'tallyline-demo', prefix: 'cur2' } as const;

const QUERY =
  `SELECT line_item_usage_start_date, line_item_usage_account_id, line_item_iam_principal, line_item_usage_type,
 line_item_product_code, line_item_operation, line_item_usage_amount, pricing_unit, line_item_unblended_rate, line_item_unblended_cost, product_region_code,
 product, tags
 FROM COST_AND_USAGE_REPORT`.replaceAll('\n', '');

/** Activates the tag keys once usage has made them known, and reaches back to the start of the month. */
export async function activateTags(
  admin: ClientConfig,
  monthStart: Date,
  keys: readonly string[] = TAG_KEYS,
): Promise<void> {
  const ce = new CostExplorerClient(admin);
  await until(async () => {
    const { CostAllocationTags: known = [] } = await ce.send(new ListCostAllocationTagsCommand({}));
    return keys.every((key) => known.some(({ TagKey }) => TagKey === key));
  });
  const { Errors: errors = [] } = await ce.send(
    new UpdateCostAllocationTagsStatusCommand({
      CostAllocationTagsStatus: keys.map((TagKey) => ({ TagKey, Status: 'Active' })),
    }),
  );
  if (errors.length > 0) throw new Error(`tags were not activated: ${JSON.stringify(errors)}`);
  const from = `${monthStart.toISOString().slice(0, 19)}Z`;
  await ce.send(new StartCostAllocationTagBackfillCommand({ BackfillFrom: from }));
  ce.destroy();
}

/** Creates a CUR 2.0 export with principals and waits for its first delivery. */
export async function deliverExport(admin: ClientConfig): Promise<void> {
  const exports = new BCMDataExportsClient(admin);
  const { ExportArn } = await exports.send(
    new CreateExportCommand({
      Export: {
        Name: EXPORT.name,
        DataQuery: {
          QueryStatement: QUERY,
          TableConfigurations: {
            COST_AND_USAGE_REPORT: {
              TIME_GRANULARITY: 'DAILY',
              INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE',
              INCLUDE_RESOURCES: 'FALSE',
            },
          },
        },
        DestinationConfigurations: {
          S3Destination: {
            S3Bucket: EXPORT.bucket,
            S3Prefix: EXPORT.prefix,
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
      },
    }),
  );
  await until(async () => {
    const { Executions: executions = [] } = await exports.send(new ListExecutionsCommand({ ExportArn }));
    const ExecutionId = executions[0]?.ExecutionId;
    if (!ExecutionId) return false;
    const { ExecutionStatus: status } = await exports.send(new GetExecutionCommand({ ExportArn, ExecutionId }));
    if (/FAILURE/.test(status?.StatusCode ?? '')) throw new Error(`the delivery failed: ${status?.StatusReason}`);
    return status?.StatusCode === 'DELIVERY_SUCCESS';
  });
  exports.destroy();
}

const POLL_MS = 100;
const POLLS_MAX = 300;

/** Looks until something has happened. Throws when it has not after half a minute. */
export async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (let polls = 0; polls < POLLS_MAX; polls++) {
    if (await isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`gave up after ${(POLLS_MAX * POLL_MS) / 1000} seconds`);
}
