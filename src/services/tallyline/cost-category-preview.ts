import {
  type CostCategoryDefinition,
  type CostCategoryRule,
  referencedCategories,
} from '../../allocation/cost-category.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import { type ReportDeps, report } from '../../paths/report-path.ts';
import { ruleMeaning } from '../../reports/cost-category-rules.ts';
import type { ReportRow } from '../../reports/report-query.ts';
import { managementOnly } from './management-only.ts';

export interface CostCategoryPreviewParts extends ReportDeps {
  readonly managementAccountId: string;
}

interface PreviewInput {
  readonly Start: Date;
  readonly End: Date;
  /** Of the category that the rules are to become, which they may not look at; absent: a new one. */
  readonly Name?: string;
  readonly Rules: readonly CostCategoryRule[];
  readonly DefaultValue?: string;
}

/** No category has this name. */
const DRAFT = '\u0000draft';

/** What rules would make of the spend of a range, before anybody keeps them. */
export function costCategoryPreviewOperations(parts: CostCategoryPreviewParts): OperationTable {
  const ofManagement = managementOnly(parts.managementAccountId, 'has to do with cost categories');
  return {
    PreviewCostCategory: ofManagement<PreviewInput>('PreviewCostCategory', async ({ input, request }) => {
      const range = { startMs: input.Start.getTime(), endMs: input.End.getTime() };
      const draft = [{ ...readDefinition(input), fromMs: range.startMs }];
      const costCatalog = () => {
        const present = parts.costCatalog();
        return { ...present, categories: new Map([...present.categories, [DRAFT, draft] as const]) };
      };
      const query = {
        range,
        granularity: 'TOTAL',
        groupBy: [{ costCategory: DRAFT }],
        measures: ['cost', 'requests'],
      } as const;
      const rows = await report(query, { store: parts.store, costCatalog }, request.client.gone);
      return {
        Values: rows.toSorted(byCost).map(({ keys, costPicoUsd, requests }) => ({
          ...{ Value: keys[0]!, CostUsd: formatUsd(costPicoUsd), Requests: requests.toString() },
        })),
        TotalUsd: formatUsd(rows.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n)),
      };
    }),
  };
}

/** The costliest first. */
function byCost(a: ReportRow, b: ReportRow): number {
  if (a.costPicoUsd === b.costPicoUsd) return a.keys[0]! < b.keys[0]! ? -1 : 1;
  return a.costPicoUsd > b.costPicoUsd ? -1 : 1;
}

function readDefinition({ Name, Rules, DefaultValue }: PreviewInput): CostCategoryDefinition {
  for (const rule of Rules) ruleMeaning(rule);
  const definition = {
    rules: Rules,
    ...(DefaultValue !== undefined && { defaultValue: DefaultValue }),
    splitChargeRules: [],
  };
  if (Name === undefined || !referencedCategories(definition).has(Name)) return definition;
  throw new Fault('ValidationException', `cost category \`${Name}\` cannot depend on itself`);
}
