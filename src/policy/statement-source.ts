import type { PolicySource } from '../identity/policy-set.ts';
import { isVariableOperator } from './conditions/operators.ts';
import type { ConditionEntry } from './conditions.ts';
import { type CompiledStatement, compileStatement, UNREADABLE } from './policy.ts';
import { type PolicyKind, type PolicyStatement, parsePolicyDocument } from './policy-document.ts';
import { type LanguageVersion, variableKeys } from './policy-variables.ts';

/** A statement as it is written, beside its compiled form. Made anew at each call: decisions do not keep the source. */
export interface StatementSource extends CompiledStatement {
  readonly policyId: string;
  readonly source: PolicyStatement;
  readonly version: LanguageVersion;
}

/** The statements of a policy; for one that cannot be read, the Deny that stands in for it. */
export function statementSources(kind: PolicyKind, { id: policyId, text }: PolicySource): StatementSource[] {
  try {
    const { version, statements } = parsePolicyDocument(kind, text);
    return statements.map((source, index) => ({
      policyId,
      source,
      version,
      ...compileStatement(source, index, version),
    }));
  } catch {
    const source = { effect: 'Deny', actions: { isNegated: false, values: ['*'] }, conditions: [] } as const;
    return [{ policyId, source, version: '2012-10-17', coversAction: () => true, statement: UNREADABLE }];
  }
}

/** The condition keys that a statement asks for, in conditions and in variables; letter case as written. */
export function contextKeysOf({ source, version }: StatementSource): string[] {
  const inResources = (source.resources?.values ?? []).flatMap((value) => variableKeys(value, version));
  const inConditions = source.conditions.flatMap((entry) => [entry.key, ...variablesOf(entry, version)]);
  return [...inResources, ...inConditions];
}

function variablesOf({ operator, values }: ConditionEntry, version: LanguageVersion): string[] {
  return isVariableOperator(operator) ? values.flatMap((value) => variableKeys(value, version)) : [];
}
