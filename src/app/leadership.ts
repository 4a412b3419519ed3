/** Who may lead, as the directory store knows it. */
export interface Candidate {
  /** True when this node leads for so long. */
  lead(leaseMs: number): Promise<boolean>;
  resign(): Promise<void>;
}

/** So long a leader that died keeps others from leading. */
const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 5_000;

/**
 * What must happen once among all nodes (exports, closes of periods, budgets, anomalies, notices) is done by the one that
 * leads. One that cannot reach the database goes on: nobody else can begin then. One that finds another leading, after an
 * outage in which its lease ended, must end as a process and start anew, since background work does not begin twice.
 */
export class Leadership {
  readonly #candidate: Candidate | undefined;
  readonly #onTrouble: (message: string) => void;
  #begin: (() => void) | undefined;
  #onLost: (reason: string) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> | undefined;
  #isEnded = false;
  isLeader = false;

  /** Without a candidate this node is the only one, and leads. */
  constructor(parts?: { readonly candidate: Candidate; readonly onTrouble: (message: string) => void }) {
    this.#candidate = parts?.candidate;
    this.#onTrouble = parts?.onTrouble ?? (() => {});
  }

  /** Calls `begin` once, when this node leads for the first time; `onLost` when another one does afterwards. */
  seek(begin: () => void, onLost: (reason: string) => void): void {
    this.#begin = begin;
    this.#onLost = onLost;
    if (!this.#candidate) {
      this.isLeader = true;
      begin();
      return;
    }
    const look = () => {
      this.#look ??= this.#lookOnce().finally(() => {
        this.#look = undefined;
      });
    };
    look();
    this.#timer = setInterval(look, RENEW_EVERY_MS).unref();
  }

  /** Lets the next node lead at once. */
  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearInterval(this.#timer);
    await this.#look;
    // Where the database is away, the lease ends by itself.
    await this.#candidate?.resign().catch(() => {});
  }

  async #lookOnce(): Promise<void> {
    let leads: boolean;
    try {
      leads = await this.#candidate!.lead(LEASE_MS);
    } catch (error) {
      this.#onTrouble(`it cannot be told which node leads: ${(error as Error).message}`);
      return;
    }
    if (this.#isEnded) return;
    if (leads && !this.isLeader) {
      this.isLeader = true;
      this.#begin?.();
    } else if (!leads && this.isLeader) {
      this.isLeader = false;
      clearInterval(this.#timer);
      this.#onLost('another node leads now');
    }
  }
}
