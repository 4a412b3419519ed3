import type { Directory } from '../../identity/directory.ts';
import type { ModelAnswer } from '../../inference/model-backend.ts';
import type { ModelCall } from '../../inference/model-call.ts';
import type { ModelRoute, ModelRouter } from '../../inference/model-router.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import { NO_TAGS, sortedTagPairs } from '../../kernel/tags.ts';
import type { Clock } from '../../kernel/time.ts';
import { type Admission, callerFacts, type UsageEvent } from '../../metering/usage-event.ts';
import type { UsageJournal } from '../../metering/usage-journal.ts';
import type { AnswerTiming, InferenceInput, InferenceOutput } from '../inference-handler.ts';
import type { Authorized } from './authorize.ts';
import { MeteredStream, type StreamEnd } from './metered-stream.ts';

export interface InferParts {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly router: ModelRouter;
  readonly journal: UsageJournal;
  /** Told about an error that is not a Fault in a stream that has begun; one before that ends the request as any bug. */
  readonly onBug: (error: unknown, requestId: string) => void;
}

type AuthorizedInference = Extract<Authorized, { kind: 'inference' }>;

/** A request that is in the journal: from here on it will be settled, whatever happens. */
interface Admitted {
  readonly authorized: AuthorizedInference;
  readonly read: InferenceInput;
  readonly route: ModelRoute;
  readonly call: ModelCall;
  readonly admission: Admission;
}

/** Characters of a token, roughly, in English text and code: the base of estimates, which are always flagged. */
const CHARACTERS_PER_TOKEN = 4;
const USER_AGENT_CHARACTERS_MAX = 512;
/** Of the vendor's raw usage object as the journal writes it; the journal keeps that much room for every open request. */
const USAGE_RAW_BYTES_MAX = 2_000;

/** Admits the request, runs the model, meters it, and words the answer. */
export async function infer(authorized: AuthorizedInference, parts: InferParts): Promise<InferenceOutput> {
  const admitted = await admit(authorized, parts);
  return authorized.handler.answer.kind === 'whole' ? whole(admitted, parts) : streamed(admitted, parts);
}

async function admit(authorized: AuthorizedInference, parts: InferParts): Promise<Admitted> {
  const { requestId, caller, request, region, model, handler, input } = authorized;
  const read = handler.read(input, model.modelId);
  const route = parts.router.route(model.modelId);
  const admission: Admission = {
    requestId,
    admittedAtMs: authorized.nowMs,
    ...callerFacts(caller),
    resourceTags: sortedTagPairs(model.resourceTags ?? NO_TAGS),
    accountTags: sortedTagPairs(parts.directory.account(caller.accountId)?.tags ?? NO_TAGS),
    operation: handler.operation,
    requestedModelId: handler.requestedModelId(input),
    modelId: model.modelId,
    resourceArn: model.resourceArn,
    region,
    route: model.route,
    upstream: route.backend.name,
    tier: read.tier,
    sourceIp: request.sourceIp,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, USER_AGENT_CHARACTERS_MAX),
    requestMetadata: read.requestMetadata,
    inputTokensEstimate: Math.ceil(request.body.length / CHARACTERS_PER_TOKEN),
  };
  await parts.journal.admit(admission);
  const call = { ...read.prompt, requestId, modelId: model.modelId, upstreamModelId: route.upstreamModelId };
  return { authorized, read, route, call, admission };
}

async function whole(
  { authorized, read, route, call, admission }: Admitted,
  parts: InferParts,
): Promise<InferenceOutput> {
  const { handler, model } = authorized;
  if (handler.answer.kind !== 'whole') throw new Error('a streaming handler was asked for a whole answer');
  let answer: ModelAnswer;
  try {
    answer = await route.backend.complete(call);
  } catch (error) {
    const clientGone = authorized.request.clientGone.aborted;
    throw await settleFailure(admission, { error, hasStarted: false, outputCharacters: 0, clientGone }, parts);
  }
  const endedAtMs = parts.clock();
  await parts.journal.settle(
    outcome(admission, endedAtMs, 'completed', answer.usage, authorized.request.clientGone.aborted),
  );
  const { requestId, admittedAtMs } = admission;
  const timing = { latencyMs: endedAtMs - admittedAtMs };
  return handler.answer.write(answer, { read, requestId, modelId: model.modelId, admittedAtMs, timing });
}

