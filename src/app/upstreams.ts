import { GptTokenCounter } from '../adapters/gpt-token-counter.ts';
import { OpenAiModel } from '../adapters/openai-model.ts';
import { SimulatedModel } from '../adapters/simulated-model.ts';
import type { UpstreamConfig } from '../config.ts';
import type { ModelBackend } from '../inference/model-backend.ts';
import { ModelRouter } from '../inference/model-router.ts';
import { Fault } from '../kernel/fault.ts';

const DEFAULT_UPSTREAMS: readonly UpstreamConfig[] = [{ name: 'simulated', type: 'simulated' }];

/** Builds the configured upstreams. Throws ConfigInvalid when an API key's variable is not set. */
export function buildRouter(
  configured: readonly UpstreamConfig[] = DEFAULT_UPSTREAMS,
  environment: Readonly<Record<string, string | undefined>>,
): ModelRouter {
  const counter = new GptTokenCounter();
  return new ModelRouter(
    configured.map((upstream) => ({
      backend: buildBackend(upstream, counter, environment),
      models: typeof upstream.models === 'object' ? new Map(Object.entries(upstream.models)) : 'all',
    })),
  );
}

function buildBackend(
  upstream: UpstreamConfig,
  counter: GptTokenCounter,
  environment: Readonly<Record<string, string | undefined>>,
): ModelBackend {
  if (upstream.type === 'simulated') return new SimulatedModel({ name: upstream.name, counter });
  const { name, url, maxConnections, headersTimeoutMs, idleTimeoutMs, maxTokensField, apiKeyEnv } = upstream;
  const apiKey = apiKeyEnv === undefined ? undefined : environment[apiKeyEnv];
  if (apiKeyEnv !== undefined && !apiKey) {
    throw new Fault(
      'ConfigInvalid',
      `the upstream \`${name}\` needs the environment variable \`${apiKeyEnv}\`, which is not set`,
    );
  }
  return new OpenAiModel({
    name,
    url,
    maxConnections,
    headersTimeoutMs,
    idleTimeoutMs,
    maxTokensField,
    counter,
    ...(apiKey && { apiKey }),
  });
}
