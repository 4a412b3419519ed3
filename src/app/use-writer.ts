import type { Directory } from '../identity/directory.ts';
import { SECOND_MS } from '../kernel/time.ts';

/** Two hundred notes take some milliseconds, in which no request is answered. */
const WRITE_EVERY_MS = SECOND_MS;
const NOTES_PER_WRITE = 200;

/** Writes down when keys and roles were last used, a few at a time and beside the requests. */
export class UseWriter {
  readonly #directory: Directory;
  #timer: NodeJS.Timeout | undefined;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#directory.writeUses(NOTES_PER_WRITE), WRITE_EVERY_MS).unref();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#directory.writeUses(Number.POSITIVE_INFINITY);
  }
}
