/**
 * The AWS services that are answered, by signing name where that tells them apart; `tallyline`, `gateway` and `console` are our
 * own, `openai` and `anthropic` are the APIs of these vendors, `scim` is what identity providers push to.
 */
export type ServiceId =
  | 'sts'
  | 'iam'
  | 'bedrock'
  | 'bedrock-runtime'
  | 'bedrock-agent-runtime'
  | 'ce'
  | 'bcm-data-exports'
  | 'budgets'
  | 'organizations'
  | 'cloudtrail'
  | 'openai'
  | 'anthropic'
  | 'gateway'
  | 'console'
  | 'scim'
  | 'tallyline';

/** `apiJson`: any service's operations as JSON in and out, at `/api/v1/<service>/<Operation>`. */
export type Protocol = 'awsQuery' | 'awsJson' | 'restJson' | 'apiJson';

/** One operation of a service's model. */
export interface Operation {
  readonly service: ServiceId;
  /** AWS's name: `AssumeRole`. */
  readonly name: string;
  readonly protocol: Protocol;
  /**
   * True for the few operations that AWS accepts without a signature (AssumeRoleWithWebIdentity, AssumeRoleWithSAML).
   */
  readonly isUnsigned: boolean;
  /** awsJson: the version that the client speaks and is answered in; absent: 1.1. */
  readonly jsonVersion?: '1.0';
}

/** How errors must be worded for a request, known before (and even when) no operation is found. */
export interface Dialect {
  readonly protocol: Protocol;
  /** Absent when nothing names a service. */
  readonly service?: ServiceId;
  /** As in `Operation`. */
  readonly jsonVersion?: '1.0';
}

/** A request whose operation is known; nothing of its input has been decoded yet. */
export interface Routed {
  readonly operation: Operation;
  /** Path labels, decoded (restJson). */
  readonly labels: Readonly<Record<string, string>>;
  /** Form fields, first occurrence of each (awsQuery). */
  readonly form: ReadonlyMap<string, string>;
}
