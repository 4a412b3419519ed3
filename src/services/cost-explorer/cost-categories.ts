import type {
  CostCategoryReference,
  CreateCostCategoryDefinitionRequest,
  CreateCostCategoryDefinitionResponse,
  DeleteCostCategoryDefinitionRequest,
  DeleteCostCategoryDefinitionResponse,
  DescribeCostCategoryDefinitionRequest,
  DescribeCostCategoryDefinitionResponse,
  ListCostCategoryDefinitionsRequest,
  ListCostCategoryDefinitionsResponse,
  ListCostCategoryResourceAssociationsRequest,
  ListCostCategoryResourceAssociationsResponse,
  UpdateCostCategoryDefinitionRequest,
  UpdateCostCategoryDefinitionResponse,
  CostCategory as WireCategory,
} from '@aws-sdk/client-cost-explorer';
import type { CostCategoryDefinition, CostCategoryVersion } from '../../allocation/cost-category.ts';
import type { CostCategory, CostCategoryRegistry } from '../../allocation/cost-category-registry.ts';
import { checkSplitChargeRules } from '../../allocation/split-charge-rule.ts';
import { Fault } from '../../kernel/fault.ts';
import { isoSeconds, SECOND_MS } from '../../kernel/time.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { ruleMeaning } from '../../reports/cost-category-rules.ts';
import { needs } from './cost-question.ts';
import { isText, PageTokens, pageBehind } from './page-token.ts';
import { creationNeed, readResourceTags, resourceNeed } from './resource-tags.ts';

export interface CostCategoryParts {
  readonly categories: CostCategoryRegistry;
  /** The payer: cost categories are its alone. */
  readonly managementAccountId: string;
}

/** The one version of the rules' language. */
const RULE_VERSION = 'CostCategoryExpression.v1';
const CATEGORIES_PER_PAGE = 100;

/** The definitions of cost categories. */
export function costCategoryOperations({ categories, managementAccountId }: CostCategoryParts): OperationTable {
  type CategoryCall = OperationCall<{ readonly CostCategoryArn?: string | undefined }>;
  const needFor = (action: string) => (call: CategoryCall) => [
    resourceNeed(action, [categories], call.input.CostCategoryArn!),
  ];
  /** Runs for the payer alone; puts what failed in front of why. */
  const managed =
    <Input, Output>(
      failed: string,
      run: OperationHandler<Input, Output>['run'],
    ): OperationHandler<Input, Output>['run'] =>
    async (call) => {
      try {
        if (call.caller.accountId === managementAccountId) return await run(call);
        throw new Fault('AccessDeniedException', "Linked account doesn't have access to cost category.");
      } catch (error) {
        const isOurs = error instanceof Fault && /^(ValidationException|AccessDeniedException)$/.test(error.code);
        throw isOurs ? new Fault(error.code, `${failed}: ${error.message}`) : error;
      }
    };

  const create: OperationHandler<CreateCostCategoryDefinitionRequest, CreateCostCategoryDefinitionResponse> = {
    access: ({ input }) => [creationNeed('CreateCostCategoryDefinition', input.ResourceTags)],
    run: managed('Failed to create Cost Category', async ({ caller, input }) => {
      const { arn, fromMs } = await categories.create({
        accountId: caller.accountId,
        name: input.Name!,
        definition: readDefinition(input),
        fromMs: readDate(input.EffectiveStart),
        tags: readResourceTags(input.ResourceTags),
      });
      return { CostCategoryArn: arn, EffectiveStart: isoSeconds(fromMs) };
    }),
  };
  const describe: OperationHandler<DescribeCostCategoryDefinitionRequest, DescribeCostCategoryDefinitionResponse> = {
    access: needFor('DescribeCostCategoryDefinition'),
    run: managed('Failed to describe Cost Category', ({ input, nowMs }) => {
      const { category, version } = categories.version(input.CostCategoryArn!, readDate(input.EffectiveOn) ?? nowMs);
      return { CostCategory: wireCategory(category, version, categories) };
    }),
  };
  const update: OperationHandler<UpdateCostCategoryDefinitionRequest, UpdateCostCategoryDefinitionResponse> = {
    access: needFor('UpdateCostCategoryDefinition'),
    run: managed('Failed to update Cost Category', async ({ input }) => {
      const arn = input.CostCategoryArn!;
      const fromMs = await categories.update(arn, readDefinition(input), readDate(input.EffectiveStart));
      return { CostCategoryArn: arn, EffectiveStart: isoSeconds(fromMs) };
    }),
  };
  const remove: OperationHandler<DeleteCostCategoryDefinitionRequest, DeleteCostCategoryDefinitionResponse> = {
    access: needFor('DeleteCostCategoryDefinition'),
    run: managed('Failed to delete Cost Category', async ({ input }) => {
      const endMs = await categories.delete(input.CostCategoryArn!);
      return { CostCategoryArn: input.CostCategoryArn, EffectiveEnd: effectiveEnd(endMs) };
    }),
  };
  const list: OperationHandler<ListCostCategoryDefinitionsRequest, ListCostCategoryDefinitionsResponse> = {
    access: needs('ListCostCategoryDefinitions'),
    run: managed('Failed to list Cost Categories', ({ caller, input, nowMs }) => {
      // Resource types are of features that are not offered here, so no category supports one.
      const all = input.SupportedResourceTypes?.length ? [] : categories.versions(readDate(input.EffectiveOn) ?? nowMs);
      const byName = new Map(all.map((entry) => [entry.category.name, entry]));
      const tokens = new PageTokens('ListCostCategoryDefinitions', caller.accountId, input);
      const after = tokens.read(input.NextToken, isText);
      const { page, last } = pageBehind([...byName.keys()], after, input.MaxResults ?? CATEGORIES_PER_PAGE);
      return {
        CostCategoryReferences: page.map((name) => {
          const { category, version } = byName.get(name)!;
          return wireReference(category, version, categories);
        }),
        ...(last !== undefined && { NextToken: tokens.write(last) }),
      };
    }),
  };
  const associations: OperationHandler<
    ListCostCategoryResourceAssociationsRequest,
    ListCostCategoryResourceAssociationsResponse
  > = {
    access: ({ input }) => [
      resourceNeed('ListCostCategoryResourceAssociations', [categories], input.CostCategoryArn ?? '*'),
    ],
    run: managed('Failed to list Cost Category resource associations', ({ input, nowMs }) => {
      if (input.CostCategoryArn !== undefined) categories.version(input.CostCategoryArn, nowMs);
      return { CostCategoryResourceAssociations: [] };
    }),
  };
  return {
    CreateCostCategoryDefinition: create,
    DescribeCostCategoryDefinition: describe,
    UpdateCostCategoryDefinition: update,
    DeleteCostCategoryDefinition: remove,
    ListCostCategoryDefinitions: list,
    ListCostCategoryResourceAssociations: associations,
  };
}

