/** A long-term access key of a user or of an account's root. */
export interface AccessKey {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** `AKIA...`. */
  readonly id: string;
  readonly accountId: string;
  /** Unique id of the user, or the account id for root. */
  readonly ownerId: string;
  /** The secret access key, sealed under the purpose `access-key`. */
  readonly sealedSecret: string;
  readonly status: AccessKeyStatus;
  readonly createdAtMs: number;
}

export type AccessKeyStatus = 'Active' | 'Inactive' | 'Expired';

/** The latest known use of a long-term access key. */
export interface AccessKeyUse {
  readonly atMs: number;
  /** Signing name: `bedrock`. */
  readonly service: string;
  readonly region: string;
}
