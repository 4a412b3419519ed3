import { Fault } from '../../kernel/fault.ts';
import type { ObjectStoreOf } from '../../kernel/object-store.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { bucketOf } from '../../reports/export-definition.ts';
import { outputFileUris } from '../../reports/export-output-files.ts';
import { type ExportRegistry, manifestUri } from '../../reports/export-registry.ts';

export interface ExportFileParts {
  readonly registry: ExportRegistry;
  readonly destination: ObjectStoreOf;
}

interface GetExportFileInput {
  readonly exportArn: string;
  /** URI as GetExportDelivery says it: of a data file, a manifest, or a file that sets a query service up. */
  readonly file: string;
}

/** GetExportFile: a file that an export of the caller's account has delivered, streamed from its destination as it is. */
export function getExportFile({
  registry,
  destination,
}: ExportFileParts): OperationHandler<GetExportFileInput, unknown> {
  return {
    access: ({ input }) => [{ action: 'tallyline:GetExportFile', resource: input.exportArn }],
    run: async ({ input, caller }) => {
      const record = registry.get(caller.accountId, input.exportArn);
      const files = [...registry.delivered(record.arn)].flatMap(([period, { dataFiles }]) => {
        return [...dataFiles, manifestUri(record, period)];
      });
      const isDelivered = [...files, ...outputFileUris(record.definition, caller.accountId)].includes(input.file);
      const bucket = bucketOf(record.definition);
      const uri = `s3://${bucket.name}/`;
      // The bucket may be another by now: what is in the one before is nobody's to read here.
      if (!isDelivered || !input.file.startsWith(uri)) throw noFile(input.file);
      const content = await destination(bucket.name).open(bucket, input.file.slice(uri.length));
      if (!content) throw noFile(input.file);
      const name = input.file.slice(input.file.lastIndexOf('/') + 1);
      return { content, contentType: typeOf(name), disposition: `attachment; filename="${name}"` };
    },
  };
}

function typeOf(name: string): string {
  if (name.endsWith('.json')) return 'application/json';
  if (/\.(sql|yml)$/.test(name)) return 'text/plain; charset=utf-8';
  return name.endsWith('.gz') ? 'application/gzip' : 'application/vnd.apache.parquet';
}

function noFile(uri: string): Fault {
  return new Fault('ResourceNotFoundException', `the export has no file \`${uri}\``);
}
