import { isPrincipalId, type PrincipalElement } from '../principals.ts';
import { malformed } from './malformed.ts';
import type { StatementShape } from './statement-shape.ts';

/** The rules of resource-based policies; those of trust policies go further. The first mistake is reported. */
export function checkTrustRules(statements: readonly StatementShape[], kind: 'trust' | 'resource'): void {
  for (const statement of statements) {
    checkEffect(statement.effect);
    checkPrincipals(statement, kind);
    if (!statement.actions?.values.length) throw malformed('Missing required field Action');
    if (kind === 'trust') checkAboutRole(statement);
    else if (!statement.resources?.values.length) throw malformed('Missing required field Resource');
  }
  const sids = statements.map((statement) => statement.sid).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size < sids.length) throw malformed('The Statement Ids in the policy are not unique');
}

function checkEffect(effect: string | undefined): void {
  if (effect === undefined) throw malformed('Missing required field Effect');
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Invalid effect: ${effect}`);
}

function checkPrincipals({ principals, effect }: StatementShape, kind: 'trust' | 'resource'): void {
  if (!principals) throw malformed('Missing required field Principal');
  const ids = principalIds(principals);
  if (ids.length === 0) throw malformed('Missing required field Principal cannot be empty!');
  if (principals.isNegated && effect === 'Allow') throw malformed('Allow with NotPrincipal is not allowed.');
  for (const [type, id] of ids) {
    if (kind === 'trust' && type === 'STAR') {
      // Recorded by the AWS CDK's authors: a trust policy needs a typed principal.
      if (id === '*') throw malformed('AssumeRolepolicy contained an invalid principal: "STAR":"*".');
      throw malformed('Principal must be a JSON object.');
    }
    if (!isPrincipalId(type, id)) throw malformed(`Invalid principal in policy: "${type}":"${id}"`);
  }
}

function principalIds(principals: PrincipalElement): [type: string, id: string][] {
  return [...principals.ids].flatMap(([type, ids]) => ids.map((id): [string, string] => [type, id]));
}

/** A trust policy is about its own role and about assuming it. */
function checkAboutRole(statement: StatementShape): void {
  if (!statement.actions!.values.every((action) => /^sts:/i.test(action))) {
    throw malformed('AssumeRole policy may only specify STS AssumeRole actions.');
  }
  if (statement.resources) {
    throw malformed(
      statement.resources.isNegated ? 'AssumeRole policy must not contain resources.' : 'Has prohibited field Resource',
    );
  }
}
