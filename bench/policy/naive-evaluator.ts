import type { PolicySource } from '../../src/identity/policy-set.ts';
import type { ConditionContext } from '../../src/policy/context.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The baseline: reads the JSON and builds every pattern anew at each decision, as a first version would. */
export function decideNaively(
  policies: readonly PolicySource[],
  action: string,
  resource: string,
  context: ConditionContext,
): boolean {
  let isAllowed = false;
  for (const { text } of policies) {
    for (const statement of (JSON.parse(text) as { Statement: Statement[] }).Statement) {
      const matches =
        like(statement.Action, action, 'i') &&
        like(withVariables(statement.Resource, context), resource, '') &&
        Object.entries(statement.Condition).every(([operator, keys]) =>
          Object.entries(keys).every(([key, values]) =>
            [values].flat().some((value) => holds(operator, value, context.get(key.toLowerCase())?.[0])),
          ),
        );
      if (!matches) continue;
      if (statement.Effect === 'Deny') return false;
      isAllowed = true;
    }
  }
  return isAllowed;
}

function withVariables(text: string, context: ConditionContext): string {
  return text.replace(/\$\{([^}]+)\}/g, (_, key: string) => context.get(key.toLowerCase())?.[0] ?? '');
}

function like(pattern: string, text: string, flags: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, flags).test(text);
}

/** The operators that the benchmark uses. */
function holds(operator: string, expected: string, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  switch (operator) {
    case 'StringEquals':
      return actual === expected;
    case 'DateGreaterThan':
      return Date.parse(actual) > Date.parse(expected);
    case 'IpAddress': {
      const [network = '', bits = '32'] = expected.split('/');
      const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      const size = 2 ** (32 - Number(bits));
      return Math.floor(number(actual) / size) === Math.floor(number(network) / size);
    }
    default:
      return false;
  }
}
