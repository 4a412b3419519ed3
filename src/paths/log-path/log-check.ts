import type { ImportDelivery, ImportFile } from '../../imports/import-records.ts';
import { findLog, logHours, otherThanLog } from '../../imports/log-layout.ts';
import type { SourceFiles } from '../../imports/source-files.ts';
import type { BillFinding } from '../../reports/bill-doctor.ts';
import type { CheckedPlace } from '../import-path.ts';

const NO_BILL: BillFinding = {
  ...{ code: 'log_no_bill', loses: 'detail' },
  text: 'a model invocation log has no tags, costs, discounts and credits, and counts nothing but tokens: its calls come into the ledger at the price book\u2019s prices, marked as estimated, and the bill has the last word',
};

/** What an import of a log would read, by account and region. Undefined where there is no log. Lists, and reads nothing. */
export async function checkLog(
  location: string,
  files: SourceFiles,
  signal: AbortSignal,
): Promise<CheckedPlace | undefined> {
  const log = await findLog(files, location);
  if (log.folders.length === 0) return undefined;
  const byRegion = new Map<string, ImportFile[]>();
  for await (const hour of logHours(files, location, log, () => true)) {
    signal.throwIfAborted();
    const name = `${hour.accountId} ${hour.region}`;
    const known = byRegion.get(name);
    if (known) known.push(...hour.files);
    else byRegion.set(name, [...hour.files]);
  }
  const deliveries = Array.from(
    byRegion,
    ([exportName, ofRegion]): ImportDelivery => ({
      ...{ exportName, executionId: exportName, layout: 'by hour', format: 'model invocation log', fingerprint: '' },
      ...{ columns: [], findings: [NO_BILL], files: ofRegion },
    }),
  );
  return { deliveries, problems: otherThanLog(location, log), ignored: [] };
}
