/**
 * Port: durable control-plane records (users, keys, tags, exports, ...), small enough that every node holds them in memory.
 * A record is a JSON value under a kind and a key. Stages build their own indexes over it; nothing on the request path
 * ever waits for the database behind it.
 */
export interface RecordStore {
  /** All records of a kind as they are in memory now. */
  all<Body>(kind: string): Iterable<StoredRecord<Body>>;
  get<Body>(kind: string, key: string): StoredRecord<Body> | undefined;
  /**
   * Writes all changes in one transaction: durable, and visible to `all`, `get` and watchers, when it resolves.
   * Throws RecordConflict, having changed nothing, when an `expectedVersion` does not hold.
   */
  write(changes: readonly RecordChange[]): Promise<void>;
  /** Calls back after every committed write, with the changes in order. Also for changes made by other nodes. */
  watch(onChange: (changes: readonly RecordChange[]) => void): void;
  close(): Promise<void>;
}

export interface StoredRecord<Body> {
  readonly key: string;
  readonly version: number;
  readonly body: Body;
}

export interface RecordChange {
  readonly kind: string;
  readonly key: string;
  /** Absent: the record is deleted. */
  readonly body?: unknown;
  /** Version that was read; 0: must not exist yet; absent: any. */
  readonly expectedVersion?: number;
}

/** Two writers met; read again and decide anew. */
export class RecordConflict extends Error {
  override readonly name = 'RecordConflict';
}

/** Tries of one change while other writers are faster. */
const MAX_ATTEMPTS = 5;

/**
 * Runs a change that reads, decides and writes with expected versions; anew when another writer came in between.
 * `beforeNext` is called before each further try. Throws the last RecordConflict when others are faster every time.
 */
export async function anewOnConflict<Result>(
  change: () => Promise<Result>,
  beforeNext: () => void = () => {},
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof RecordConflict) || attempt === MAX_ATTEMPTS) throw error;
      beforeNext();
    }
  }
}
