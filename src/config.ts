import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { parse } from 'yaml';
import schema from './config/config.schema.json' with { type: 'json' };
import type { DetectionConfig } from './config/detection-config.ts';
import type { HardBudgetsConfig, RunawayGuardConfig } from './config/hard-budgets-config.ts';
import type { ImportConfig } from './config/import-config.ts';
import type { ReconciliationConfig } from './config/reconciliation-config.ts';
import type { RoutingConfig } from './config/routing-config.ts';
import type { UpstreamConfig } from './config/upstream-config.ts';
import type { OidcMappingConfig } from './identity/oidc-mapping.ts';
import type { RedactedKind } from './invocations/redaction.ts';
import { Fault } from './kernel/fault.ts';
import type { Meter } from './rating/meter.ts';

/** The configuration with every default filled in; the schema describes each member. */
export interface Config extends RoutingConfig {
  readonly account: { readonly id: string; readonly name: string };
  readonly organization?: OrganizationConfig;
  readonly costExplorer: { readonly extensions: boolean };
  readonly region: string;
  readonly durability: 'fsync' | 'os' | 'memory';
  readonly gatherMs: number;
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly tls?: { readonly certFile: string; readonly keyFile: string };
  };
  readonly upstreams?: readonly UpstreamConfig[];
  readonly heldModels: readonly HeldModelConfig[];
  readonly models?: readonly {
    readonly modelId: string;
    readonly provider?: string;
    readonly displayName?: string;
    /** Absent: text. */
    readonly outputModalities?: readonly ('TEXT' | 'IMAGE' | 'EMBEDDING')[];
  }[];
  readonly prices?: readonly PriceConfig[];
  readonly costStore?: {
    readonly url: string;
    readonly database: string;
    readonly username: string;
    readonly passwordEnv?: string;
  };
  /** Absent: SQLite in the data folder. */
  readonly directoryStore?: {
    readonly url: string;
    readonly passwordEnv?: string;
    readonly caFile?: string;
    readonly schema: string;
  };
  /** Absent: `<data>/master.key`. */
  readonly masterKey?: MasterKeySource;
  /** Short for `masterKey: { env }`. */
  readonly masterKeyEnv?: string;
  /** Keys that open what they sealed, beside those that a change of the file left. */
  readonly previousMasterKeys?: readonly MasterKeySource[];
  readonly audit: {
    /** Absent: records are kept for ever. */
    readonly retentionDays?: number;
  };
  readonly federation: {
    readonly samlRecipients: readonly string[];
    readonly samlAudiences: readonly string[];
    /** Absent: Node's own certificate authorities alone. */
    readonly caFile?: string;
  };
  readonly gateway: GatewayConfig;
  readonly console: ConsoleConfig;
  readonly budgets: { readonly refreshSeconds: number };
  readonly hardBudgets: HardBudgetsConfig;
  readonly runawayGuard: RunawayGuardConfig;
  readonly reconciliation: ReconciliationConfig;
  readonly detection: DetectionConfig;
  readonly notices: NoticesConfig;
  readonly billing: BillingConfig;
  readonly exports: ExportsConfig;
  readonly import: ImportConfig;
  readonly invocationLog: {
    readonly redact: readonly RedactedKind[];
    readonly inlineBytesMax: number;
    readonly bodyBytesMax: number;
    readonly flushSeconds: number;
  };
  readonly batches: { readonly recordsAtOnce: number; readonly maxRecords: number; readonly pollSeconds: number };
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

/** Who may call at the inference doors besides those that sign. */
export interface GatewayConfig {
  readonly keys: { readonly maxDays: number };
  readonly oidc: readonly OidcMappingConfig[];
}

/** The web console. */
export interface ConsoleConfig {
  /** Absent: browsers reach the server where it listens. */
  readonly publicUrl?: string;
  /** Absent: people sign in with access keys alone. */
  readonly oidc?: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecretEnv?: string;
    readonly scopes: readonly string[];
  };
  readonly sessionHours: number;
  /** The principal tag that says which team somebody belongs to. */
  readonly teamTagKey: string;
  readonly timeZone: string;
}

/** Who gets notices about spend, and how. */
export interface NoticesConfig {
  /** Absent: no mail is sent. */
  readonly smtp?: SmtpConfig;
  readonly webhooks: readonly WebhookConfig[];
  readonly topics: readonly {
    /** SNS topic, as subscribers name it. */
    readonly arn: string;
    /** Name of a web hook. One of this and `mail` is there. */
    readonly webhook?: string;
    readonly mail?: readonly string[];
  }[];
}