type DefinitionInput = Pick<CreateCostCategoryDefinitionRequest, 'Rules' | 'DefaultValue' | 'SplitChargeRules'>;

function readDefinition({ Rules, DefaultValue, SplitChargeRules = [] }: DefinitionInput): CostCategoryDefinition {
  for (const rule of Rules!) ruleMeaning(rule);
  const splitChargeRules = SplitChargeRules as CostCategoryDefinition['splitChargeRules'];
  checkSplitChargeRules(splitChargeRules);
  return { rules: Rules!, ...(DefaultValue !== undefined && { defaultValue: DefaultValue }), splitChargeRules };
}

/** The model has checked the form; a day that no month has is left. */
function readDate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new Fault('ValidationException', `${text} is not a date`);
  return atMs;
}

/** The last second of it (whether AWS writes that or the first instant after it is not published). */
function effectiveEnd(endMs: number): string {
  return isoSeconds(endMs - SECOND_MS);
}

function wireCategory(
  category: CostCategory,
  version: CostCategoryVersion,
  categories: CostCategoryRegistry,
): WireCategory {
  const { rules, splitChargeRules } = version;
  return {
    ...wireHead(category, version, categories),
    RuleVersion: RULE_VERSION,
    Rules: rules as WireCategory['Rules'],
    ...(splitChargeRules.length > 0 && { SplitChargeRules: splitChargeRules as WireCategory['SplitChargeRules'] }),
  };
}

function wireReference(
  category: CostCategory,
  version: CostCategoryVersion,
  categories: CostCategoryRegistry,
): CostCategoryReference {
  return {
    ...wireHead(category, version, categories),
    NumberOfRules: version.rules.length,
    Values: [...new Set(version.rules.flatMap(({ Value }) => Value ?? []))],
  };
}

/** What the whole and the short form share. */
function wireHead(
  category: CostCategory,
  { fromMs, toMs, defaultValue }: CostCategoryVersion,
  categories: CostCategoryRegistry,
) {
  const status = categories.isProcessed(category) ? ('APPLIED' as const) : ('PROCESSING' as const);
  return {
    CostCategoryArn: category.arn,
    Name: category.name,
    EffectiveStart: isoSeconds(fromMs),
    ...(toMs !== undefined && { EffectiveEnd: effectiveEnd(toMs) }),
    ...(defaultValue !== undefined && { DefaultValue: defaultValue }),
    ProcessingStatus: [{ Component: 'COST_EXPLORER' as const, Status: status }],
  };
}
