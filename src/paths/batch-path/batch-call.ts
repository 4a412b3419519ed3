import type { BatchCall } from '../../admission/spend-gate.ts';
import type { BatchRecord, RecordOutcome } from '../../batches/batch-record.ts';
import type { InvocationJob } from '../../batches/invocation-job.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import type { ModelCatalog, ResolvedModel } from '../../inference/model-catalog.ts';
import { ClientPresence } from '../../kernel/client-presence.ts';
import { Fault } from '../../kernel/fault.ts';
import { encodeOutput } from '../../wire/encode.ts';
import type { WireRequest } from '../../wire/exchange.ts';
import { route } from '../../wire/route.ts';
import type { InferenceOutput } from '../inference-handler.ts';
import { type AuthorizeParts, authorize } from '../request-path/authorize.ts';
import { type InferParts, infer } from '../request-path/infer.ts';
import { type ParseParts, parse } from '../request-path/parse.ts';

export interface BatchCallParts extends ParseParts, AuthorizeParts, InferParts {
  readonly newRequestId: () => string;
}

export interface ReadRecordParts extends ParseParts {
  readonly catalog: ModelCatalog;
  readonly clock: () => number;
}

/** What calling a model in a batch takes. On AWS it is asked for once; here before every record, so that it can be taken away. */
const ACTION = 'bedrock:CreateModelInvocationJob';

export interface CalledRecord {
  readonly outcome: RecordOutcome;
  readonly isSuccess: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Absent where the model answered. */
  readonly fault?: Fault;
}

/** A call goes on when the server stops: what was paid for is kept. */
const NOBODY_LEAVES = new ClientPresence();

/**
 * Makes the call of one record as its job's submitter, on the request path: parsed, authorized, held on budgets, journaled
 * and metered like any other. Throws what is a bug.
 */
export async function callRecord(
  job: InvocationJob,
  { modelInput }: Pick<BatchRecord, 'modelInput'>,
  parts: BatchCallParts,
): Promise<CalledRecord> {
  const request = requestOf(job, modelInput, parts.clock());
  const requestId = parts.newRequestId();
  const { submitter, region } = job;
  // A caller of its own for every record: what policies say is kept with the caller, and may have changed.
  const caller = { ...submitter };
  try {
    const routed = route(request);
    const parsed = parse({ requestId, request, routed, caller, region, nowMs: request.receivedAtMs }, parts);
    if (parsed.kind !== 'inference') throw new Error(`${routed.operation.name} is no call of a model`);
    const authorized = authorize({ ...parsed, handler: { ...parsed.handler, action: ACTION } }, parts);
    if (authorized.kind !== 'inference') throw new Error('authorizing made another request of a call');
    const candidates = authorized.candidates.map(({ handler, ...rest }) => ({
      ...rest,
      handler: { ...handler, operation: 'ModelInvocationJob' } as const,
    }));
    const answer = await infer({ ...authorized, candidates }, parts);
    const { body } = encodeOutput(routed.operation, answer.output, requestId);
    return { outcome: { modelOutput: JSON.parse(String(body)) }, isSuccess: true, ...tokensOf(answer) };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    const error = { errorCode: fault.kind.status, errorMessage: fault.message };
    return { outcome: { error }, isSuccess: false, inputTokens: 0, outputTokens: 0, fault };
  }
}

/**
 * What one record asks of its model, for an upstream that makes the call itself. What nobody here can read may be no error
 * there: it is taken for a body whose members are the model's own.
 */
export function readRecord(
  job: InvocationJob,
  { modelId, route: taken }: ResolvedModel,
  modelInput: BatchRecord['modelInput'],
  parts: ReadRecordParts,
): BatchCall {
  const request = requestOf(job, modelInput, parts.clock());
  const tariff = { modelId, region: job.region, route: taken, tier: 'standard' } as const;
  return { ...tariff, bodyBytes: request.body.length, prompt: promptOf(job, modelId, request, modelInput, parts) };
}

function promptOf(
  { submitter: caller, region }: InvocationJob,
  modelId: string,
  request: WireRequest,
  modelInput: BatchRecord['modelInput'],
  parts: ReadRecordParts,
): BatchCall['prompt'] {
  try {
    const nowMs = request.receivedAtMs;
    const parsed = parse({ requestId: '', request, routed: route(request), caller, region, nowMs }, parts);
    if (parsed.kind !== 'inference') throw new Error(`${parsed.routed.operation.name} is no call of a model`);
    const listed = parts.catalog.model(modelId);
    const handler = (listed && parsed.handler.forModel?.(listed)) ?? parsed.handler;
    return handler.read(parsed.input, modelId, parsed.json).prompt;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { messages: [], system: [], additionalFields: modelInput as JsonObject };
  }
}

/** As Converse's answer says it, or InvokeModel's headers. */
function tokensOf({ output, headers }: InferenceOutput): Pick<CalledRecord, 'inputTokens' | 'outputTokens'> {
  const { usage } = output as { readonly usage?: { readonly inputTokens: number; readonly outputTokens: number } };
  if (usage) return { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens };
  const count = (name: string) => Number(headers?.[`x-amzn-bedrock-${name}-token-count`] ?? 0);
  return { inputTokens: count('input'), outputTokens: count('output') };
}

/** The request that would make the same call by itself. */
function requestOf(
  { modelId, invocationType, sourceIp, userAgent }: InvocationJob,
  modelInput: BatchRecord['modelInput'],
  nowMs: number,
): WireRequest {
  const operation = invocationType === 'Converse' ? 'converse' : 'invoke';
  return {
    method: 'POST',
    path: `/model/${encodeURIComponent(modelId)}/${operation}`,
    query: '',
    headers: { 'content-type': 'application/json', 'user-agent': userAgent },
    body: Buffer.from(JSON.stringify(modelInput)),
    httpVersion: '1.1',
    isTls: true,
    sourceIp,
    receivedAtMs: nowMs,
    client: NOBODY_LEAVES,
  };
}
