import { useQueries, useQuery } from '@tanstack/react-query';
import type { ApiError } from '../../api/api-error.ts';
import { call, request } from '../../api/call.ts';
import { useCall } from '../../api/use-call.ts';

/** An export as AWS's wire has it. */
export interface WireExport {
  readonly ExportArn?: string;
  readonly Name: string;
  readonly Description?: string;
  readonly DataQuery: {
    readonly QueryStatement: string;
    readonly TableConfigurations?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  readonly DestinationConfigurations: {
    readonly S3Destination: {
      readonly S3Bucket: string;
      readonly S3Prefix: string;
      readonly S3Region: string;
      readonly S3OutputConfigurations: {
        readonly OutputType: string;
        readonly Format: string;
        readonly Compression: string;
        readonly Overwrite: string;
      };
    };
  };
  readonly RefreshCadence: { readonly Frequency: string };
}

export interface ExportStatus {
  readonly StatusCode: string;
  readonly StatusReason?: string;
  readonly CreatedAt: string;
  readonly LastUpdatedAt: string;
  readonly LastRefreshedAt?: string;
}

export interface ExportReference {
  readonly ExportArn: string;
  readonly ExportName: string;
  readonly ExportStatus: ExportStatus;
}

/** Answer of `tallyline:GetExportDelivery`. */
export interface ExportDelivery {
  /** Newest first. */
  readonly Periods: readonly DeliveredPeriod[];
  /** URIs of what sets query engines up. Empty before the first delivery. */
  readonly SetUpFiles: readonly string[];
}

export interface DeliveredPeriod {
  readonly BillingPeriod: string;
  readonly ManifestUri: string;
  readonly ExecutionId?: string;
  readonly DeliveredAt?: string;
  readonly Files: readonly DeliveredFile[];
}

export interface DeliveredFile {
  readonly Uri: string;
  readonly Bytes?: number;
  /** Absent: the file does not say. */
  readonly Rows?: number;
}

export interface ExportColumn {
  readonly Name: string;
  readonly Type: string;
  readonly Description?: string;
}

export interface ExportSample {
  readonly Columns: readonly ExportColumn[];
  readonly Rows: readonly Readonly<Record<string, unknown>>[];
}

/** An export with what it has delivered. */
export interface ListedExport extends ExportReference {
  /** Absent: not known yet. */
  readonly definition?: WireExport;
  readonly delivery?: ExportDelivery;
}

export function useExportList() {
  return useCall<{ readonly Exports?: readonly ExportReference[] }>('bcm-data-exports', 'ListExports', {
    MaxResults: 100,
  });
}

/** The exports of an account are few: each is asked for by itself. */
export function useExports(): {
  readonly exports: readonly ListedExport[] | undefined;
  readonly error: ApiError | null;
  readonly refetch: () => void;
} {
  const list = useExportList();
  const references = list.data?.Exports ?? [];
  const ask = <Output>(service: string, operation: string) =>
    references.map(({ ExportArn }) => ({
      queryKey: [service, operation, { ExportArn }],
      queryFn: ({ signal }: { signal: AbortSignal }) => call<Output>(service, operation, { ExportArn }, { signal }),
    }));
  const definitions = useQueries({ queries: ask<{ Export: WireExport }>('bcm-data-exports', 'GetExport') });
  const deliveries = useQueries({ queries: ask<ExportDelivery>('tallyline', 'GetExportDelivery') });
  return {
    exports:
      list.data &&
      references.map((reference, index) => joined(reference, definitions[index]?.data, deliveries[index]?.data)),
    error: list.error,
    refetch: () => void list.refetch(),
  };
}

function joined(
  reference: ExportReference,
  definition: { readonly Export: WireExport } | undefined,
  delivery: ExportDelivery | undefined,
): ListedExport {
  return { ...reference, ...(definition && { definition: definition.Export }), ...(delivery && { delivery }) };
}

/** Where a browser gets a delivered file or a manifest; the session's cookie says who asks. */
export function fileAddress(exportArn: string, file: string): string {
  return `/api/v1/export-files?${new URLSearchParams({ exportArn, file })}`;
}

export function tableOf({ DataQuery }: WireExport): string {
  return /\bFROM\s+(\w+)/i.exec(DataQuery.QueryStatement)?.[1] ?? '';
}

const TABLE_NAMES: Readonly<Record<string, string>> = { COST_AND_USAGE_REPORT: 'CUR 2.0' };

/** `CUR 2.0`, `FOCUS 1.2`. */
export function tableLabel(table: string): string {
  const [, major, minor] = /^FOCUS_(\d+)_(\d+)_AWS$/.exec(table) ?? [];
  return TABLE_NAMES[table] ?? (major ? `FOCUS ${major}.${minor}` : table);
}

/** The text of a small delivered file. */
export function useExportFile(exportArn: string, file: string | undefined) {
  const address = file === undefined ? '' : fileAddress(exportArn, file).replace('/api/v1', '');
  return useQuery<string, ApiError>({
    queryKey: ['export-file', address],
    queryFn: async ({ signal }) => (await request(address, { signal })).text(),
    enabled: file !== undefined,
  });
}
