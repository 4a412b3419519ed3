import type { Directory } from '../../identity/directory.ts';
import type { CallFacts, ModelCall } from '../../inference/model-call.ts';
import { profileFacts } from '../../inference/model-catalog.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import { NO_TAGS, sortedTagPairs } from '../../kernel/tags.ts';
import { type Admission, callerFacts } from '../../metering/usage-event.ts';
import type { UsageJournal } from '../../metering/usage-journal.ts';
import type { Attempt } from './attempts.ts';
import type { Reserved } from './reserve.ts';

export interface AdmitParts {
  readonly directory: Directory;
  readonly journal: UsageJournal;
}

/** An attempt that is in the journal: from here on it will be settled, whatever happens. */
export interface Admitted extends Reserved {
  readonly attempt: Attempt;
  readonly call: ModelCall | NativeCall;
  readonly admission: Admission;
}

/** Characters of a token, roughly, in English text and code: the base of estimates, which are always flagged. */
export const CHARACTERS_PER_TOKEN = 4;
const USER_AGENT_CHARACTERS_MAX = 512;

/** Notes an attempt in the journal. */
export async function admit(reserved: Reserved, attempt: Attempt, parts: AdmitParts): Promise<Admitted> {
  const { authorized, read } = reserved;
  const { caller, request, region, input } = authorized;
  const { candidate, backend, upstreamModelId } = attempt.target;
  const { model, handler } = candidate;
  const admission: Admission = {
    ...callerFacts(caller),
    requestId: attempt.requestId,
    admittedAtMs: attempt.startedAtMs,
    resourceTags: sortedTagPairs(model.resourceTags ?? NO_TAGS),
    accountTags: sortedTagPairs(parts.directory.account(caller.accountId)?.tags ?? NO_TAGS),
    operation: handler.operation,
    requestedModelId: handler.requestedModelId(input),
    modelId: model.modelId,
    resourceArn: model.resourceArn,
    region,
    route: model.route,
    upstream: backend.name,
    tier: read.tier,
    sourceIp: request.sourceIp,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, USER_AGENT_CHARACTERS_MAX),
    requestMetadata: read.requestMetadata,
    isBatch: handler.operation === 'ModelInvocationJob' && backend.billsBatchesAsCalls !== true,
    attemptOf: attempt.attemptOf,
    isRepeat: attempt.isRepeat,
    inputTokensEstimate: Math.ceil(request.body.length / CHARACTERS_PER_TOKEN),
  };
  await parts.journal.admit(admission);
  // Every attempt goes out under the caller's request id, so that an upstream can tell that it is the same call.
  const { requestId } = authorized;
  const { modelId, route } = model;
  const { tier, requestMetadata } = read;
  const facts: CallFacts = {
    ...profileFacts(model),
    requestId,
    modelId,
    upstreamModelId,
    caller,
    region,
    route,
    tier,
    requestMetadata,
    attempt: attempt.number,
    stop: attempt.limit,
    ...(attempt.timeouts && { timeouts: attempt.timeouts }),
  };
  return { authorized, read, hold: reserved.hold, attempt, call: { ...read.prompt, ...facts }, admission };
}

/** What the client is told: its own request, whichever attempt answered. */
export function clientFacts({ authorized, attempt, read }: Admitted) {
  const { requestId, nowMs } = authorized;
  return { read, requestId, modelId: attempt.target.candidate.model.modelId, admittedAtMs: nowMs };
}
