import type { Guardrails, KnowledgeBases } from '../adapters/simulated-model.ts';
import type { BreakerRule } from '../inference/circuit-breaker.ts';

export type UpstreamConfig = (
  | SimulatedUpstreamConfig
  | OpenAiUpstreamConfig
  | AnthropicUpstreamConfig
  | BedrockUpstreamConfig
) & { readonly limits?: UpstreamLimitsConfig };

interface SimulatedUpstreamConfig {
  readonly name: string;
  readonly type: 'simulated';
  /** Absent: `*`. */
  readonly models?: '*' | Readonly<Record<string, string>>;
  readonly guardrails?: Guardrails;
  readonly knowledgeBases?: KnowledgeBases;
}

export interface OpenAiUpstreamConfig {
  readonly name: string;
  readonly type: 'openai';
  readonly url: string;
  readonly apiKeyEnv?: string;
  /** Absent: `*`. */
  readonly models?: '*' | Readonly<Record<string, string>>;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  readonly responses: boolean;
}

export interface AnthropicUpstreamConfig {
  readonly name: string;
  readonly type: 'anthropic';
  readonly url: string;
  readonly apiKeyEnv?: string;
  readonly version: string;
  /** Absent: `*`. */
  readonly models?: '*' | Readonly<Record<string, string>>;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

export interface BedrockUpstreamConfig {
  readonly name: string;
  readonly type: 'bedrock';
  /** Absent: the region that the caller addressed. */
  readonly region?: string;
  /** Absent: AWS's own, by region. */
  readonly endpoint?: string;
  /** Absent: AWS's own, by region. */
  readonly agentEndpoint?: string;
  readonly stsEndpoint?: string;
  /** Absent: `*`. */
  readonly models?: '*' | Readonly<Record<string, string>>;
  /** By the ARN of an application inference profile here, the ARN of one at AWS. */
  readonly profiles?: Readonly<Record<string, string>>;
  /** Accounts that may use guardrails and knowledge bases, by id (`ResourceAccounts`). Absent: the management account alone. */
  readonly guardrails?: Readonly<Record<string, readonly string[]>>;
  readonly knowledgeBases?: Readonly<Record<string, readonly string[]>>;
  /** Absent, with its secret: the AWS SDK's own chain of credentials. */
  readonly accessKeyIdEnv?: string;
  readonly secretAccessKeyEnv?: string;
  readonly sessionTokenEnv?: string;
  /** Absent: AWS's bill names the gateway for every call. */
  readonly session?: SessionConfig;
  /** Absent: batch jobs are made of single calls, which AWS's bill counts as such. */
  readonly batch?: { readonly roleArn: string; readonly endpoint?: string; readonly workFolder?: string };
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** The role session at AWS that every caller gets; texts are expressions over the caller (`identity/caller-expression.ts`). */
export interface SessionConfig {
  /** An ARN, in which `{accountId}` is the caller's account; or one by account, `*` for all others. */
  readonly role: string | Readonly<Record<string, string>>;
  readonly sessionName: string;
  readonly tags: 'all' | Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  /** `session-name`: equal to the session's name. Absent: none. */
  readonly sourceIdentity?: string;
  readonly durationSeconds: number;
  /** Session policy. Absent: none. */
  readonly policy?: object;
  readonly onFailure: 'refuse' | 'gateway';
  readonly maxSessions: number;
  readonly callsPerSecond: number;
  readonly timeoutMs: number;
}

/** What an upstream of any type is spared, and how long it may take. Defaults: `src/app/upstream-limits.ts`. */
interface UpstreamLimitsConfig {
  readonly maxInFlight?: number;
  readonly maxQueued?: number;
  readonly maxQueuedPerPrincipal?: number;
  readonly queueTimeoutMs?: number;
  /** For one attempt. Absent: no bound but those of silences. */
  readonly totalTimeoutMs?: number;
  readonly drainTimeoutMs?: number;
  /** Absent: no bound. */
  readonly drainTokens?: number;
  readonly breaker?: Partial<BreakerRule>;
  /** Absent: it is only watched as calls go. */
  readonly probeSeconds?: number;
}
