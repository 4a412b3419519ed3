/** One policy document that applies to a caller. */
export interface PolicySource {
  /** Names it in a decision: the managed policy's ARN, or `{owner ARN}/{inline policy name}`. */
  readonly id: string;
  /** JSON text. */
  readonly text: string;
}

/** Everything in the directory that can allow or deny what one caller does. */
export interface PolicySet {
  /** Policies of the user (and of its groups) or of the role; one that allows everything for root. */
  readonly identity: readonly PolicySource[];
  /** Permissions boundary; absent when there is none. */
  readonly boundary?: PolicySource;
  /** Session policies, which limit a session when they were passed; absent when they do not apply. Empty: nothing is allowed. */
  readonly session?: readonly PolicySource[];
}
