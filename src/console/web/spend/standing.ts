import type { BudgetStanding as ServedStanding } from '../../../services/tallyline/overview/budget-states.ts';

/** How a budget stands, as it comes over the wire. */
export type BudgetStanding = Omit<ServedStanding, 'ResetsAt'> & { readonly ResetsAt?: string };
