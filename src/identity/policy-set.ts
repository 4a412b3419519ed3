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
  /** What limits the session; absent when nothing does. Empty: nothing is allowed (a federated user without any). */
  readonly session?: readonly PolicySource[];
  /** Organization levels from the root down to the account; each one has to allow. Not for the management account. */
  readonly serviceControl?: readonly (readonly PolicySource[])[];
}
