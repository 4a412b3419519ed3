import type {
  GetExecutionRequest,
  GetExecutionResponse,
  ListExecutionsRequest,
  ListExecutionsResponse,
} from '@aws-sdk/client-bcm-data-exports';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { type ExportRegistry, executionOrder } from '../../reports/export-registry.ts';
import { exportNeed } from './access.ts';
import { executionStatus, wireExport } from './export-shape.ts';
import { pageOf } from './page.ts';

export function executionOperations(registry: ExportRegistry): OperationTable {
  const getExecution: OperationHandler<GetExecutionRequest, GetExecutionResponse> = {
    access: exportNeed('GetExecution', registry),
    run: ({ caller, input }) => {
      const { arn } = registry.get(caller.accountId, input.ExportArn!);
      const execution = registry.executions(arn).find(({ executionId }) => executionId === input.ExecutionId);
      if (!execution) throw executionNotFound(input.ExecutionId!);
      return {
        ExecutionId: execution.executionId,
        Export: wireExport(execution.definition, arn),
        ExecutionStatus: executionStatus(execution),
      };
    },
  };
  const listExecutions: OperationHandler<ListExecutionsRequest, ListExecutionsResponse> = {
    access: exportNeed('ListExecutions', registry),
    run: ({ caller, input }) => {
      const { arn } = registry.get(caller.accountId, input.ExportArn!);
      const { items, rest } = pageOf(registry.executions(arn), executionOrder, input, 'descending');
      const Executions = items.map((execution) => ({
        ExecutionId: execution.executionId,
        ExecutionStatus: executionStatus(execution),
      }));
      return { Executions, ...rest };
    },
  };
  return { GetExecution: getExecution, ListExecutions: listExecutions };
}

function executionNotFound(executionId: string): Fault {
  return new Fault('ResourceNotFoundException', `The execution ${executionId} does not exist`, {
    ResourceId: executionId,
    ResourceType: 'Execution',
  });
}
