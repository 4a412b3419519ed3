import pg from 'pg';

/** Any constant number, another one than the layout's. */
const START_LOCK = 7_240_512;
/** A start may migrate the cost store. */
const WAIT_MS = 120_000;

/** Lets one node start at a time: what is made at the first start of all is made by one of them. Gone with its connection. */
export class StartLock {
  readonly #client: pg.Client;

  constructor(settings: pg.ClientConfig) {
    this.#client = new pg.Client({ ...settings, statement_timeout: WAIT_MS, query_timeout: WAIT_MS + 1_000 });
    this.#client.on('error', () => {});
  }

  async take(): Promise<void> {
    await this.#client.connect();
    await this.#client.query('SELECT pg_advisory_lock($1)', [START_LOCK]);
  }

  async release(): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}
