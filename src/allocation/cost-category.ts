import type { CostExpression } from './cost-expression.ts';
import type { SplitChargeRule } from './split-charge-rule.ts';

/** What a cost category says, in the members of AWS's API: it is given back as it came. */
export interface CostCategoryDefinition {
  /** The first rule that matches a line gives its value. */
  readonly rules: readonly CostCategoryRule[];
  /** Value of lines that no rule matches; absent: they have none. */
  readonly defaultValue?: string;
  readonly splitChargeRules: readonly SplitChargeRule[];
}

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

/** A definition over the months in which it counts. */
export interface CostCategoryVersion extends CostCategoryDefinition {
  /** First instant of a month, UTC. */
  readonly fromMs: number;
  /** First instant of a month; absent: open. */
  readonly toMs?: number;
}

/** The versions of each cost category by its name: in order, apart from each other. */
export type CategoryCatalog = ReadonlyMap<string, readonly CostCategoryVersion[]>;

/** One decision about a cost category. It counts from its month on, until a later decision about the same months. */
export interface CostCategoryChange {
  readonly changedAtMs: number;
  /** First instant of a month, UTC. */
  readonly fromMs: number;
  /** Absent: deleted. */
  readonly definition?: CostCategoryDefinition;
}

/** What changes in the order of their decisions come to. */
export function versionsOf(changes: readonly CostCategoryChange[]): CostCategoryVersion[] {
  let versions: CostCategoryVersion[] = [];
  for (const { fromMs, definition } of changes) {
    versions = versions
      .filter((version) => version.fromMs < fromMs)
      .map((version) => ({ ...version, toMs: Math.min(version.toMs ?? fromMs, fromMs) }));
    if (definition) versions.push({ ...definition, fromMs });
  }
  return versions;
}

/** The version that counts at an instant. */
export function versionAt<Version extends Pick<CostCategoryVersion, 'fromMs' | 'toMs'>>(
  versions: readonly Version[],
  atMs: number,
): Version | undefined {
  return versions.find(({ fromMs, toMs = Number.POSITIVE_INFINITY }) => fromMs <= atMs && atMs < toMs);
}

/** Names of the cost categories that a definition's rules look at. */
export function referencedCategories({ rules }: CostCategoryDefinition): Set<string> {
  const names = new Set<string>();
  const collect = ({ And = [], Or = [], Not, CostCategories }: CostExpression) => {
    for (const part of [...And, ...Or, ...(Not ? [Not] : [])]) collect(part);
    if (CostCategories?.Key !== undefined) names.add(CostCategories.Key);
  };
  for (const { Rule } of rules) if (Rule) collect(Rule);
  return names;
}
