import { Worker } from 'node:worker_threads';
import { Fault } from '../kernel/fault.ts';
import type { JournalPosition } from '../metering/usage-journal.ts';
import type { RatingChange } from '../paths/rerate-path.ts';
import type { LineItem } from '../rating/line-item.ts';
import type {
  CostJob,
  CostJobAnswers,
  CostThreadData,
  FromCostThread,
  StoreConnection,
  ToCostThread,
} from './cost-thread-messages.ts';

/** While records become durable by the thousand a second, the thread is told no more often than this. */
const TELL_EVERY_MS = 50;

/** A batch lives from reading to storing: with room for all of it, the collector does not copy it again and again. */
const YOUNG_GENERATION_MB = 192;

export interface CostThreadEvents {
  readonly connection: () => Promise<StoreConnection>;
  /** Everything before the position is in the store. */
  readonly onShipped: (position: JournalPosition) => void;
  readonly onTrouble: (message: string) => void;
}

/** The request side's end of the cost thread. */
export class CostThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #nextId = 1;
  #timer: NodeJS.Timeout | undefined;
  #durable: JournalPosition | undefined;
  /** Last trouble with the store since a batch was shipped; undefined when all is well. */
  trouble: string | undefined;
  shipped: JournalPosition | undefined;

  constructor(data: CostThreadData, { connection, onShipped, onTrouble }: CostThreadEvents) {
    this.#worker = new Worker(new URL('./cost-thread.ts', import.meta.url), {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('error', (error) => {
      this.trouble = `the cost thread failed: ${error.message}`;
      onTrouble(this.trouble);
      for (const pending of this.#pending.values()) pending.reject(error);
      this.#pending.clear();
    });
    this.#worker.on('message', (message: FromCostThread) => {
      if (message.type === 'connect') {
        connection().then(
          (found) => this.#post({ type: 'connection', connection: found }),
          () => this.#post({ type: 'connection' }),
        );
      } else if (message.type === 'shipped') {
        this.trouble = undefined;
        this.shipped = message.position;
        onShipped(message.position);
      } else if (message.type === 'trouble') {
        this.trouble = message.message;
        onTrouble(message.message);
      } else this.#settle(message);
    });
  }

  sliceAt(instants: readonly number[]): void {
    this.#post({ type: 'sliceInstants', instants });
  }

  durableUpTo(position: JournalPosition): void {
    this.#durable = position;
    this.#timer ??= setTimeout(() => this.#tellDurable(), TELL_EVERY_MS);
  }

  rerate(period: string, apply: boolean): Promise<RatingChange> {
    return this.#run({ kind: 'rerate', period, apply });
  }

  /** Stores line items of charges, each once however often it is handed over. */
  book(lineItems: readonly LineItem[]): Promise<undefined> {
    return this.#run({ kind: 'book', lineItems });
  }

  /** Removes the calls of an upstream and their line items. */
  removeUpstream(upstream: string): Promise<undefined> {
    return this.#run({ kind: 'removeUpstream', upstream });
  }

  /** Ships what is durable now. */
  ship(): Promise<undefined> {
    this.#tellDurable();
    return this.#run({ kind: 'ship' });
  }

  /** Ships what is durable; usage of periods before `firstOpenPeriod` that comes later is billed there. */
  seal(firstOpenPeriod: string): Promise<undefined> {
    this.#tellDurable();
    return this.#run({ kind: 'seal', firstOpenPeriod });
  }

  /** Ships what is durable and ends the thread; gives up after `graceMs`: what is left is shipped at the next start. */
  async close(graceMs: number): Promise<void> {
    this.#tellDurable();
    this.#post({ type: 'finish' });
    const timer = setTimeout(() => void this.#worker.terminate(), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #tellDurable(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#durable) this.#post({ type: 'durable', position: this.#durable });
  }

  #run<Job extends CostJob>(job: Job): Promise<CostJobAnswers[Job['kind']]> {
    const id = this.#nextId++;
    const pending = Promise.withResolvers<unknown>();
    this.#pending.set(id, pending);
    this.#post({ type: 'job', id, job });
    return pending.promise as Promise<CostJobAnswers[Job['kind']]>;
  }

  #settle(message: Extract<FromCostThread, { readonly id: number }>): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'done') pending?.resolve(message.answer);
    else if (message.code === 'StoreUnavailable') pending?.reject(new Fault('StoreUnavailable', message.message));
    else pending?.reject(new Error(message.message));
  }

  #post(message: ToCostThread): void {
    this.#worker.postMessage(message);
  }
}
