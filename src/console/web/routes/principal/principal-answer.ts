import type { BudgetStanding } from '../../spend/standing.ts';

/** Answer of `tallyline:GetPrincipal`. */
export interface PrincipalAnswer {
  readonly Principal: string;
  /** False: the user or role is gone. */
  readonly IsKnown: boolean;
  readonly Kind?: string;
  readonly AccountId?: string;
  readonly AccountName?: string;
  readonly Name?: string;
  /** Sessions of roles only. */
  readonly RoleName?: string;
  /** Of the user or role today. */
  readonly Tags: Readonly<Record<string, string>>;
  /** Sets of tags that its calls carried, the latest first. */
  readonly TagHistory: readonly {
    readonly Tags: Readonly<Record<string, string>>;
    readonly FirstAt: string;
    readonly LastAt: string;
    readonly Requests: string;
    readonly CostUsd: string;
  }[];
  readonly Budgets: readonly BudgetStanding[];
}