export interface SmtpConfig {
  readonly host: string;
  /** Absent: 587, 465 or 25, by `security`. */
  readonly port?: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly from: string;
  readonly usernameEnv?: string;
  readonly passwordEnv?: string;
  readonly caFile?: string;
  readonly timeoutMs: number;
}

export interface WebhookConfig {
  readonly name: string;
  readonly url: string;
  readonly format: 'json' | 'slack';
  /** Absent: posts are not signed. */
  readonly secretEnv?: string;
  readonly caFile?: string;
  readonly allowPrivateAddresses: boolean;
  readonly timeoutMs: number;
}

export interface ExportsConfig {
  readonly destination: ExportDestinationConfig;
  /** Destinations of single buckets by name; every other bucket is at `destination`. */
  readonly buckets: Readonly<Record<string, ExportDestinationConfig>>;
  /** Line items that one file is made of, at most. */
  readonly lineItemsPerFile: number;
}

/** `folder`: `<data>/exports`. */
export type ExportDestinationConfig = (FolderDestinationConfig | S3DestinationConfig) & {
  /** Accounts that may use the bucket. Absent: the first that does. */
  readonly accounts?: readonly string[];
};

interface FolderDestinationConfig {
  readonly type: 'folder';
}

export interface S3DestinationConfig {
  readonly type: 's3';
  /** Absent: Amazon S3. */
  readonly endpoint?: string;
  /** Absent: the region that the export names. */
  readonly region?: string;
  /** Absent: true with an endpoint. */
  readonly pathStyle?: boolean;
  /** Absent, with its secret: the AWS SDK's own chain of credentials. */
  readonly accessKeyIdEnv?: string;
  readonly secretAccessKeyEnv?: string;
  readonly sessionTokenEnv?: string;
}

/** What the organization is brought to at every start; what is not named is left as it is. */
export interface OrganizationConfig {
  readonly organizationalUnits?: readonly {
    /** Names from below the root, with slashes: `Workloads/Production`. */
    readonly path: string;
    readonly tags?: TagsConfig;
  }[];
  readonly accounts?: readonly AccountConfig[];
  readonly policies?: readonly ServiceControlPolicyConfig[];
}

export interface AccountConfig {
  /** Absent: found by its e-mail address, or made with an id that is free. */
  readonly id?: string;
  readonly name: string;
  readonly email: string;
  /** Path of a unit, or `root`. Absent: where it is; a new one is put under the root. */
  readonly ou?: string;
  readonly tags?: TagsConfig;
}

export interface ServiceControlPolicyConfig {
  readonly name: string;
  readonly description: string;
  readonly content: object;
  /** `root`, paths of units, ids or names of accounts: all that it is attached to. */
  readonly targets: readonly string[];
  /** True: an allow list, which stands in for FullAWSAccess where it is attached. */
  readonly replacesFullAccess: boolean;
}

type TagsConfig = Readonly<Record<string, string>>;

/** Where a master key comes from. */
export type MasterKeySource =
  | { readonly file: string }
  | { readonly env: string }
  /** A program and its arguments; `timeoutMs` absent: 10,000. */
  | { readonly command: readonly string[]; readonly timeoutMs?: number };

export interface PriceConfig {
  readonly modelId: string;
  readonly meter: Meter;
  /** Of meters that count tokens. */
  readonly usdPerMillionTokens?: string;
  /** Of all others. */
  readonly usdPerUnit?: string;
  readonly region: string;
  readonly routing: 'any' | 'global' | 'in_region_or_geo';
  readonly tier: 'standard' | 'batch' | 'flex' | 'priority' | 'latency_optimized';
  readonly effectiveFrom?: string;
  readonly note?: string;
}

export interface BillingConfig {
  readonly awsDelays: boolean;
  readonly marketplace: readonly SellerConfig[];
  readonly closeAfterDays: number;
  readonly tax: readonly { readonly type: string; readonly percent: string; readonly accounts?: readonly string[] }[];
  readonly discounts: {
    readonly privateRates: readonly PriceConfig[];
    readonly percentages: readonly PercentageConfig[];
  };
}

/** A model that is paid for by the hour. */
export interface HeldModelConfig {
  readonly arn: string;
  readonly modelId: string;
  readonly modelUnits: number;
  readonly commitment: 'none' | '1_month' | '6_month';
  readonly from: string;
  readonly to?: string;
}

/** Who sells a model. */
interface SellerConfig {
  readonly modelId: string;
  readonly seller: 'AWS' | 'AWS Marketplace';
  readonly metrics: 'camel' | 'snake';
  /** Absent: one is made of the model id. */
  readonly productCode?: string;
}

