import type { Measure } from '../report-query.ts';

/** `quantity * is_unpriced` takes two thirds of the time of `sumIf`. */
export const MEASURE_SQL: Readonly<Record<Measure, string>> = {
  cost: 'sum(cost)',
  netCost: 'sum(net_cost)',
  listCost: 'sum(list_cost)',
  quantity: 'sum(quantity)',
  requests: 'sum(requests)',
  unpricedQuantity: 'sum(quantity * is_unpriced)',
};

export const MEASURES = Object.keys(MEASURE_SQL) as readonly Measure[];

/** Column of a measure in the answer. It may not be the name of a column that is summed. */
export function measureColumn(measure: Measure): string {
  return `${measure}_sum`;
}
