import { BedrockModel } from '../adapters/bedrock-model.ts';
import { GatewayCredentials, type KeyPair } from '../adapters/gateway-credentials.ts';
import type { BedrockUpstreamConfig } from '../config/upstream-config.ts';
import type { ModelBackend } from '../inference/model-backend.ts';
import { ResourceAccounts } from '../inference/resource-accounts.ts';
import type { TokenCounter } from '../inference/token-counter.ts';
import { Fault } from '../kernel/fault.ts';
import type { Clock } from '../kernel/time.ts';
import type { UpstreamSessions } from './upstream-sessions.ts';

export interface BedrockUpstreamParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where STS says who we are, where the configuration names no region. */
  readonly defaultRegion: string;
  readonly counter: TokenCounter;
  readonly sessions: UpstreamSessions;
  readonly isManagementAccount: (accountId: string) => boolean;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

export function openBedrockUpstream(config: BedrockUpstreamConfig, parts: BedrockUpstreamParts): ModelBackend {
  const { name, region, endpoint, agentEndpoint, stsEndpoint, profiles } = config;
  const { maxConnections, connectTimeoutMs, headersTimeoutMs, idleTimeoutMs } = config;
  const { defaultRegion, counter, sessions, clock, onTrouble } = parts;
  const tell = (message: string) => onTrouble(`upstream \`${name}\`: ${message}`);
  const sts = { region: region ?? defaultRegion, stsEndpoint, clock, onTrouble: tell };
  const gateway = new GatewayCredentials({ ...sts, credentials: namedCredentials(config, parts.environment) });
  const credentials = config.session ? sessions.open(name, config.session, { ...sts, gateway }) : gateway;
  return new BedrockModel({
    ...{ name, region, endpoint, agentEndpoint, profiles, credentials, counter, clock },
    ...{ maxConnections, connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, batch: config.batch },
    owners: {
      guardrails: new ResourceAccounts(config.guardrails ?? {}, parts.isManagementAccount),
      knowledgeBases: new ResourceAccounts(config.knowledgeBases ?? {}, parts.isManagementAccount),
    },
    onTrouble: tell,
  });
}

function namedCredentials(
  { name, accessKeyIdEnv, secretAccessKeyEnv, sessionTokenEnv }: BedrockUpstreamConfig,
  environment: BedrockUpstreamParts['environment'],
): KeyPair | undefined {
  const read = (variable: string) => {
    const value = environment[variable];
    if (value) return value;
    const message = `the upstream \`${name}\` needs the environment variable \`${variable}\`, which is not set`;
    throw new Fault('ConfigInvalid', message);
  };
  if (accessKeyIdEnv === undefined || secretAccessKeyEnv === undefined) return undefined;
  return {
    accessKeyId: read(accessKeyIdEnv),
    secretAccessKey: read(secretAccessKeyEnv),
    ...(sessionTokenEnv !== undefined && { sessionToken: read(sessionTokenEnv) }),
  };
}
