import type { Route, Tier } from '../../metering/usage-event.ts';
import type { ContextClass } from '../line-item.ts';
import type { Meter } from '../meter.ts';

/** What a usage type says about usage. */
export interface UsageTypeFacts {
  readonly region: string;
  readonly meter: Meter;
  readonly tier: Tier;
  readonly context: ContextClass;
  readonly route: Route;
  readonly isBatch: boolean;
}
