import { join } from 'node:path';
import { deliverBill } from '../bill/delivery.ts';
import { AwsBill } from './aws-bill.ts';
import { EXPORT, until } from './billing.ts';
import type { DemoFoundation } from './foundation.ts';
import { tallylineOf } from './history-arrival.ts';
import type { ClientConfig } from './organisation.ts';

/** Has AWS's bill delivered into the data folder, and waits until it is imported and compared with the ledger. */
export async function importAwsBill(
  admin: ClientConfig,
  { dataFolder, nowMs }: Pick<DemoFoundation, 'nowMs'> & { readonly dataFolder: string },
): Promise<void> {
  const exportFolder = join(dataFolder, 'exports', EXPORT.bucket, EXPORT.prefix, EXPORT.name);
  const bill = new AwsBill(exportFolder, nowMs);
  if (bill.months.length === 0) return;
  const Location = await deliverBill(bill, join(dataFolder, 'imports'));
  const client = tallylineOf(admin);
  await client.call('StartBillImport', { Location });
  await until(async () => {
    const { Reconciliations: all } = await client.call<Listed>('ListReconciliations', { MaxResults: 100 });
    const failed = all.find(({ State }) => State === 'FAILED');
    if (failed) throw new Error(`the bill was not compared: ${failed.Reason}`);
    return all.filter(({ State }) => State === 'DONE').length === bill.months.length;
  });
}

interface Listed {
  readonly Reconciliations: readonly { readonly State: string; readonly Reason?: string }[];
}
