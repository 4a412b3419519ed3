import type { CostExpression } from './cost-expression.ts';

/** What a cost category says about the usage of a stretch of months. */
export interface CostCategoryVersion {
  /** First instant of a month, UTC. */
  readonly fromMs: number;
  /** First instant of a month; absent: open. */
  readonly toMs?: number;
  /** The first rule that matches a line gives its value. */
  readonly rules: readonly CostCategoryRule[];
  /** Value of lines that no rule matches; absent: they have none. */
  readonly defaultValue?: string;
}

/** One rule, as it was given: it is given back the same. */
export interface CostCategoryRule {
  /** Absent with `INHERITED_VALUE`. */
  readonly Value?: string | undefined;
  readonly Rule?: CostExpression | undefined;
  /** Matches the lines that have a value there, which becomes theirs here. */
  readonly InheritedValue?: InheritedValue | undefined;
  /** Absent: `REGULAR`. */
  readonly Type?: 'REGULAR' | 'INHERITED_VALUE' | undefined;
}

export interface InheritedValue {
  readonly DimensionName?: 'LINKED_ACCOUNT_NAME' | 'TAG' | undefined;
  /** The tag's key. */
  readonly DimensionKey?: string | undefined;
}

/** The versions of each cost category by its name: in order, apart from each other. */
export type CategoryCatalog = ReadonlyMap<string, readonly CostCategoryVersion[]>;
