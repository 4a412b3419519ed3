/** A service-specific credential of a user: with `bedrock.amazonaws.com`, a long-term Bedrock API key. */
export interface ServiceCredential {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** `ACCA...`. */
  readonly id: string;
  readonly accountId: string;
  /** Unique id of the user. */
  readonly userId: string;
  readonly serviceName: 'bedrock.amazonaws.com';
  /** The public half of the key: names the credential in a request. */
  readonly alias: string;
  /** SHA-256 of the secret half, hex. The secret is 256 bits of chance, so that a plain hash cannot be searched. */
  readonly secretHash: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAtMs: number;
  /** Absent: it never expires. */
  readonly expiresAtMs?: number;
}
