import type { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { FolderSourceFiles } from '../../src/adapters/folder-source-files.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { unpackedBytes } from '../../src/adapters/unpacked-bytes.ts';
import { ImportLedger } from '../../src/imports/import-ledger.ts';
import type { BillImport, BillSource, ImportedPeriod } from '../../src/imports/import-records.ts';
import { runImport } from '../../src/paths/import-path.ts';
import { ModelNames } from '../../src/rating/billed-usage.ts';
import { shippedBook } from '../rating/shipped-prices.ts';

/** Imports a folder into a store of this process, as the source `src<name>`. */
export async function importFolder(
  name: string,
  location: string,
  store: ClickHouseCostStore,
): Promise<readonly ImportedPeriod[]> {
  const ledger = new ImportLedger(new SqliteRecordStore(':memory:', Date.now));
  const source: BillSource = {
    ...{ id: `src${name}`, location, createdAtMs: 0, createdBy: 'arn', allServices: false, isWatched: false },
  };
  const one: BillImport = {
    ...{ id: `imp${name}`, sourceId: source.id, state: 'running', createdAtMs: 0, createdBy: 'arn', cause: 'asked' },
    ...{ deliveries: [], ignored: [], problems: [], periods: [] },
  };
  await ledger.addImport(() => ({ source, one }));
  return runImport(one, source, {
    ...{ bills: store.bills, ledger, unpack: unpackedBytes, clock: Date.now },
    files: await FolderSourceFiles.open(location),
    models: () => new ModelNames(shippedBook().models.values()),
    signal: new AbortController().signal,
    progress: {
      ...{ step: 'looking', filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0, rowsDone: 0 },
      ...{ periodsDone: 0, periodsTotal: 0 },
    },
  });
}
