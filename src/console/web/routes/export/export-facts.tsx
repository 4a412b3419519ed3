import type { ReactElement, ReactNode } from 'react';
import { Card } from '../../components/card.tsx';
import { TimeText } from '../../components/time.tsx';
import { type ExportStatus, tableLabel, tableOf, type WireExport } from '../exports/export-calls.ts';
import { HealthChip } from '../exports/health-chip.tsx';
import { propertyLabel } from '../new-export/table-property.ts';

export function ExportFacts(props: { readonly definition: WireExport; readonly status: ExportStatus }): ReactElement {
  const { definition, status } = props;
  const {
    S3Bucket,
    S3Prefix,
    S3Region,
    S3OutputConfigurations: output,
  } = definition.DestinationConfigurations.S3Destination;
  const properties = Object.entries(definition.DataQuery.TableConfigurations?.[tableOf(definition)] ?? {});
  const switchedOn = properties.filter(([, value]) => value === 'TRUE').map(([name]) => propertyLabel(name));
  const grain = properties.find(([name]) => name === 'TIME_GRANULARITY')?.[1] ?? 'HOURLY';
  return (
    <Card title="What it exports">
      <div className="grid-2">
        <dl className="facts">
          <Fact term="Status">
            <HealthChip status={status} />
          </Fact>
          <Fact term="Last delivery">
            {status.LastRefreshedAt === undefined ? 'none yet' : <TimeText at={status.LastRefreshedAt} />}
          </Fact>
          <Fact term="Made">
            <TimeText at={status.CreatedAt} />
          </Fact>
          <Fact term="Table">
            {tableLabel(tableOf(definition))}, {grain.toLowerCase()}
          </Fact>
        </dl>
        <dl className="facts">
          <Fact term="Includes">{switchedOn.length === 0 ? 'nothing beyond the table' : switchedOn.join(', ')}</Fact>
          <Fact term="Destination">
            <code>{`s3://${[S3Bucket, S3Prefix].filter(Boolean).join('/')}/${definition.Name}/`}</code>{' '}
            <span className="faint">{S3Region}</span>
          </Fact>
          <Fact term="Format">{output.Format === 'PARQUET' ? 'Parquet, snappy' : 'CSV, gzip'}</Fact>
          <Fact term="Each refresh">
            {output.Overwrite === 'OVERWRITE_REPORT' ? 'replaces the last' : 'has a folder of its own'}
          </Fact>
        </dl>
      </div>
    </Card>
  );
}

function Fact(props: { readonly term: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className="facts-row">
      <dt>{props.term}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
