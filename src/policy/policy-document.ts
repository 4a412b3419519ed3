import { checkIdentityRules } from './policy-document/identity-rules.ts';
import { type JsonObject, parseJsonObject } from './policy-document/json-object.ts';
import { malformed } from './policy-document/malformed.ts';
import { type ListElement, readStatement, type StatementShape } from './policy-document/statement-shape.ts';
import { checkTrustRules } from './policy-document/trust-rules.ts';
import type { LanguageVersion } from './policy-variables.ts';

/**
 * What a policy is attached to, which decides its grammar and AWS's wording of what is wrong with it.
 * `identity`: inline policies of users, roles and groups, and session policies. `managed`: customer managed policies,
 * also as permissions boundaries: the same, but in version 2012-10-17 only. `trust`: a role's trust policy. `resource`:
 * any other resource-based policy.
 */
export type PolicyKind = 'identity' | 'managed' | 'trust' | 'resource';

export interface PolicyDocument {
  readonly version: LanguageVersion;
  readonly id?: string;
  readonly statements: readonly PolicyStatement[];
}

/** A statement that its kind's rules have accepted. */
export interface PolicyStatement extends StatementShape {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: ListElement;
}

const VERSIONS: readonly unknown[] = ['2008-10-17', '2012-10-17'] satisfies LanguageVersion[];

/**
 * The policy in typed form. Throws MalformedPolicyDocumentException in AWS's words. The words and their order of
 * precedence are as recorded in the tests of moto (identity) and versitygw (trust), both checked 2026-11.
 */
export function parsePolicyDocument(kind: PolicyKind, text: string): PolicyDocument {
  const isResourceBased = kind === 'trust' || kind === 'resource';
  const json = parseJsonObject(text);
  if (!json) throw malformed(isResourceBased ? 'This policy contains invalid Json' : 'Syntax errors in policy.');
  const { Version: version, Id: id, Statement: statement, ...unknown } = json;
  if (version !== undefined && !VERSIONS.includes(version)) {
    throw malformed(isResourceBased ? 'The policy must contain a valid version string' : 'Syntax errors in policy.');
  }
  if (Object.keys(unknown).length > 0 || (id !== undefined && typeof id !== 'string')) {
    throw malformed('Syntax errors in policy.');
  }
  const shapes = readStatements(statement, isResourceBased);
  if (kind === 'managed' && version !== '2012-10-17') {
    throw malformed('Policy document must be version 2012-10-17 or greater.');
  }
  if (isResourceBased) checkTrustRules(shapes, kind);
  else checkIdentityRules(shapes);
  return {
    version: (version ?? '2008-10-17') as LanguageVersion,
    ...(id !== undefined && { id }),
    statements: shapes as readonly PolicyStatement[],
  };
}

function readStatements(statement: JsonObject[string], isResourceBased: boolean): StatementShape[] {
  const list = Array.isArray(statement) ? statement : statement === undefined ? [] : [statement];
  if (list.length === 0) {
    throw malformed(isResourceBased ? 'Could not parse the policy: Statement is empty!' : 'Syntax errors in policy.');
  }
  return list.map(readStatement);
}
