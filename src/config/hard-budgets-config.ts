/** Budgets that refuse. */
export interface HardBudgetsConfig {
  /** Output tokens of a call that names no maximum: of models that are not in `maxOutputTokens`. */
  readonly defaultMaxOutputTokens: number;
  readonly maxOutputTokens: Readonly<Record<string, number>>;
  readonly reservationSeconds: number;
  readonly budgets: readonly HardBudgetConfig[];
}

export interface HardBudgetConfig {
  readonly name: string;
  /** Absent: everybody. */
  readonly scope?: {
    readonly principals?: readonly string[];
    readonly roles?: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
    readonly accounts?: readonly string[];
    readonly models?: readonly string[];
    readonly keys?: readonly string[];
  };
  /** `principal`, `role`, `account`, `model`, `key` or `tag:` and a tag's key. */
  readonly each?: string;
  readonly window?:
    | { readonly unit: 'hour' | 'day' | 'week' | 'month'; readonly timeZone: string }
    | { readonly rollingHours: number };
  readonly unit: 'USD' | 'tokens' | 'requests' | 'concurrency';
  readonly limit: string;
  readonly warnAtPercent?: readonly number[];
  readonly mode?: 'enforce' | 'warn';
  readonly unpriced?: 'allow' | 'refuse';
  readonly subscribers?: readonly { readonly type: 'EMAIL' | 'SNS'; readonly address: string }[];
}

/** Callers that run away; an absent member is not looked at. */
export interface RunawayGuardConfig {
  readonly requestsPerMinute?: number;
  readonly repeatedPrompts?: { readonly count: number; readonly windowSeconds: number };
  readonly spendRate?: { readonly factor: number; readonly minUsd: number };
  /** `hold`: their calls are stopped for `holdSeconds`. */
  readonly action: 'warn' | 'hold';
  readonly holdSeconds: number;
  readonly subscribers: readonly { readonly type: 'EMAIL' | 'SNS'; readonly address: string }[];
}
