import { type ReactElement, useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Count } from '../../components/figures.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { bytesText } from '../../format/bytes.ts';
import {
  type DeliveredFile,
  type DeliveredPeriod,
  type ExportDelivery,
  fileAddress,
  useExportFile,
} from '../exports/export-calls.ts';

interface FileRow extends DeliveredFile {
  readonly period: DeliveredPeriod;
}

/** Delivered files by billing period, each to be downloaded. */
export function Files(props: {
  readonly exportArn: string;
  readonly delivery: ExportDelivery | undefined;
  readonly error: ApiError | null;
  readonly onRetry: () => void;
}): ReactElement {
  const { exportArn, delivery } = props;
  const [manifest, setManifest] = useState<DeliveredPeriod>();
  if (props.error) return <ErrorState error={props.error} onRetry={props.onRetry} />;
  if (!delivery) return <Skeleton lines={4} height={160} />;
  const rows = delivery.Periods.flatMap((period) => period.Files.map((file): FileRow => ({ ...file, period })));
  return (
    <Card title="Delivered files" note="as the manifests name them" flush>
      <DataTable
        label="Delivered files"
        columns={columnsOf(exportArn, setManifest)}
        rows={rows}
        rowId={({ Uri }) => Uri}
        empty={
          <EmptyState title="Nothing is delivered yet" icon="export">
            The first delivery follows the creation, or press Run now.
          </EmptyState>
        }
      />
      {manifest && <ManifestDialog exportArn={exportArn} period={manifest} onClose={() => setManifest(undefined)} />}
    </Card>
  );
}

function columnsOf(exportArn: string, onManifest: (period: DeliveredPeriod) => void): Column<FileRow>[] {
  return [
    {
      id: 'period',
      header: 'Billing period',
      text: ({ period }) => period.BillingPeriod,
    },
    {
      id: 'file',
      header: 'File',
      text: ({ Uri }) => Uri,
      cell: ({ Uri }) => <code title={Uri}>{Uri.slice(Uri.lastIndexOf('/') + 1)}</code>,
    },
    {
      id: 'rows',
      header: 'Rows',
      kind: 'number',
      text: ({ Rows }) => String(Rows ?? ''),
      cell: ({ Rows }) =>
        Rows === undefined ? <span className="faint">not counted</span> : <Count value={String(Rows)} />,
    },
    {
      id: 'size',
      header: 'Size',
      kind: 'number',
      text: ({ Bytes }) => String(Bytes ?? ''),
      cell: ({ Bytes }) => (Bytes === undefined ? '–' : bytesText(Bytes)),
    },
    {
      id: 'at',
      header: 'Delivered',
      text: ({ period }) => period.DeliveredAt ?? '',
      cell: ({ period }) => (period.DeliveredAt === undefined ? '–' : <TimeText at={period.DeliveredAt} />),
    },
    {
      id: 'actions',
      header: 'Actions',
      text: () => '',
      cell: ({ Uri, period }) => (
        <span className="row">
          <a
            className="button button-plain button-small"
            href={fileAddress(exportArn, Uri)}
            download={Uri.slice(Uri.lastIndexOf('/') + 1)}
          >
            Download
          </a>
          <Button small look="ghost" onClick={() => onManifest(period)}>
            Manifest
          </Button>
        </span>
      ),
    },
  ];
}

function ManifestDialog(props: {
  readonly exportArn: string;
  readonly period: DeliveredPeriod;
  readonly onClose: () => void;
}): ReactElement {
  const { BillingPeriod, ManifestUri } = props.period;
  const { data, error } = useExportFile(props.exportArn, ManifestUri);
  return (
    <Dialog title={`Manifest of ${BillingPeriod}`} wide onClose={props.onClose}>
      <p className="soft small">
        <code>{ManifestUri}</code>
      </p>
      {error && <ErrorState error={error} />}
      {!error && data === undefined && <Skeleton lines={8} height={240} />}
      {data !== undefined && <CodeBlock text={data} what="the manifest" maxHeight="420px" />}
    </Dialog>
  );
}