async function streamed(admitted: Admitted, parts: InferParts): Promise<InferenceOutput> {
  const { authorized, read, route, call, admission } = admitted;
  const { handler, model, request } = authorized;
  if (handler.answer.kind !== 'stream') throw new Error('a whole-answer handler was asked to stream');
  let firstTokenMs: number | undefined;
  let endedAtMs = 0;
  const noteFirst = () => {
    firstTokenMs = parts.clock() - admission.admittedAtMs;
  };
  const stream = new MeteredStream(route.backend.stream(call), noteFirst, async (end) => {
    endedAtMs = parts.clock();
    if (end.hasStarted && end.error !== undefined && !(end.error instanceof Fault)) {
      parts.onBug(end.error, admission.requestId);
    }
    if (end.error !== undefined || !end.usage) return settleFailure(admission, end, parts, firstTokenMs);
    await parts.journal.settle(outcome(admission, endedAtMs, 'completed', end.usage, end.clientGone, firstTokenMs));
    return undefined;
  });
  request.clientGone.addEventListener('abort', () => stream.abandon(), { once: true });
  await stream.started();
  const timing = (): AnswerTiming => ({
    latencyMs: (endedAtMs || parts.clock()) - admission.admittedAtMs,
    ...(firstTokenMs !== undefined && { firstTokenMs }),
  });
  const { requestId, admittedAtMs } = admission;
  return handler.answer.write(stream, { read, requestId, modelId: model.modelId, admittedAtMs, timing });
}

/** Records a call that did not end well, and returns the error for the client. */
async function settleFailure(
  admission: Admission,
  end: StreamEnd,
  parts: InferParts,
  firstTokenMs?: number,
): Promise<unknown> {
  const error = end.error ?? new Fault('ModelStreamErrorException', 'The model stream ended before it was complete.');
  const { usage: reported, ...fields } = error instanceof Fault ? error.fields : { usage: undefined };
  const usage = (reported as TokenUsage | undefined) ?? end.usage ?? consumed(admission, end);
  const event = outcome(
    admission,
    parts.clock(),
    end.hasStarted ? 'cut' : 'failed',
    usage,
    end.clientGone,
    firstTokenMs,
  );
  await parts.journal.settle({ ...event, errorCode: error instanceof Fault ? error.code : 'InternalFailure' });
  return error instanceof Fault && reported ? new Fault(error.code, error.message, fields) : error;
}

/** Nothing where the model never answered; else what went by, estimated. */
function consumed(admission: Admission, end: StreamEnd): TokenUsage {
  if (!end.hasStarted) return { inputTokens: 0, outputTokens: 0, isEstimated: false, raw: '' };
  const outputTokens = Math.ceil(end.outputCharacters / CHARACTERS_PER_TOKEN);
  return { inputTokens: admission.inputTokensEstimate, outputTokens, isEstimated: true, raw: '' };
}

function outcome(
  admission: Admission,
  endedAtMs: number,
  status: UsageEvent['status'],
  usage: TokenUsage,
  clientGone: boolean,
  firstTokenMs?: number,
): UsageEvent {
  return {
    ...admission,
    endedAtMs,
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    status,
    errorCode: '',
    usage: hasBoundedRaw(usage) ? usage : { ...usage, raw: '' },
    clientGone,
  };
}

/** JSON text inside JSON grows by its escapes, six bytes a character at worst. */
function hasBoundedRaw({ raw }: TokenUsage): boolean {
  return raw.length * 6 <= USAGE_RAW_BYTES_MAX || Buffer.byteLength(JSON.stringify(raw)) <= USAGE_RAW_BYTES_MAX;
}
