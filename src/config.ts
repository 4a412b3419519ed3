import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { parse } from 'yaml';
import schema from './config/config.schema.json' with { type: 'json' };
import { Fault } from './kernel/fault.ts';

/** The configuration with every default filled in; the schema describes each member. */
export interface Config {
  readonly account: { readonly id: string; readonly name: string };
  readonly region: string;
  readonly durability: 'fsync' | 'os' | 'memory';
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly tls?: { readonly certFile: string; readonly keyFile: string };
  };
  readonly upstreams?: readonly UpstreamConfig[];
  readonly models?: readonly { readonly modelId: string; readonly provider?: string; readonly displayName?: string }[];
  readonly prices?: readonly PriceConfig[];
  readonly costStore?: {
    readonly url: string;
    readonly database: string;
    readonly username: string;
    readonly passwordEnv?: string;
  };
  readonly masterKeyEnv?: string;
  readonly billing: { readonly awsDelays: boolean };
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

export type UpstreamConfig = SimulatedUpstreamConfig | OpenAiUpstreamConfig;

interface SimulatedUpstreamConfig {
  readonly name: string;
  readonly type: 'simulated';
  /** Absent: `*`. */
  readonly models?: '*' | Readonly<Record<string, string>>;
}

export interface OpenAiUpstreamConfig {
  readonly name: string;
  readonly type: 'openai';
  readonly url: string;
  readonly apiKeyEnv?: string;
  /** Absent: `*`. */
  readonly models?: '*' | Readonly<Record<string, string>>;
  readonly maxConnections: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
}

export interface PriceConfig {
  readonly modelId: string;
  readonly meter: 'input' | 'output' | 'cache_read' | 'cache_write_5m' | 'cache_write_1h';
  readonly usdPerMillionTokens: string;
  readonly region: string;
  readonly routing: 'any' | 'global' | 'in_region_or_geo';
  readonly tier: 'standard' | 'batch' | 'flex' | 'priority' | 'latency_optimized';
  readonly effectiveFrom?: string;
  readonly note?: string;
}

const UPSTREAM_DEFAULTS = {
  maxConnections: 256,
  headersTimeoutMs: 300_000,
  idleTimeoutMs: 120_000,
  maxTokensField: 'max_tokens',
} as const;

/** Reads a YAML file, or nothing for all defaults. Throws ConfigInvalid naming the member that is wrong. */
export function readConfig(path?: string): Config {
  if (path === undefined) return validConfig({}, 'the default configuration');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Fault('ConfigInvalid', `cannot read the configuration \`${path}\`: ${(error as Error).message}`);
  }
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (error) {
    throw new Fault('ConfigInvalid', `\`${path}\` is not valid YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  return validConfig(value, `\`${path}\``);
}

function validConfig(value: unknown, source: string): Config {
  const validate = new Ajv({ useDefaults: true, allErrors: false, verbose: true, strict: false }).compile(schema);
  if (!validate(value))
    throw new Fault('ConfigInvalid', `${source} is not a valid configuration: ${describe(validate.errors)}`);
  const config = value as unknown as Config;
  // A schema cannot put defaults into the branches of a choice.
  const upstreams = config.upstreams?.map((one) => (one.type === 'openai' ? { ...UPSTREAM_DEFAULTS, ...one } : one));
  return upstreams ? { ...config, upstreams } : config;
}

function describe(errors: readonly ErrorObject[] | null | undefined): string {
  // The choice itself says nothing useful; the first concrete error of a branch does.
  const error = errors?.find(({ keyword }) => keyword !== 'oneOf' && keyword !== 'const') ?? errors?.[0];
  if (!error) return 'unknown reason';
  const place = error.instancePath.slice(1).replaceAll('/', '.') || 'the top level';
  const extra = error.keyword === 'additionalProperties' ? ` (\`${error.params.additionalProperty}\`)` : '';
  const allowed = error.keyword === 'enum' ? ` (${(error.params.allowedValues as string[]).join(', ')})` : '';
  return `\`${place}\` ${error.message}${extra}${allowed}`;
}
