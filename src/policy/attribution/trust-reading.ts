import type { Role } from '../../identity/role.ts';
import { roleArn } from '../../kernel/arn.ts';
import { compileWildcard } from '../../kernel/wildcard.ts';
import type { ConditionEntry } from '../conditions.ts';
import { type PolicyDocument, type PolicyStatement, parsePolicyDocument } from '../policy-document.ts';

const ASSUME_ACTIONS = ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity', 'sts:AssumeRoleWithSAML'] as const;

export type AssumeAction = (typeof ASSUME_ACTIONS)[number];

/** A trust policy as somebody reads it who wants to get in. */
export interface TrustReading {
  readonly role: Role;
  readonly roleArn: string;
  readonly version: PolicyDocument['version'];
  /** Statements that allow each of the three calls. */
  readonly entrances: (action: AssumeAction) => readonly Entrance[];
}

/** One statement that lets somebody in. */
export interface Entrance {
  /** Ids by type of principal, as written. */
  readonly principals: ReadonlyMap<string, readonly string[]>;
  /** What it asks for by itself. */
  readonly required: readonly ConditionEntry[];
  /** What else has to be met by a session with tags or a source identity, and what statements deny unless it is so. */
  readonly further: readonly ConditionEntry[];
}

/** Undefined when the policy cannot be read: the evaluator then lets nobody in. */
export function readTrust(role: Role): TrustReading | undefined {
  let document: PolicyDocument;
  try {
    document = parsePolicyDocument('trust', role.trustPolicy);
  } catch {
    return undefined;
  }
  const allows = document.statements.filter(({ effect }) => effect === 'Allow');
  const further = [
    ...document.statements
      .filter(({ effect }) => effect === 'Deny')
      .flatMap(({ conditions }) => conditions.flatMap(demandOf)),
    ...allows
      .filter((statement) => covers(statement, 'sts:TagSession') || covers(statement, 'sts:SetSourceIdentity'))
      .flatMap(({ conditions }) => conditions),
  ];
  const entrances = new Map(
    ASSUME_ACTIONS.map((action) => [
      action,
      allows
        .filter((statement) => covers(statement, action))
        .map(({ principals, conditions }) => ({ principals: principals!.ids, required: conditions, further })),
    ]),
  );
  return {
    role,
    roleArn: roleArn(role.accountId, role.path, role.name),
    version: document.version,
    entrances: (action) => entrances.get(action)!,
  };
}

/** What a Deny asks for: with a negated operator it denies unless the key has one of its values. */
function demandOf(entry: ConditionEntry): ConditionEntry[] {
  const { operator, values } = entry;
  if (operator === 'Null' && values.some((value) => value.toLowerCase() === 'true')) {
    return [{ ...entry, values: ['false'] }];
  }
  return /Not(Equals|Like)/.test(operator) ? [{ ...entry, operator: operator.replace('Not', '') }] : [];
}

function covers({ actions }: PolicyStatement, action: string): boolean {
  const isListed = actions.values.some((value) => compileWildcard(value.toLowerCase())(action.toLowerCase()));
  return isListed !== actions.isNegated;
}
