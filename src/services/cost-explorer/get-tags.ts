import type { GetTagsRequest, GetTagsResponse } from '@aws-sdk/client-cost-explorer';
import { readTagKey, wireTagKey } from '../../kernel/billing-tag-key.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { ask, askNames, type CostExplorerDeps, needs } from './cost-question.ts';
import { matching, pageOfValues, sortedValues, type ValueQuestion, valueQuestion } from './value-list.ts';

/**
 * Without TagKey the active keys that have a value in the period, with it that key's values. The empty value stands for
 * usage without the tag.
 */
export function getTags(deps: CostExplorerDeps): OperationHandler<GetTagsRequest, GetTagsResponse> {
  return {
    access: needs('GetTags'),
    run: async (call) => {
      const { question, tokens } = valueQuestion('GetTags', call, deps);
      const values = await tagTexts(call.input, question, deps, call.request.client.gone);
      const { page, ...sizes } = pageOfValues(values, call.input, tokens);
      return { Tags: [...page], ...sizes };
    },
  };
}

async function tagTexts(
  input: GetTagsRequest,
  question: ValueQuestion,
  deps: CostExplorerDeps,
  clientGone: AbortSignal,
): Promise<string[]> {
  if (input.TagKey === undefined) {
    const keys = await askNames({ of: 'tags', ...question }, deps, clientGone);
    return matching(keys.map(wireTagKey).sort(), input.SearchString);
  }
  const query = { ...question, granularity: 'TOTAL' as const, groupBy: [{ tag: readTagKey(input.TagKey) }] };
  return sortedValues(await ask(query, deps, clientGone), ({ keys }) => keys[0]!, input);
}
