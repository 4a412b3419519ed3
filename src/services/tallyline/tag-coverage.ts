import type { TagLedger } from '../../allocation/tag-ledger.ts';
import { readTagKey, wireTagKey } from '../../kernel/billing-tag-key.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import { coverageOfTags, type ReportDeps, valuesOfTag } from '../../paths/report-path.ts';
import { managementOnly } from './management-only.ts';

export interface TagCoverageParts extends ReportDeps {
  readonly tags: TagLedger;
  readonly managementAccountId: string;
}

interface RangeInput {
  readonly Start: Date;
  readonly End: Date;
}

/** How much of the spend has which tags, at the calls and in reports. The management account's, as activation is. */
export function tagCoverageOperations(parts: TagCoverageParts): OperationTable {
  const ofManagement = managementOnly(parts.managementAccountId, 'has to do with cost allocation tags');
  return {
    GetTagCoverage: ofManagement<RangeInput>('GetTagCoverage', async ({ input, request }) => {
      await parts.tags.discover();
      const coverage = await coverageOfTags(rangeOf(input), parts, request.client.gone);
      return {
        TotalUsd: formatUsd(coverage.totalPicoUsd),
        Tags: coverage.carried.map(({ key, carriedPicoUsd, values }) => ({
          TagKey: wireTagKey(key),
          CarriedUsd: formatUsd(carriedPicoUsd),
          ShownUsd: formatUsd(coverage.shownPicoUsd.get(key) ?? 0n),
          Values: values,
        })),
        CostCategories: coverage.categories.map(({ name, shownPicoUsd, values }) => ({
          ...{ Name: name, ShownUsd: formatUsd(shownPicoUsd), Values: values },
        })),
      };
    }),
    GetTagValues: ofManagement<RangeInput & { readonly TagKey: string }>('GetTagValues', async ({ input, request }) => {
      const values = await valuesOfTag(rangeOf(input), readTagKey(input.TagKey), parts, request.client.gone);
      return {
        Values: values.map(({ value, costPicoUsd, requests, principals }) => ({
          ...{ Value: value, CostUsd: formatUsd(costPicoUsd), Requests: requests.toString(), Principals: principals },
        })),
      };
    }),
  };
}

function rangeOf({ Start, End }: RangeInput) {
  return { startMs: Start.getTime(), endMs: End.getTime() };
}
