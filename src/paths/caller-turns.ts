import { Fault } from '../kernel/fault.ts';
import type { OperationHandler, OperationTable } from './operation-handler.ts';

export interface TurnBounds {
  readonly runningMax: number;
  readonly waitingMax: number;
}

/** A page asks a handful of questions at once, and has half of the store's connections then. */
export const STORE_TURNS: TurnBounds = { runningMax: 4, waitingMax: 60 };

interface Turns {
  running: number;
  readonly waiting: (() => void)[];
}

/** Lets a caller have so much work under way and so much waiting, first come, first served: whoever asks without end waits for itself. */
export class CallerTurns {
  readonly #bounds: TurnBounds;
  /** By ARN, of those who have work under way. */
  readonly #turns = new Map<string, Turns>();

  constructor(bounds: TurnBounds) {
    this.#bounds = bounds;
  }

  /** Throws ThrottlingException when too much waits already. */
  async run<Result>(callerArn: string, work: () => Result | Promise<Result>): Promise<Result> {
    const turns = this.#turns.get(callerArn) ?? { running: 0, waiting: [] };
    this.#turns.set(callerArn, turns);
    if (turns.running < this.#bounds.runningMax) turns.running += 1;
    else await this.#next(turns);
    try {
      return await work();
    } finally {
      // The turn is handed on, so that nobody who comes meanwhile goes first.
      const next = turns.waiting.shift();
      if (next) next();
      else turns.running -= 1;
      if (turns.running === 0) this.#turns.delete(callerArn);
    }
  }

  #next({ waiting }: Turns): Promise<void> {
    const { runningMax, waitingMax } = this.#bounds;
    if (waiting.length >= waitingMax) {
      throw new Fault(
        'ThrottlingException',
        `you have \`${runningMax + waitingMax}\` questions under way: ask again when some are answered`,
      );
    }
    return new Promise((resolve) => waiting.push(resolve));
  }
}

/** The operations of a table, each of which takes a turn of its caller. */
export function inTurn(turns: CallerTurns, table: OperationTable): OperationTable {
  return Object.fromEntries(
    Object.entries(table).map(([name, handler]): [string, OperationHandler<unknown, unknown>] => [
      name,
      { ...handler, run: (call) => turns.run(call.caller.arn, () => handler.run(call)) },
    ]),
  );
}
