/** A statement of a trust policy in the words of its JSON. */
export interface TrustStatement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: TrustPrincipal;
  readonly Action: string | readonly string[];
  readonly Condition?: ConditionBlock;
}

export type TrustPrincipal =
  | { readonly AWS: string | readonly string[] }
  | { readonly Federated: string }
  | { readonly Service: string };

type ConditionBlock = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One line of a Condition block; all lines must hold, one of a line's values is enough. */
export interface ConditionLine {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export function line(operator: string, key: string, ...values: readonly string[]): ConditionLine {
  return { operator, key, values };
}

/** The lines as JSON has them. A key twice under one operator would lose one of the two, and is a mistake here. */
export function conditionBlock(lines: readonly ConditionLine[]): ConditionBlock {
  const block: Record<string, Record<string, string | readonly string[]>> = {};
  for (const { operator, key, values } of lines) {
    block[operator] ??= {};
    if (block[operator][key] !== undefined) throw new TypeError(`two conditions ${operator} on ${key}`);
    block[operator][key] = oneOrMany(values);
  }
  return block;
}

export function oneOrMany(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? values[0]! : values;
}
