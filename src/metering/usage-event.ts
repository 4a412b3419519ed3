import type { Caller } from '../identity/principal.ts';
import type { ServiceTier } from '../inference/model-call.ts';
import type { TokenUsage } from '../inference/token-usage.ts';
import { oncePer } from '../kernel/once-per.ts';
import { sortedTagPairs } from '../kernel/tags.ts';

/** The inference calls that are metered, by AWS's operation name. */
export type InferenceOperation =
  | 'Converse'
  | 'ConverseStream'
  | 'InvokeModel'
  | 'InvokeModelWithResponseStream'
  | 'ModelInvocationJob'
  | 'ApplyGuardrail'
  | 'Rerank'
  | 'Retrieve'
  | 'RetrieveAndGenerate'
  | 'RetrieveAndGenerateStream'
  | 'ChatCompletions'
  | 'Responses'
  | 'Embeddings'
  | 'Messages';

/** In-region, a geographic profile (`us.`, `eu.`), or `global.`: the price depends on it. */
export type Route = 'in_region' | 'geo' | 'global';

export type Tier = ServiceTier;

/**
 * How a metered request ended.
 * `completed`: answered in full. `cut`: the upstream broke off; usage up to there. `failed`: no usable answer.
 * `interrupted`: the process died in between; found at the next start.
 */
export type UsageStatus = 'completed' | 'cut' | 'failed' | 'interrupted';

/**
 * Who called what, fixed when the request is admitted. Journaled before the model is called, so that a process that dies
 * in between can list the request.
 */
export interface Admission {
  readonly requestId: string;
  readonly admittedAtMs: number;
  readonly accountId: string;
  /** `line_item_iam_principal`. */
  readonly principalArn: string;
  /** AIDA/AROA id: tells a recreated principal from the old one. */
  readonly principalId: string;
  readonly accessKeyId: string;
  /** Empty when the session carries none. */
  readonly sourceIdentity: string;
  /** Effective principal tags at the call, as pairs in key order. */
  readonly principalTags: readonly (readonly [string, string])[];
  /** Tags of the application inference profile that was called, as pairs in key order; empty for other resources. */
  readonly resourceTags: readonly (readonly [string, string])[];
  /** Tags of the caller's account, as pairs in key order. */
  readonly accountTags: readonly (readonly [string, string])[];
  readonly operation: InferenceOperation;
  /** What the caller named: id, profile id or ARN. */
  readonly requestedModelId: string;
  /** Foundation model id behind it, the key of the price book. */
  readonly modelId: string;
  /** ARN for `line_item_resource_id`. */
  readonly resourceArn: string;
  /** Region of the request: the source region of a cross-region profile. */
  readonly region: string;
  readonly route: Route;
  /** Name of the upstream that serves the model, from the configuration. */
  readonly upstream: string;
  /** Tier asked for; the outcome has the one that was used. */
  readonly tier: Tier;
  readonly sourceIp: string;
  readonly userAgent: string;
  /** The client's own annotations, kept for drill-down; they never move cost. */
  readonly requestMetadata: readonly (readonly [string, string])[];
  /** True for a record of a batch job, which has prices of its own. */
  readonly isBatch: boolean;
  /**
   * Request id of the first attempt; empty for that one itself. Every attempt at an upstream is a call of its own, because
   * one that failed may have run.
   */
  readonly attemptOf: string;
  /** True for an attempt after one that used something: reports count the operation with that one, and only once. */
  readonly isRepeat: boolean;
  /** Rough count from the request's size: what an interrupted request is listed with. */
  readonly inputTokensEstimate: number;
}

/** One metered request: who, what and how much; no money. The first of the two records; append-only. */
export interface UsageEvent extends Admission {
  readonly endedAtMs: number;
  /** Milliseconds until the first streamed event; absent for calls that do not stream. */
  readonly firstTokenMs?: number;
  readonly status: UsageStatus;
  /** Fault code when not completed; empty otherwise. */
  readonly errorCode: string;
  readonly usage: TokenUsage;
  /** The upstream's own id of the request; empty when it gave none. */
  readonly upstreamRequestId: string;
  /** Principal that the upstream's bill names; empty when its bill names none. */
  readonly upstreamPrincipalArn: string;
  /** True where that principal is the gateway's own: the upstream's bill does not say who called. */
  readonly isGatewayPrincipal: boolean;
  /** The client had gone before the answer was complete; the call is metered all the same. */
  readonly clientGone: boolean;
}

/** Fields of an admission that come from the verified caller. */
export const callerFacts = oncePer(
  (caller: Caller): CallerFacts => ({
    accountId: caller.accountId,
    principalArn: caller.arn,
    principalId: caller.principalId,
    accessKeyId: caller.accessKeyId,
    sourceIdentity: caller.sourceIdentity ?? '',
    principalTags: sortedTagPairs(caller.tags),
  }),
);

type CallerFacts = Pick<
  Admission,
  'accountId' | 'principalArn' | 'principalId' | 'accessKeyId' | 'sourceIdentity' | 'principalTags'
>;

/** The event of a request whose process died: the estimate of its input, flagged; its output is unknown and not guessed. */
export function interruptedEvent(admission: Admission, foundAtMs: number): UsageEvent {
  return {
    ...admission,
    endedAtMs: foundAtMs,
    status: 'interrupted',
    errorCode: '',
    usage: { inputTokens: admission.inputTokensEstimate, outputTokens: 0, isEstimated: true, raw: '' },
    upstreamRequestId: '',
    upstreamPrincipalArn: '',
    isGatewayPrincipal: false,
    clientGone: false,
  };
}
