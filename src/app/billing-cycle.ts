import { MINUTE_MS } from '../kernel/time.ts';

const LOOK_EVERY_MS = MINUTE_MS;

export interface BillingCycleParts {
  /** Books charges that are recorded and may be missing in the cost store. */
  readonly bookCharges: () => Promise<void>;
  readonly onTrouble: (message: string) => void;
}

/** Does what the bill needs without being asked: at the start, and every minute. */
export class BillingCycle {
  readonly #parts: BillingCycleParts;
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> = Promise.resolve();

  constructor(parts: BillingCycleParts) {
    this.#parts = parts;
  }

  start(): void {
    const look = () => {
      this.#look = this.#look.then(() => this.#lookOnce());
    };
    look();
    this.#timer = setInterval(look, LOOK_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#look;
  }

  async #lookOnce(): Promise<void> {
    const { bookCharges, onTrouble } = this.#parts;
    try {
      await bookCharges();
    } catch (error) {
      onTrouble((error as Error).message);
    }
  }
}
