import pg from 'pg';
import { CHANNEL } from './layout.ts';

/** While the database tells of changes, this often it is asked all the same: a notification may get lost with a proxy. */
const ASK_EVERY_MS = 5_000;
/** While it does not, this often: what is revoked on one node must not be good for long on another. */
const ASK_DEAF_EVERY_MS = 250;

export interface FollowerParts {
  readonly settings: pg.ClientConfig;
  /** Asks for what is new. */
  readonly onNews: () => Promise<void>;
  readonly onTrouble: (message: string) => void;
}

/** Listens for other nodes' writes, and asks from time to time where listening fails. */
export class Follower {
  readonly #parts: FollowerParts;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Told once, not four times a second. */
  #isTroubled = false;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    await this.#listen();
    this.#askLater();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  async #listen(): Promise<void> {
    const client = new pg.Client(this.#parts.settings);
    client.on('notification', () => void this.#ask());
    client.on('error', () => {});
    client.on('end', () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      clearTimeout(this.#timer);
      this.#askLater();
    });
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    this.#client = client;
  }

  #askLater(): void {
    if (this.#isClosed) return;
    const delayMs = this.#client ? ASK_EVERY_MS : ASK_DEAF_EVERY_MS;
    this.#timer = setTimeout(() => void this.#look(), delayMs).unref();
  }

  async #look(): Promise<void> {
    try {
      if (!this.#client) await this.#listen();
    } catch {
      // Asking below says what is wrong, or works all the same.
    }
    await this.#ask();
    this.#askLater();
  }

  async #ask(): Promise<void> {
    try {
      await this.#parts.onNews();
      this.#isTroubled = false;
    } catch (error) {
      if (this.#isTroubled || this.#isClosed) return;
      this.#isTroubled = true;
      this.#parts.onTrouble(`changes of other nodes are not seen: ${(error as Error).message}`);
    }
  }
}
