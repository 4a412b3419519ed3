/** An amount that covers usage from close to close until it is used up. */
export interface Credit {
  readonly creditId: string;
  /** Whose usage it covers. Empty: every account's. */
  readonly accountId: string;
  /** Cost Explorer's name of the service that it covers. Empty: every service. */
  readonly service: string;
  /** Decimal text, positive. */
  readonly amountUsd: string;
  readonly description: string;
  /** Last billing period that it covers: `2027-03`. Empty: for ever. */
  readonly lastPeriod: string;
  readonly createdAtMs: number;
}
