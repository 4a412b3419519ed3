import { DAY_MS, MINUTE_MS } from '../kernel/time.ts';
import { type AnomalyPathDeps, evaluateMonitor, tellSubscription } from '../paths/anomaly-path.ts';
import type { AnomalyMonitor } from '../reports/anomaly-monitor.ts';

const LOOK_EVERY_MS = MINUTE_MS;
/** From one evaluation of a monitor to the next while usage comes in. AWS evaluates about three times a day. */
const EVALUATE_EVERY_MS = 15 * MINUTE_MS;

export interface AnomalyScheduleParts {
  readonly deps: AnomalyPathDeps;
  /** When usage last reached the store. */
  readonly usageArrivedAtMs: () => number;
  /** Told of a monitor that could not be evaluated, and of a subscription that could not be told. */
  readonly onFailure: (arn: string, error: unknown) => void;
}

/** Evaluates monitors, one after the other, after new usage and at the turn of the day; then tells subscribers. */
export class AnomalySchedule {
  readonly #parts: AnomalyScheduleParts;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(parts: AnomalyScheduleParts) {
    this.#parts = parts;
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  /** Begins a round unless one is under way; a monitor that comes up meanwhile is met by the same round. */
  look(): void {
    this.#round ??= this.#evaluateDue().finally(() => {
      this.#round = undefined;
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#round;
  }

  async #evaluateDue(): Promise<void> {
    const { deps, onFailure } = this.#parts;
    const failed = new Set<string>();
    /** Days on which this round has begun to evaluate monitors: once a day each, however long the round takes. */
    const begunOn = new Map<string, number>();
    const dayNow = () => Math.floor(deps.clock() / DAY_MS);
    for (;;) {
      const monitor = deps.registry
        .allMonitors()
        .filter(({ arn }) => !failed.has(arn) && begunOn.get(arn) !== dayNow())
        .find((candidate) => this.#isDue(candidate));
      if (!monitor || this.#stop.signal.aborted) break;
      begunOn.set(monitor.arn, dayNow());
      await evaluateMonitor(monitor, deps, this.#stop.signal).catch((error: unknown) => {
        failed.add(monitor.arn);
        if (!this.#stop.signal.aborted) onFailure(monitor.arn, error);
      });
    }
    for (const subscription of deps.registry.allSubscriptions()) {
      if (this.#stop.signal.aborted) return;
      // Until a monitor that failed has been evaluated, a summary might leave out what it will find.
      if (subscription.monitorArns.some((arn) => failed.has(arn))) continue;
      await tellSubscription(subscription, deps).catch((error: unknown) => onFailure(subscription.arn, error));
    }
  }

  #isDue({ lastEvaluatedAtMs }: AnomalyMonitor): boolean {
    const { deps, usageArrivedAtMs } = this.#parts;
    const nowMs = deps.clock();
    if (lastEvaluatedAtMs === undefined || Math.floor(nowMs / DAY_MS) * DAY_MS > lastEvaluatedAtMs) return true;
    return usageArrivedAtMs() >= lastEvaluatedAtMs && nowMs - lastEvaluatedAtMs >= EVALUATE_EVERY_MS;
  }
}
