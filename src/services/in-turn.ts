import type { CallerTurns } from '../paths/caller-turns.ts';
import type { OperationHandler, OperationTable } from '../paths/operation-handler.ts';

/** The operations of a table, each of which takes a turn of its caller. */
export function inTurn(turns: CallerTurns, table: OperationTable): OperationTable {
  return Object.fromEntries(
    Object.entries(table).map(([name, handler]): [string, OperationHandler<unknown, unknown>] => [
      name,
      { ...handler, run: (call) => turns.run(call.caller.arn, () => handler.run(call)) },
    ]),
  );
}
