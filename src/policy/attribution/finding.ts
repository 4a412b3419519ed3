/** One way in which attribution can be led astray. */
export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** The role, user, provider or account that it is about. */
  readonly subjectArn: string;
  /** The statement of the trust policy that allows it; absent where no single one does. */
  readonly statementId?: string;
  /** One sentence: what a caller could do. */
  readonly risk: string;
  /** One sentence: how to end it. */
  readonly fix: string;
}

/** `high`: a caller can move its cost to somebody else; `medium`: people or teams are mixed up; `low`: it will not last. */
export type Severity = 'high' | 'medium' | 'low';

export type FindingKind =
  | 'anyone-may-assume'
  | 'session-name-chosen'
  | 'identity-shared'
  | 'tag-value-chosen'
  | 'tag-key-chosen'
  | 'tag-key-case'
  | 'tag-missing'
  | 'tags-not-transitive'
  | 'source-identity-chosen'
  | 'broker-with-keys'
  | 'external-id-missing'
  | 'audience-not-checked'
  | 'provider-missing'
  | 'provider-unused'
  | 'client-id-unused'
  | 'administrator'
  | 'changes-tags'
  | 'changes-identities'
  | 'assumes-any-role'
  | 'federates-freely'
  | 'two-active-keys'
  | 'key-unused'
  | 'api-key-shared'
  | 'api-key-without-end'
  | 'spelling'
  | 'many-addresses';
