/** What is sealed and kept: `app/sealed-records.ts` says where, because it is sealed anew when the master key changes. */
export type KeptPurpose = 'access-key' | 'audit-key';
/** What is sealed and handed out, to come back: it stays under the key it was sealed with. */
export type CarriedPurpose = 'session-token' | 'authorization-message' | 'console-session' | 'console-sign-in';
export type SealPurpose = KeptPurpose | CarriedPurpose;

/** Port: encryption at rest under the installation's master key. Both throw when the key or the text is not right. */
export interface SecretBox {
  /** Sealed text (base64url). `purpose` is authenticated: what was sealed for one purpose does not open for another. */
  seal(purpose: SealPurpose, plaintext: string): string;
  open(purpose: SealPurpose, sealed: string): string;
}

/** What can be told about the keys behind a secret box. */
export interface MasterKeyStatus {
  /** Where the key comes from, in words. */
  readonly source: string;
  readonly keyId: string;
  readonly previous: readonly PreviousKeyStatus[];
  /** Secrets in the directory that are not under the current key. */
  readonly sealedUnderPrevious: number;
}

export interface PreviousKeyStatus {
  readonly keyId: string;
  /** When another took its place, and until when sessions under it may live; absent when that is not known. */
  readonly retiredAtMs?: number;
  readonly neededUntilMs?: number;
}