/** An absent list matches everything. */
interface PercentageConfig {
  readonly name: string;
  readonly percent: string;
  readonly services?: readonly string[];
  readonly models?: readonly string[];
  readonly accounts?: readonly string[];
  readonly meters?: readonly PriceConfig['meter'][];
  readonly effectiveFrom?: string;
  readonly effectiveTo?: string;
}

const CONNECTION_DEFAULTS = {
  ...{ maxConnections: 256, connectTimeoutMs: 5_000 },
  ...{ headersTimeoutMs: 300_000, idleTimeoutMs: 120_000 },
} as const;
const UPSTREAM_DEFAULTS = {
  simulated: {},
  openai: { ...CONNECTION_DEFAULTS, maxTokensField: 'max_tokens', responses: false },
  anthropic: { ...CONNECTION_DEFAULTS, url: 'https://api.anthropic.com', version: '2023-06-01' },
  bedrock: CONNECTION_DEFAULTS,
} as const;

const SESSION_DEFAULTS = {
  ...{ sessionName: '{name}', tags: 'all', transitiveTagKeys: [], durationSeconds: 3_600, onFailure: 'refuse' },
  ...{ maxSessions: 20_000, callsPerSecond: 500, timeoutMs: 5_000 },
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

/** The schema judges one value: a tenth of a start is saved by compiling it plainly. A test looks whether it is valid. */
const ONCE = { validateSchema: false, meta: false, inlineRefs: false, code: { optimize: false } } as const;

/** The schema without what the value has nothing of and what has no default either: not to be compiled, a third of the work. */
function schemaFor(value: unknown): object {
  const named = typeof value === 'object' && value !== null ? value : {};
  const properties = Object.entries(schema.properties).filter(([name, of]) => name in named || 'default' in of);
  return { ...schema, properties: Object.fromEntries(properties) };
}

function validConfig(value: unknown, source: string): Config {
  const ajv = new Ajv({ ...ONCE, useDefaults: true, verbose: true, strict: false, discriminator: true });
  const validate = ajv.addFormat('uri', (text: string) => URL.canParse(text)).compile(schemaFor(value));
  const refuse = (reason: string) => new Fault('ConfigInvalid', `${source} is not a valid configuration: ${reason}`);
  // The last error of several is the one that sums the others up.
  if (!validate(value)) throw refuse(describe(validate.errors?.at(-1)));
  const config = value as unknown as Config;
  if (config.masterKey && config.masterKeyEnv !== undefined) {
    throw refuse('`masterKey` and `masterKeyEnv` both say where the master key is; use one');
  }
  // A schema cannot put defaults into the branches of a choice, nor compare members with one another.
  const upstreams = config.upstreams?.map((one): UpstreamConfig => {
    const session = one.type === 'bedrock' && one.session && { session: { ...SESSION_DEFAULTS, ...one.session } };
    return { ...UPSTREAM_DEFAULTS[one.type], ...one, ...session };
  });
  const names = new Set<string>();
  for (const [index, { name }] of (upstreams ?? []).entries()) {
    if (names.has(name)) throw refuse(`\`upstreams.${index}.name\` is \`${name}\` once more`);
    names.add(name);
  }
  for (const [index, one] of (upstreams ?? []).entries()) {
    const workBucket = one.type === 'bedrock' ? one.batch?.workFolder?.split('/')[2] : undefined;
    if (workBucket === undefined || config.exports.buckets[workBucket]?.accounts?.length === 0) continue;
    const advice = `list the bucket \`${workBucket}\` under \`exports.buckets\` with \`accounts: []\``;
    throw refuse(`\`upstreams.${index}.batch.workFolder\` must be nobody's: ${advice}`);
  }
  return upstreams ? { ...config, upstreams } : config;
}

/** What is wrong and where, as a member's name with dots. */
function describe(error: ErrorObject | undefined): string {
  if (!error) return 'unknown reason';
  const { keyword, params, instancePath, message, parentSchema } = error;
  const path = instancePath.slice(1).replaceAll('/', '.');
  const place = path === '' ? 'the top level' : `\`${path}\``;
  switch (keyword) {
    case 'additionalProperties':
      return `${place} has no member \`${params.additionalProperty}\``;
    case 'required':
      return `${place} needs the member \`${params.missingProperty}\``;
    case 'enum':
      return `${place} must be one of ${(params.allowedValues as string[]).join(', ')}`;
    case 'discriminator': {
      const branches = parentSchema?.oneOf as readonly {
        readonly properties: Record<string, { readonly const: string }>;
      }[];
      return `\`${path}.${params.tag}\` must be one of ${branches.map(({ properties }) => properties[params.tag]?.const).join(', ')}`;
    }
    case 'oneOf':
      return `${place} must be another: ${parentSchema?.description}`;
    default:
      return `${place} ${message}`;
  }
}
