/** How a budget stands: amounts are decimal text in its unit. */
export interface BudgetStanding {
  readonly Name: string;
  readonly Kind: 'alert' | 'hard';
  readonly Value?: string;
  readonly Unit: string;
  readonly Limit: string;
  readonly Used?: string;
  readonly Forecast?: string;
  readonly ResetsAt?: string;
}
