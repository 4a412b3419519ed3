import { AnthropicModel } from '../adapters/anthropic-model.ts';
import { GptTokenCounter } from '../adapters/gpt-token-counter.ts';
import { OpenAiModel } from '../adapters/openai-model.ts';
import { SimulatedModel } from '../adapters/simulated-model.ts';
import { timerWait } from '../adapters/timer-wait.ts';
import type { UpstreamConfig } from '../config/upstream-config.ts';
import type { Config } from '../config.ts';
import type { ModelBackend } from '../inference/model-backend.ts';
import type { ModelCatalog } from '../inference/model-catalog.ts';
import { ModelRouter } from '../inference/model-router.ts';
import { Upstream } from '../inference/upstream.ts';
import { Fault } from '../kernel/fault.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { type BedrockUpstreamParts, openBedrockUpstream } from './bedrock-upstream.ts';
import { routingRules } from './routing-rules.ts';
import { upstreamLimits } from './upstream-limits.ts';

const DEFAULT_UPSTREAMS: readonly UpstreamConfig[] = [{ name: 'simulated', type: 'simulated' }];

type UpstreamParts = Omit<BedrockUpstreamParts, 'counter'>;

/**
 * Builds the configured upstreams and what leads to them. Throws ConfigInvalid when an API key's variable is not set, or a
 * model or upstream is not known.
 */
export function buildRouter(
  config: Pick<Config, 'upstreams' | 'aliases' | 'routes'>,
  catalog: ModelCatalog,
  upstreamParts: UpstreamParts,
): ModelRouter {
  const parts = { ...upstreamParts, counter: new GptTokenCounter() };
  const configured = config.upstreams ?? DEFAULT_UPSTREAMS;
  const upstreams = configured.map(
    (upstream) =>
      new Upstream({
        backend: buildBackend(upstream, parts),
        models: typeof upstream.models === 'object' ? servedModels(upstream.name, upstream.models, catalog) : 'all',
        limits: upstreamLimits(upstream),
        clock: parts.clock,
        wait: timerWait,
      }),
  );
  for (const [index, { name, limits }] of configured.entries()) {
    if (limits?.probeSeconds === undefined) continue;
    const upstream = upstreams[index]!;
    if (!upstream.backend.probe) {
      throw new Fault('ConfigInvalid', `the upstream \`${name}\` cannot be probed: leave \`limits.probeSeconds\` out`);
    }
    void upstream.watch(limits.probeSeconds * SECOND_MS);
  }
  return new ModelRouter({ upstreams, ...routingRules(config, upstreams, catalog), chance: Math.random });
}

/** By the ids that requests resolve to: under any other spelling a model would silently go to another upstream. */
function servedModels(
  name: string,
  models: Readonly<Record<string, string>>,
  catalog: ModelCatalog,
): Map<string, string> {
  return new Map(
    Object.entries(models).map(([spelling, upstreamModelId]) => {
      const modelId = catalog.modelIdOf(spelling);
      if (modelId !== undefined) return [modelId, upstreamModelId];
      const advice = 'which is not known: correct it, or add it to `models`';
      throw new Fault('ConfigInvalid', `the upstream \`${name}\` serves the model \`${spelling}\`, ${advice}`);
    }),
  );
}

function buildBackend(upstream: UpstreamConfig, parts: BedrockUpstreamParts): ModelBackend {
  const { counter, environment } = parts;
  if (upstream.type === 'bedrock') return openBedrockUpstream(upstream, parts);
  if (upstream.type === 'simulated') {
    const { type: _, models: __, limits: ___, ...simulated } = upstream;
    return new SimulatedModel({ ...simulated, counter, wait: timerWait });
  }
  const { name, url, maxConnections, connectTimeoutMs, headersTimeoutMs, idleTimeoutMs } = upstream;
  const apiKey = apiKeyOf(upstream, environment);
  const timeouts = { connectTimeoutMs, headersTimeoutMs, idleTimeoutMs };
  const connection = { name, url, maxConnections, ...timeouts, counter, ...(apiKey && { apiKey }) };
  if (upstream.type === 'anthropic') return new AnthropicModel({ ...connection, version: upstream.version });
  const { maxTokensField, responses: hasResponses } = upstream;
  return new OpenAiModel({ ...connection, maxTokensField, hasResponses });
}

function apiKeyOf(
  { name, apiKeyEnv }: { readonly name: string; readonly apiKeyEnv?: string },
  environment: UpstreamParts['environment'],
): string | undefined {
  const apiKey = apiKeyEnv === undefined ? undefined : environment[apiKeyEnv];
  if (apiKeyEnv === undefined || apiKey) return apiKey;
  const advice = `needs the environment variable \`${apiKeyEnv}\`, which is not set`;
  throw new Fault('ConfigInvalid', `the upstream \`${name}\` ${advice}`);
}
