import type {
  CreateAnomalyMonitorRequest,
  CreateAnomalyMonitorResponse,
  DeleteAnomalyMonitorRequest,
  DeleteAnomalyMonitorResponse,
  Expression,
  GetAnomalyMonitorsRequest,
  GetAnomalyMonitorsResponse,
  UpdateAnomalyMonitorRequest,
  UpdateAnomalyMonitorResponse,
  AnomalyMonitor as WireMonitor,
} from '@aws-sdk/client-cost-explorer';
import { sortedTagPairs } from '../../kernel/tags.ts';
import { isoSeconds } from '../../kernel/time.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { type AnomalyMonitor, validateMonitor } from '../../reports/anomaly-monitor.ts';
import type { AnomalyRegistry } from '../../reports/anomaly-registry.ts';
import { pageByAge } from './anomaly-page.ts';
import { invalid } from './invalid.ts';
import { creationNeed, readResourceTags, resourceNeed } from './resource-tags.ts';

export interface AnomalyMonitorParts {
  readonly registry: AnomalyRegistry;
  /** A new UUID for every monitor and subscription. */
  readonly newId: () => string;
  /** Told of new monitors and of new and changed subscriptions, which then need not wait for the next round. */
  readonly onChange: () => void;
}

export function anomalyMonitorOperations({ registry, newId, onChange }: AnomalyMonitorParts): OperationTable {
  const needFor = (action: string) => (call: OperationCall<{ readonly MonitorArn?: string | undefined }>) => [
    resourceNeed(action, [registry], call.input.MonitorArn!),
  ];
  const create: OperationHandler<CreateAnomalyMonitorRequest, CreateAnomalyMonitorResponse> = {
    access: ({ input }) => [creationNeed('CreateAnomalyMonitor', input.ResourceTags)],
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const tags = sortedTagPairs(readResourceTags(input.ResourceTags));
      const arn = `arn:aws:ce::${accountId}:anomalymonitor/${newId()}`;
      const monitor = { ...readMonitor(input.AnomalyMonitor!), arn, accountId, tags };
      await registry.createMonitor({ ...monitor, createdAtMs: nowMs, updatedAtMs: nowMs, valueCount: 0 });
      onChange();
      return { MonitorArn: arn };
    },
  };
  const get: OperationHandler<GetAnomalyMonitorsRequest, GetAnomalyMonitorsResponse> = {
    access: ({ input }) =>
      (input.MonitorArnList?.length ? input.MonitorArnList : ['*']).map((arn) =>
        resourceNeed('GetAnomalyMonitors', [registry], arn),
      ),
    run: ({ caller: { accountId }, input }) => {
      const asked = input.MonitorArnList?.length
        ? [...new Set(input.MonitorArnList)].map((arn) => registry.monitor(accountId, arn))
        : registry.monitors(accountId);
      const { items, rest } = pageByAge('GetAnomalyMonitors', accountId, asked, input);
      return { AnomalyMonitors: items.map(wireMonitor), ...rest };
    },
  };
  const update: OperationHandler<UpdateAnomalyMonitorRequest, UpdateAnomalyMonitorResponse> = {
    access: needFor('UpdateAnomalyMonitor'),
    run: async ({ caller: { accountId }, input, nowMs }) => {
      const name = input.MonitorName === undefined ? {} : { name: readName(input.MonitorName) };
      await registry.changeMonitor(accountId, input.MonitorArn!, { ...name, updatedAtMs: nowMs });
      return { MonitorArn: input.MonitorArn };
    },
  };
  const remove: OperationHandler<DeleteAnomalyMonitorRequest, DeleteAnomalyMonitorResponse> = {
    access: needFor('DeleteAnomalyMonitor'),
    run: async ({ caller: { accountId }, input }) => {
      await registry.deleteMonitor(accountId, input.MonitorArn!);
      return {};
    },
  };
  return {
    CreateAnomalyMonitor: create,
    GetAnomalyMonitors: get,
    UpdateAnomalyMonitor: update,
    DeleteAnomalyMonitor: remove,
  };
}

/** The members that a client decides about; dates, counts and ARNs of requests are no business of its. */
function readMonitor({
  MonitorName: name,
  MonitorType: type,
  MonitorDimension: dimension,
  MonitorSpecification: specification,
}: WireMonitor): Pick<AnomalyMonitor, 'name' | 'type' | 'dimension' | 'specification'> {
  const monitor = {
    name: readName(name!),
    type: type!,
    ...(dimension && { dimension }),
    ...(specification && { specification }),
  };
  validateMonitor(monitor);
  return monitor;
}

function readName(name: string): string {
  if (name.trim() === '') throw invalid('MonitorName must not be empty');
  return name;
}

function wireMonitor(monitor: AnomalyMonitor): WireMonitor {
  const { dimension, specification, lastEvaluatedAtMs } = monitor;
  return {
    MonitorArn: monitor.arn,
    MonitorName: monitor.name,
    CreationDate: isoSeconds(monitor.createdAtMs),
    LastUpdatedDate: isoSeconds(monitor.updatedAtMs),
    ...(lastEvaluatedAtMs !== undefined && { LastEvaluatedDate: isoSeconds(lastEvaluatedAtMs) }),
    MonitorType: monitor.type,
    ...(dimension && { MonitorDimension: dimension }),
    ...(specification && { MonitorSpecification: specification as Expression }),
    DimensionalValueCount: monitor.valueCount,
  };
}
