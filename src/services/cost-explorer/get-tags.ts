import type { GetTagsRequest, GetTagsResponse } from '@aws-sdk/client-cost-explorer';
import { readTagKey, wireTagKey } from '../../kernel/billing-tag-key.ts';
import type { OperationCall, OperationHandler } from '../../paths/operation-handler.ts';
import { ask, askNames, type CostExplorerDeps, checkBillingView, needs, visibleFilter } from './cost-question.ts';
import { PageTokens } from './page-token.ts';
import { costPeriod } from './time-period.ts';
import { matching, pageOfValues, sortedValues, valueMeasures } from './value-list.ts';

/**
 * Without TagKey the active keys that have a value in the period, with it that key's values. The empty value stands for
 * usage without the tag.
 */
export function getTags(deps: CostExplorerDeps): OperationHandler<GetTagsRequest, GetTagsResponse> {
  return {
    access: needs('GetTags'),
    run: async (call) => {
      checkBillingView(call);
      const values = await tagTexts(call, deps);
      const tokens = new PageTokens('GetTags', call.caller.accountId, call.input);
      const { page, ...sizes } = pageOfValues(values, call.input, tokens);
      return { Tags: [...page], ...sizes };
    },
  };
}

async function tagTexts(call: OperationCall<GetTagsRequest>, deps: CostExplorerDeps): Promise<string[]> {
  const { input, request } = call;
  const range = costPeriod(input.TimePeriod!, undefined, call.nowMs);
  const expression = visibleFilter(call, input.Filter, deps);
  const filter = expression && { filter: expression };
  const measures = valueMeasures(input);
  if (input.TagKey === undefined) {
    const keys = await askNames({ of: 'tags', range, ...filter }, deps, request.clientGone);
    return matching(keys.map(wireTagKey).sort(), input.SearchString);
  }
  const groupBy = [{ tag: readTagKey(input.TagKey) }];
  const rows = await ask({ range, granularity: 'TOTAL', groupBy, measures, ...filter }, deps, request.clientGone);
  return sortedValues(rows, ({ keys }) => keys[0]!, input);
}
