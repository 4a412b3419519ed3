import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';

interface ExecutionWire {
  readonly ExportArn: string;
  readonly ExecutionId: string;
  readonly Status: string;
  readonly Reason?: string;
  readonly DataFiles?: readonly string[];
}

/** `tallyline export run`: delivers an export and says where its files are. */
export async function runExport(client: TallylineClient, name: string, print: (text: string) => void): Promise<void> {
  const {
    ExecutionId,
    Status,
    Reason,
    DataFiles = [],
  } = await client.call<ExecutionWire>('StartExportExecution', { ExportName: name });
  if (Status !== 'DELIVERY_SUCCESS') {
    throw new Fault(
      'QueryInvalid',
      `execution \`${ExecutionId}\` of export \`${name}\` ended as ${Status}${Reason === undefined ? '' : `: ${Reason}`}`,
    );
  }
  print(`execution ${ExecutionId}: ${Status}`);
  for (const file of DataFiles) print(file);
}
