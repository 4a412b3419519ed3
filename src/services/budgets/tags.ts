import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-budgets';
import { parseArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import type { RecordChange } from '../../kernel/record-store.ts';
import type { TagSet } from '../../kernel/tags.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { taggingNeed, tagMap } from './access.ts';
import { type BudgetsParts, invalid, repeated } from './budgets-parts.ts';

/** AWS's general limit for one resource (checked 2026-11). */
const MAX_TAGS = 50;

type Tags = readonly (readonly [string, string])[];

/** A budget or an action, as far as they are alike. */
interface Tagged {
  readonly tags: Tags;
  readonly change: (tags: Tags) => RecordChange;
}

export function tagOperations(parts: BudgetsParts): OperationTable {
  const tagResource: OperationHandler<TagResourceRequest, TagResourceResponse> = {
    access: ({ input }) =>
      taggingNeed('TagResource', input.ResourceARN!, tagsOf(parts, input.ResourceARN!), input.ResourceTags!),
    run: ({ input }) =>
      repeated(parts, () => {
        const { tags, change } = requireTagged(parts, input.ResourceARN!);
        const changed = checkedTags(new Map(tags), tagMap(input.ResourceTags!));
        return { changes: [change([...changed])], output: {} };
      }),
  };
  const untagResource: OperationHandler<UntagResourceRequest, UntagResourceResponse> = {
    access: ({ input }) => {
      const named = input.ResourceTagKeys!.map((Key) => ({ Key }));
      return taggingNeed('UntagResource', input.ResourceARN!, tagsOf(parts, input.ResourceARN!), named);
    },
    run: ({ input }) =>
      repeated(parts, () => {
        const { tags, change } = requireTagged(parts, input.ResourceARN!);
        const gone = new Set(input.ResourceTagKeys!);
        return { changes: [change(tags.filter(([key]) => !gone.has(key)))], output: {} };
      }),
  };
  const listTags: OperationHandler<ListTagsForResourceRequest, ListTagsForResourceResponse> = {
    access: ({ input }) =>
      taggingNeed('ListTagsForResource', input.ResourceARN!, tagsOf(parts, input.ResourceARN!), []),
    run: ({ input }) => {
      const { tags } = requireTagged(parts, input.ResourceARN!);
      return { ResourceTags: tags.map(([Key, Value]) => ({ Key, Value })) };
    },
  };
  return { TagResource: tagResource, UntagResource: untagResource, ListTagsForResource: listTags };
}

/** New tags laid over those that are there, in the order of their keys. */
export function checkedTags(present: TagSet, added: TagSet): TagSet {
  const reserved = [...added.keys()].find((key) => /^aws:/i.test(key));
  if (reserved !== undefined) throw invalid(`The tag key ${reserved} has the reserved prefix aws:`);
  const tags = new Map([...present, ...added]);
  if (tags.size > MAX_TAGS) {
    throw new Fault('ServiceQuotaExceededException', `A resource can have ${MAX_TAGS} tags.`);
  }
  return new Map([...tags].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function tagsOf(parts: BudgetsParts, arn: string): Tags {
  return findTagged(parts, arn)?.tags ?? [];
}

function requireTagged(parts: BudgetsParts, arn: string): Tagged {
  const found = findTagged(parts, arn);
  if (!found) throw new Fault('NotFoundException', `The resource ${arn} doesn't exist.`);
  return found;
}

function findTagged({ registry }: BudgetsParts, arn: string): Tagged | undefined {
  const { service, accountId = '', resource } = parseArn(arn) ?? {};
  const [, name, id] = /^budget\/(.+?)(?:\/action\/([0-9a-f-]{36}))?$/s.exec(resource ?? '') ?? [];
  if (service !== 'budgets' || name === undefined) return undefined;
  if (id !== undefined) {
    const action = registry.action({ accountId, budgetName: name, id });
    return (
      action && { tags: action.body.tags, change: (tags) => registry.replaceAction(action, { ...action.body, tags }) }
    );
  }
  const record = registry.find({ accountId, name });
  const budget = record?.budget.body;
  return budget && { tags: budget.tags, change: (tags) => registry.replaceBudget(record, { ...budget, tags }) };
}
