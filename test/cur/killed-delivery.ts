// Delivers an export once, prints the execution's id, and is killed during the second delivery: run by export-run.test.ts and
// crash.test.ts.
import { FolderObjectStore } from '../../src/adapters/folder-object-store.ts';
import { S3ObjectStore } from '../../src/adapters/s3-object-store.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { ExportRegistry, exportArn } from '../../src/reports/export-registry.ts';
import { ExportRunner } from '../../src/reports/export-run.ts';
import { shippedBook } from '../rating/shipped-prices.ts';
import { S3_CREDENTIALS } from '../s3/s3-credentials.ts';
import { CSV, definition, PAYER } from './exporter.ts';
import { pieces, ScriptedStore } from './scripted-store.ts';
import { WatchedDestination } from './watched-destination.ts';

const [folder, records, moment, endpoint] = process.argv.slice(2) as [string, string, 'data' | 'manifest', string?];
const nowMs = Date.parse('2026-05-20T00:00:00Z');
const store = new ScriptedStore();
const target = endpoint
  ? new S3ObjectStore({ endpoint, pathStyle: true, credentials: S3_CREDENTIALS })
  : new FolderObjectStore(folder);
const destination = new WatchedDestination(target, (_step, key) => {
  if (isSecond && moment === 'manifest' && key.endsWith('Manifest.json')) process.kill(process.pid, 'SIGKILL');
});
const registry = new ExportRegistry(new SqliteRecordStore(records, () => nowMs));
const prices = shippedBook();
let isSecond = false;
let ids = 0;

const runner = new ExportRunner({
  ...{ registry, store },
  destination: () => destination,
  lineItemsPerFile: 1,
  firstDeliveryDelayMs: 0,
  bill: () => ({
    ...{ payerAccountId: PAYER, accountNames: new Map(), models: new Map(), tags: new Map(), categories: new Map() },
    chargeOf: () => undefined,
    invoiceIdOf: () => '',
    modelOf: (modelId) => prices.model(modelId),
  }),
  clock: () => nowMs + ids,
  newId: () => {
    ids += 1;
    return `00000000-0000-4000-8000-00000000000${ids}`;
  },
  onFailure: (_arn, error) => console.error(error),
});

const sql = 'SELECT tags FROM COST_AND_USAGE_REPORT';
const arn = exportArn(PAYER, 'killed', '00000000-0000-4000-8000-0000000000aa');
await registry.create(
  {
    ...{ arn, accountId: PAYER, table: 'COST_AND_USAGE_REPORT', tags: [], createdAtMs: nowMs, updatedAtMs: nowMs },
    definition: { ...definition('killed', sql, {}, { ...CSV, prefix: '' }) },
  },
  5,
);
store.pieces = () => pieces('first\n');
console.log((await runner.run(arn)).executionId);
isSecond = true;
store.pieces = async function* () {
  yield* pieces('second\n');
  if (moment === 'data') process.kill(process.pid, 'SIGKILL');
  yield* pieces('second\n');
};
await runner.run(arn);
