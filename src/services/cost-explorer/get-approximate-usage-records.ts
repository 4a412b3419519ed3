import type {
  GetApproximateUsageRecordsRequest,
  GetApproximateUsageRecordsResponse,
} from '@aws-sdk/client-cost-explorer';
import { UTC } from '../../kernel/time-zone.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { usageRecords } from '../../paths/report-path.ts';
import type { ReportFilter } from '../../reports/report-query.ts';
import type { UsageRecordsQuery } from '../../reports/usage-records.ts';
import { type CostExplorerDeps, needs, visibleFilter } from './cost-question.ts';
import { timePeriod } from './time-period.ts';
import { vocabularyOf } from './vocabulary.ts';

/** What is kept by the hour and by resource; the rest is kept for the months that reports reach back. */
const FINE_DAYS = 14;
const COARSE_MONTHS = 13;

/** How many records the usage of the time behind makes by service, at the granularity and with or without resources. */
export function getApproximateUsageRecords(
  deps: CostExplorerDeps,
): OperationHandler<GetApproximateUsageRecordsRequest, GetApproximateUsageRecordsResponse> {
  return {
    access: needs('GetApproximateUsageRecords'),
    run: async (call) => {
      const { Granularity, ApproximationDimension, Services = [] } = call.input;
      const granularity = Granularity as UsageRecordsQuery['granularity'];
      const byResource = ApproximationDimension === 'RESOURCE';
      const { year, month, day } = UTC.dateOf(call.nowMs);
      const isFine = granularity === 'HOURLY' || byResource;
      const range = {
        startMs: isFine ? UTC.dayStartMs(year, month, day - FINE_DAYS) : UTC.dayStartMs(year, month - COARSE_MONTHS, 1),
        endMs: UTC.dayStartMs(year, month, day),
      };
      const filters: ReportFilter[] = [visibleFilter(call, undefined, deps, vocabularyOf(call, deps)) ?? { and: [] }];
      if (Services.length > 0) filters.push({ key: { dimension: 'service' }, equalsAny: Services });
      const query = { range, granularity, byResource, filter: { and: filters } };
      const records = await usageRecords(query, deps, call.request.client.gone);
      return {
        Services: Object.fromEntries(records),
        TotalRecords: [...records.values()].reduce((sum, count) => sum + count, 0),
        LookbackPeriod: timePeriod(range, undefined),
      };
    },
  };
}
