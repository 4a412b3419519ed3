/** A policy written into a user, role or group. */
export interface InlinePolicy {
  readonly name: string;
  /** JSON text as it was put. */
  readonly document: string;
}

/** What users, roles and groups have in common: policies. */
export interface PolicyHolder {
  /** In name order. */
  readonly inlinePolicies: readonly InlinePolicy[];
  /** In the order of attachment. */
  readonly attachedPolicyArns: readonly string[];
}

export const NO_POLICIES: PolicyHolder = { inlinePolicies: [], attachedPolicyArns: [] };
