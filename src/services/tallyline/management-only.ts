import { Fault } from '../../kernel/fault.ts';
import type { OperationCall, OperationHandler } from '../../paths/operation-handler.ts';

type Run<Input> = (call: OperationCall<Input>) => unknown;

/** Makes rows of operations that are the management account's alone; `what` completes `only the management account ...`. */
export function managementOnly(managementAccountId: string, what: string) {
  return <Input>(action: string, run: Run<Input>): OperationHandler<Input, unknown> => ({
    access: () => [{ action: `tallyline:${action}`, resource: '*' }],
    run: (call) => {
      if (call.caller.accountId === managementAccountId) return run(call);
      throw new Fault('AccessDeniedException', `only the management account ${what}`);
    },
  });
}
