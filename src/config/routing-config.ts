import type { AliasTarget, UpstreamTarget } from '../inference/routing-rule.ts';
import type { FailureKind } from '../inference/upstream-failure.ts';

/** Names for models, by name; and who serves a model, by any spelling of its id. */
export interface RoutingConfig {
  readonly aliases: Readonly<Record<string, AliasConfig>>;
  readonly routes: Readonly<Record<string, RouteConfig>>;
}

interface RuleConfig {
  /** Absent: one at every further target. */
  readonly retries?: number;
  /** Absent: unbounded. */
  readonly timeoutMs?: number;
  /** Absent: the upstream's, like the next. */
  readonly headersTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly retryOn: readonly FailureKind[];
  readonly stickyBy: 'none' | 'principal';
}

export interface AliasConfig extends RuleConfig {
  readonly targets: readonly (AliasTarget & { readonly weight: number })[];
  readonly fallbacks: readonly Omit<AliasTarget, 'weight'>[];
}

export interface RouteConfig extends RuleConfig {
  readonly targets: readonly Required<UpstreamTarget>[];
  readonly fallbacks: readonly Omit<UpstreamTarget, 'weight'>[];
}
