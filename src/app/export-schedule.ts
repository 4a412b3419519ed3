import { type Clock, MINUTE_MS } from '../kernel/time.ts';
import type { ExportRunner } from '../reports/export-run.ts';

const LOOK_EVERY_MS = MINUTE_MS;

/** Starts the exports whose time has come. */
export class ExportSchedule {
  readonly #runner: ExportRunner;
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | undefined;

  constructor(runner: ExportRunner, clock: Clock) {
    this.#runner = runner;
    this.#clock = clock;
  }

  start(): void {
    const look = () => {
      for (const exportArn of this.#runner.dueExports(this.#clock())) void this.#runner.refresh(exportArn);
    };
    look();
    this.#timer = setInterval(look, LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
