import type { Caller } from '../../identity/principal.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import type { ReportDeps } from '../../paths/report-path.ts';
import { ModelNames } from '../../rating/billed-usage.ts';
import type { PriceBook } from '../../rating/price-book.ts';
import { type BilledUnitCost, billedRows, billedUnitCosts } from '../../reports/billed-unit-costs.ts';
import { type UnrecognisedUsage, unrecognisedUsage } from '../../reports/unrecognised-usage.ts';
import { readFilter } from './report-input.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface BilledUsageParts extends ReportDeps, ReportScopeParts {
  readonly prices: PriceBook;
}

interface BilledRangeInput extends ScopedInput {
  /** On 15-minute boundaries. */
  readonly Start: Date;
  readonly End: Date;
}

interface UnitCostsInput extends BilledRangeInput {
  readonly Filter?: unknown;
}

/** What imported bills say of usage: what its units cost beside the price book, and what of it was not understood. */
export function billedUsageOperations(parts: BilledUsageParts): OperationTable {
  const names = new ModelNames(parts.prices.models.values());
  const asked = (input: BilledRangeInput, caller: Caller) => ({
    range: { startMs: input.Start.getTime(), endMs: input.End.getTime() },
    visible: visibilityOf(input, caller, parts),
  });
  const getUnitCosts: OperationHandler<UnitCostsInput, unknown> = {
    access: scopedAccess('GetBilledUnitCosts'),
    run: async ({ input, caller, request }) => {
      const rows = await billedRows(
        {
          ...asked(input, caller),
          ...(input.Filter !== undefined && { filter: readFilter(input.Filter) }),
          signal: request.client.gone,
        },
        parts,
      );
      const costs = billedUnitCosts(rows, parts.prices);
      const sum = (amount: (cost: BilledUnitCost) => bigint) => costs.reduce((all, cost) => all + amount(cost), 0n);
      const unlisted = (cost: BilledUnitCost) => (cost.verdict === 'unlisted' ? cost.costPicoUsd : 0n);
      return {
        UnitCosts: costs.map((cost) => wireUnitCost(cost, parts.prices)),
        CostUsd: formatUsd(sum(({ costPicoUsd }) => costPicoUsd)),
        NetCostUsd: formatUsd(sum(({ netCostPicoUsd }) => netCostPicoUsd)),
        DifferenceUsd: formatUsd(sum(({ differencePicoUsd }) => differencePicoUsd)),
        UnlistedUsd: formatUsd(sum(unlisted)),
      };
    },
  };
  const listUnrecognised: OperationHandler<BilledRangeInput, unknown> = {
    access: scopedAccess('ListUnrecognisedUsage'),
    run: async ({ input, caller, request }) => {
      const question = { ...asked(input, caller), signal: request.client.gone };
      const found = await unrecognisedUsage(question, { ...parts, models: names });
      return {
        UsageTypes: found.kinds.map(wireKind),
        Rows: String(found.rows),
        CostUsd: formatUsd(found.costPicoUsd),
        AllRows: String(found.allRows),
        AllUsd: formatUsd(found.allPicoUsd),
      };
    },
  };
  return { GetBilledUnitCosts: getUnitCosts, ListUnrecognisedUsage: listUnrecognised };
}

function wireUnitCost(cost: BilledUnitCost, prices: PriceBook) {
  return {
    ModelId: cost.modelId,
    ModelName: prices.models.get(cost.modelId)?.displayName ?? cost.modelId,
    Meter: cost.meter,
    Route: cost.route,
    Tier: cost.isBatch ? 'batch' : cost.tier,
    Context: cost.context,
    Region: cost.region,
    Unit: cost.unit,
    Quantity: String(cost.quantity),
    CostUsd: formatUsd(cost.costPicoUsd),
    NetCostUsd: formatUsd(cost.netCostPicoUsd),
    ...(cost.unitCostUsd !== undefined && { UnitCostUsd: cost.unitCostUsd }),
    ...(cost.netUnitCostUsd !== undefined && { NetUnitCostUsd: cost.netUnitCostUsd }),
    ...(cost.listUnitCostUsd !== undefined && { ListUnitCostUsd: cost.listUnitCostUsd }),
    ...(cost.ratio !== undefined && { Ratio: cost.ratio }),
    DifferenceUsd: formatUsd(cost.differencePicoUsd),
    Verdict: cost.verdict,
  };
}

function wireKind(kind: UnrecognisedUsage) {
  return {
    UsageType: kind.usageType,
    ProductCode: kind.productCode,
    Service: kind.service,
    Operation: kind.operation,
    PricingUnit: kind.pricingUnit,
    LineType: kind.lineType,
    Unread: kind.unread.map(({ part, text }) => ({ Part: part, Text: text })),
    Rows: String(kind.rows),
    CostUsd: formatUsd(kind.costPicoUsd),
    FirstUsage: new Date(kind.firstMs),
    LastUsage: new Date(kind.lastMs),
    Descriptions: kind.descriptions,
    Principals: kind.principals,
  };
}
