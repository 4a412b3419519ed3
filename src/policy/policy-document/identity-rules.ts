import { parseDateTime } from '../conditions/date-time.ts';
import { malformed } from './malformed.ts';
import type { ListElement, StatementShape } from './statement-shape.ts';

/**
 * The rules of policies that are attached to an identity, in AWS's order: a policy with several mistakes is answered
 * with the first one of this list.
 */
export function checkIdentityRules(statements: readonly StatementShape[]): void {
  if (statements.some((statement) => !/^(allow|deny)$/i.test(statement.effect ?? ''))) {
    throw malformed('Syntax errors in policy.');
  }
  if (statements.some((statement) => statement.principals)) {
    throw malformed('Policy document should not specify a principal.');
  }
  const resources = statements.flatMap((statement) => statement.resources?.values ?? []);
  const badResource = resources.map(resourceMistake).find((mistake) => mistake !== undefined);
  if (!statements.every(passesLegacyParsing) || (!badResource && !resources.every(isLegacyResource))) {
    throw malformed('The policy failed legacy parsing');
  }
  checkSids(statements);
  if (!statements.every((statement) => isFilled(statement.actions))) {
    throw malformed('Policy statement must contain actions.');
  }
  if (badResource) throw malformed(badResource);
  for (const statement of statements) statement.actions!.values.forEach(checkAction);
  if (!statements.every((statement) => isFilled(statement.resources))) {
    throw malformed('Policy statement must contain resources.');
  }
}

function isFilled(element: ListElement | undefined): boolean {
  return element !== undefined && element.values.length > 0;
}

function checkSids(statements: readonly StatementShape[]): void {
  const sids = statements.map((statement) => statement.sid).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size < sids.length) throw malformed('Statement IDs (SID) in a single policy must be unique.');
  if (!sids.every((sid) => /^[0-9A-Za-z]*$/.test(sid!))) {
    throw malformed(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  }
}

/** What AWS's older parser minds: the letter case of Effect, and dates that are none. */
function passesLegacyParsing(statement: StatementShape): boolean {
  if (statement.effect !== 'Allow' && statement.effect !== 'Deny') return false;
  return statement.conditions.every(
    ({ operator, values }) =>
      !/^(ForAllValues:|ForAnyValue:)?Date/.test(operator) ||
      values.every((value) => parseDateTime(value) !== undefined),
  );
}

/** `::` in an ARN with fewer than six parts, or an empty service. */
function isLegacyResource(resource: string): boolean {
  if (resource === '*') return true;
  const parts = resource.split(':');
  return (parts.length >= 6 || !resource.includes('::')) && parts[2] !== '';
}

/** What is wrong with a resource's form; undefined when nothing is. */
function resourceMistake(resource: string): string | undefined {
  if (resource === '*') return undefined;
  const [, partition, ...rest] = resource.split(':');
  if (partition === undefined) return `Resource ${resource} must be in ARN format or "*".`;
  if (partition !== 'aws' && partition !== '*') {
    const [service = '*', region = '*', account = '*', ...name] = rest;
    const full = `arn:${partition}:${service}:${region}:${account}:${name.length > 0 ? name.join(':') : '*'}`;
    return `Partition "${partition}" is not valid for resource "${full}".`;
  }
  return rest.length === 0 ? 'Resource vendor must be fully qualified and cannot contain regexes.' : undefined;
}

function checkAction(action: string): void {
  if (action === '*') return;
  const [vendor, ...names] = action.split(':');
  if (names.length === 0) {
    throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  }
  if (names.length > 1) throw malformed('Actions/Condition can contain only one colon.');
  if (vendor !== '*' && !/^[a-zA-Z0-9.-]+$/.test(vendor!)) throw malformed(`Vendor ${vendor} is not valid`);
}
