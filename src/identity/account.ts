/** An AWS account as Tallyline keeps it. One is the management (payer) account. */
export interface Account {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  /** Twelve digits. */
  readonly id: string;
  readonly name: string;
  /** Absent when none was given. */
  readonly email?: string;
  readonly isManagement: boolean;
  readonly createdAtMs: number;
  /** Sign-in alias; absent when none was made. */
  readonly alias?: string;
}
