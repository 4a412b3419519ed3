import type { AliasConfig, RouteConfig, RoutingConfig } from '../config/routing-config.ts';
import { anthropicNames } from '../inference/anthropic-name.ts';
import type { ModelCatalog } from '../inference/model-catalog.ts';
import type { AliasTarget, RoutingRule, UpstreamTarget } from '../inference/routing-rule.ts';
import type { Upstream } from '../inference/upstream.ts';
import { Fault } from '../kernel/fault.ts';

/** Checks aliases and routes against the models and upstreams that there are. Throws ConfigInvalid. */
export function routingRules(
  { aliases, routes }: RoutingConfig,
  upstreams: readonly Upstream[],
  catalog: ModelCatalog,
): {
  readonly aliases: ReadonlyMap<string, RoutingRule<AliasTarget>>;
  readonly routes: ReadonlyMap<string, RoutingRule<UpstreamTarget>>;
} {
  const byName = new Map(upstreams.map((upstream) => [upstream.name, upstream]));
  const requireServed = (place: string, modelId: string | undefined, upstream: string | undefined) => {
    const found = upstream === undefined ? undefined : byName.get(upstream);
    if (upstream !== undefined && !found)
      throw invalid(`\`${place}\` names the upstream \`${upstream}\`, which is none`);
    const serves = (one: Upstream) => one.models === 'all' || (modelId !== undefined && one.models.has(modelId));
    if (modelId === undefined || (found ? [found] : upstreams).some(serves)) return;
    const who = upstream === undefined ? 'no upstream' : `the upstream \`${upstream}\` does not`;
    throw invalid(`\`${place}\` needs the model \`${modelId}\`, which ${who} ${upstream ? 'serve' : 'serves'}`);
  };

  const ruleOf = <Target>(config: AliasConfig | RouteConfig, targets: Target[]): RoutingRule<Target> => {
    const { retries, timeoutMs, headersTimeoutMs, idleTimeoutMs, retryOn, stickyBy } = config;
    const timeouts = {
      ...(headersTimeoutMs !== undefined && { headersTimeoutMs }),
      ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
    };
    const limits = { ...(retries !== undefined && { retries }), ...(timeoutMs !== undefined && { timeoutMs }) };
    return { targets, isSticky: stickyBy === 'principal', retry: { ...limits, timeouts, retryOn: new Set(retryOn) } };
  };

  return {
    aliases: new Map(
      Object.entries(aliases).map(([name, alias]) => {
        const named = catalog.modelIdNamed(name);
        // Anthropic's names say nothing of a route; an alias may.
        if (named !== undefined && !anthropicNames(named).includes(name)) {
          throw invalid(`the alias \`${name}\` is the name of a model`);
        }
        const targets: AliasTarget[] = [...alias.targets, ...alias.fallbacks];
        for (const { model, upstream } of targets) {
          const modelId = catalog.modelIdNamed(model);
          // An ARN may be of an application inference profile, which comes and goes at run time.
          if (modelId === undefined && !model.startsWith('arn:')) throw unknownModel(`the alias \`${name}\``, model);
          requireServed(`aliases.${name}`, modelId, upstream);
        }
        return [name, ruleOf(alias, targets)];
      }),
    ),
    routes: new Map(
      Object.entries(routes).map(([spelling, route]) => {
        const modelId = catalog.modelIdOf(spelling);
        if (modelId === undefined) throw unknownModel('a route', spelling);
        const targets: UpstreamTarget[] = [...route.targets, ...route.fallbacks];
        for (const { upstream } of targets) requireServed(`routes.${spelling}`, modelId, upstream);
        return [modelId, ruleOf(route, targets)];
      }),
    ),
  };
}

function unknownModel(what: string, spelling: string): Fault {
  return invalid(`${what} names the model \`${spelling}\`, which is not known: correct it, or add it to \`models\``);
}

function invalid(message: string): Fault {
  return new Fault('ConfigInvalid', message);
}
