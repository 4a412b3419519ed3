import { join } from 'node:path';
import type { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { FileJournal } from '../../src/adapters/file-journal.ts';
import { FileJournalReader } from '../../src/adapters/file-journal-reader.ts';
import { MasterKeySecretBox } from '../../src/adapters/master-key-secret-box.ts';
import { BillImports } from '../../src/app/bill-imports.ts';
import { LogImports } from '../../src/app/log-imports.ts';
import { readConfig } from '../../src/config.ts';
import { Directory } from '../../src/identity/directory.ts';
import { ModelCatalog } from '../../src/inference/model-catalog.ts';
import type { RecordStore } from '../../src/kernel/record-store.ts';
import { Turns } from '../../src/kernel/turns.ts';
import type { JournalPosition } from '../../src/metering/usage-journal.ts';
import { CostPath } from '../../src/paths/cost-path.ts';
import type { CostStore } from '../../src/reports/cost-store.ts';
import { shippedBook, shippedModels } from '../rating/shipped-prices.ts';

export interface LogNodeOptions {
  readonly nodeId: string;
  /** Its own, the same after a restart. */
  readonly dataFolder: string;
  /** Whose places are open to imports. */
  readonly places: string;
  readonly records: RecordStore;
  readonly store: ClickHouseCostStore;
}

/** Where a test holds a node. */
export interface Halt {
  readonly reached: Promise<void>;
  readonly goOn: () => void;
}

/** What imports of logs are on one node of several: its own journal and imports, over records and a store that all share. */
export class LogNode {
  readonly imports: BillImports;
  /** What was in its journal at its start is in the store. */
  readonly begun: Promise<undefined>;
  readonly troubles: string[] = [];
  readonly #options: LogNodeOptions;
  readonly #journal: FileJournal;
  readonly #costPath: CostPath;
  readonly #turns = new Turns();
  readonly #halts = new Map<number, { readonly reached: () => void; readonly released: Promise<void> }>();
  readonly #goOn: (() => void)[] = [];
  #durable: JournalPosition;
  #ships = 0;

  static async start(options: LogNodeOptions): Promise<LogNode> {
    let node: LogNode | undefined;
    const journal = await FileJournal.open({
      folder: join(options.dataFolder, 'journal'),
      durability: 'os',
      onDurable: (position) => {
        if (node) node.#durable = position;
      },
    });
    node = new LogNode(options, journal);
    return node;
  }

  private constructor(options: LogNodeOptions, journal: FileJournal) {
    const { nodeId, dataFolder, places, records, store } = options;
    this.#options = options;
    this.#journal = journal;
    this.#durable = journal.start;
    const reader = new FileJournalReader(join(dataFolder, 'journal'), journal.firstSegment);
    this.#costPath = new CostPath({
      ...{ reader, journalId: reader.journalId, prices: shippedBook(), store: store as CostStore },
      ...{ sliceInstants: () => [], firstOpenPeriod: () => '' },
    });
    this.begun = this.#ship();
    const onTrouble = (message: string) => void this.troubles.push(message);
    const shared = { records, store, clock: Date.now, onTrouble };
    const logs = new LogImports({
      ...{ ...shared, journal, recordKeeping: { nodeId }, catalog: new ModelCatalog(shippedModels) },
      directory: new Directory(records, new MasterKeySecretBox(Buffer.alloc(32, 1))),
      costThread: {
        ship: () => this.#ship(),
        removeUpstream: async (upstream) => {
          await this.#turns.take(() => store.removeUpstream(upstream));
          return undefined;
        },
      },
      periods: { first: () => '', firstOpen: () => '' },
    });
    const config = readConfig();
    this.imports = new BillImports({
      ...{ ...shared, logs, dataFolder, environment: {}, bills: store.bills, models: () => [] },
      config: { ...config, import: { ...config.import, folders: [places] } },
    });
  }

  /** Holds it at the n-th time from now on that it brings its journal into the store, before any of it is there. */
  haltAtShip(count: number): Halt {
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.#halts.set(this.#ships + count, { reached: reached.resolve, released: released.promise });
    this.#goOn.push(released.resolve);
    return { reached: reached.promise, goOn: released.resolve };
  }

  /** As `kill -9` and a start leave it: what is in its journal's files is all that it knows. */
  restarted(): Promise<LogNode> {
    return LogNode.start(this.#options);
  }

  async close(): Promise<void> {
    const stopped = this.imports.stop();
    for (const goOn of this.#goOn) goOn();
    await stopped;
    await this.#journal.close();
  }

  async #ship(): Promise<undefined> {
    this.#ships += 1;
    const halt = this.#halts.get(this.#ships);
    halt?.reached();
    await halt?.released;
    const upTo = this.#durable;
    await this.#turns.take(async () => {
      while (await this.#costPath.shipNext(upTo));
    });
    return undefined;
  }
}
