import { type PicoUsd, shareOut } from '../kernel/money.ts';

/** What one principal used in one hour of a model that is paid for by the hour. */
export interface HourUse {
  readonly principalArn: string;
  /** Tokens, each weighted with its list price on demand. */
  readonly weight: bigint;
  readonly requests: bigint;
}

/** How the cost of an hour was shared out. */
export type SplitRule = 'tokens' | 'requests';

/** One hour of such a model. */
export interface HeldHour {
  readonly costPicoUsd: PicoUsd;
  readonly uses: readonly HourUse[];
}

/** The cost by principal; what nobody used is under the empty name. The sum is the cost of all hours. */
export function splitHours(hours: Iterable<HeldHour>, rule: SplitRule): Map<string, PicoUsd> {
  const shares = new Map<string, PicoUsd>();
  const add = (principalArn: string, amount: PicoUsd) => {
    shares.set(principalArn, (shares.get(principalArn) ?? 0n) + amount);
  };
  for (const { costPicoUsd, uses } of hours) {
    const parts = shareOut(
      costPicoUsd,
      uses.map((use) => (rule === 'tokens' ? use.weight : use.requests)),
    );
    if (!parts) add(IDLE, costPicoUsd);
    else for (const [index, { principalArn }] of uses.entries()) add(principalArn, parts[index]!);
  }
  return shares;
}

/** Who is named for hours without use. */
export const IDLE = '';
