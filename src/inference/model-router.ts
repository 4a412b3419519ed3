import { Fault } from '../kernel/fault.ts';
import type { ModelBackend } from './model-backend.ts';
import type { ResolvedModel } from './model-catalog.ts';
import {
  type AliasTarget,
  type Draw,
  drawnAnew,
  drawnFor,
  inOrder,
  type RetryRule,
  type RoutingRule,
  type UpstreamTarget,
} from './routing-rule.ts';
import type { Upstream } from './upstream.ts';
import { SAFE_TO_RETRY } from './upstream-failure.ts';

/** Where a model is served, and under which name. */
export interface ModelRoute {
  readonly upstream: Upstream;
  /** Of the upstream. */
  readonly backend: ModelBackend;
  readonly upstreamModelId: string;
}

/** A model that may answer a call. */
export interface ModelCandidate extends Omit<AliasTarget, 'model'> {
  readonly model: ResolvedModel;
}

/** A model at an upstream: what one attempt is made at. */
export interface RoutedModel<Candidate> extends ModelRoute {
  readonly candidate: Candidate;
}

/** Where a call is tried, in order, and when it is tried again. */
export interface CallPlan<Candidate> {
  /** Never empty. */
  readonly targets: readonly RoutedModel<Candidate>[];
  readonly retry: RetryRule;
}

export interface ModelRouterParts {
  readonly upstreams: readonly Upstream[];
  /** By name. */
  readonly aliases?: ReadonlyMap<string, RoutingRule<AliasTarget>>;
  /** By the price book's id. A model without one: the first upstream that names it serves it, else one that serves all. */
  readonly routes?: ReadonlyMap<string, RoutingRule<UpstreamTarget>>;
  /** From 0 up to, but not including, 1. */
  readonly chance: () => number;
}

const PLAIN: RetryRule = { retryOn: SAFE_TO_RETRY };

/** Says what stands behind a name, and where a call goes. */
export class ModelRouter {
  readonly #upstreams: ReadonlyMap<string, Upstream>;
  readonly #aliases: ReadonlyMap<string, RoutingRule<AliasTarget>>;
  readonly #routes: ReadonlyMap<string, RoutingRule<UpstreamTarget>>;
  readonly #drawAnew: Draw;

  constructor({ upstreams, aliases = new Map(), routes = new Map(), chance }: ModelRouterParts) {
    this.#upstreams = new Map(upstreams.map((upstream) => [upstream.name, upstream]));
    this.#aliases = aliases;
    this.#routes = routes;
    this.#drawAnew = drawnAnew(chance);
  }

  /** Names that callers may use like model ids. */
  get aliasNames(): string[] {
    return [...this.#aliases.keys()];
  }

  get upstreams(): Upstream[] {
    return [...this.#upstreams.values()];
  }

  /** What stands behind an alias; undefined when the name is none. */
  alias(name: string): RoutingRule<AliasTarget> | undefined {
    return this.#aliases.get(name);
  }

  /** The first model behind an alias; the name itself where it is none. For questions that cost nothing. */
  firstModelOf(name: string): string {
    return this.#aliases.get(name)?.targets[0]?.model ?? name;
  }

  /** `alias`: by which the candidates were named; undefined where the caller named a model. */
  plan<Candidate extends ModelCandidate>(
    candidates: readonly Candidate[],
    alias: string | undefined,
    principalArn: string,
  ): CallPlan<Candidate> {
    const rule = alias === undefined ? undefined : this.#aliases.get(alias);
    const draw = rule?.isSticky ? drawnFor(principalArn) : this.#drawAnew;
    const nameOf = ({ model, upstream = '' }: ModelCandidate) => `${model.resourceArn} ${upstream}`;
    const ordered = inOrder(candidates, nameOf, draw);
    const targets: RoutedModel<Candidate>[] = [];
    for (const candidate of ordered) {
      for (const { upstream, backend, upstreamModelId } of this.#routesOf(candidate, principalArn)) {
        targets.push({ candidate, upstream, backend, upstreamModelId });
      }
    }
    const retry = rule?.retry ?? this.#routes.get(ordered[0]!.model.modelId)?.retry ?? PLAIN;
    return { targets, retry };
  }

  /** Where a model is asked what costs nothing. */
  route(modelId: string): ModelRoute {
    const route = this.#routes.get(modelId);
    return this.#routeAt(route?.targets[0]?.upstream ?? this.#upstreamOf(modelId), modelId);
  }

  async close(): Promise<void> {
    await Promise.all(this.upstreams.map((upstream) => upstream.close()));
  }

  #routesOf({ model: { modelId }, upstream }: ModelCandidate, principalArn: string): ModelRoute[] {
    if (upstream !== undefined) return [this.#routeAt(upstream, modelId)];
    const rule = this.#routes.get(modelId);
    if (!rule) return [this.#routeAt(this.#upstreamOf(modelId), modelId)];
    const draw = rule.isSticky ? drawnFor(principalArn) : this.#drawAnew;
    const ordered = inOrder(rule.targets, (target) => `${modelId} ${target.upstream}`, draw);
    return ordered.map((target) => this.#routeAt(target.upstream, modelId));
  }

  /** The first configured upstream that names the model, else the first that serves all. */
  #upstreamOf(modelId: string): string {
    let catchAll: string | undefined;
    for (const [name, { models }] of this.#upstreams) {
      if (models !== 'all' && models.has(modelId)) return name;
      if (models === 'all') catchAll ??= name;
    }
    if (catchAll !== undefined) return catchAll;
    throw new Fault('AccessDeniedException', "You don't have access to the model with the specified model ID.");
  }

  #routeAt(name: string, modelId: string): ModelRoute {
    const upstream = this.#upstreams.get(name)!;
    return { upstream, backend: upstream.backend, upstreamModelId: upstream.modelName(modelId) };
  }
}
