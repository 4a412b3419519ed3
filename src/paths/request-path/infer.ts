import type { ModelBackend, UpstreamFacts } from '../../inference/model-backend.ts';
import type { ModelCall } from '../../inference/model-call.ts';
import { opaqueBody } from '../../inference/native.ts';
import { isNativeCall, type NativeCall } from '../../inference/native-call.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AnswerFacts, AnswerTiming, InferenceHandler, InferenceOutput } from '../inference-handler.ts';
import { type AdmitParts, type Admitted, admit } from './admit.ts';
import { type AttemptParts, Attempts } from './attempts.ts';
import { FailedAttempt } from './failed-attempt.ts';
import { MeteredStream } from './metered-stream.ts';
import { type AuthorizedInference, cover, type ReserveParts, reserve } from './reserve.ts';
import { type SettleParts, settleCompleted, settleFailure } from './settle.ts';

export interface InferParts extends AttemptParts, ReserveParts, AdmitParts, SettleParts {
  /** Told about an error that is not a Fault in a stream that has begun; one before that ends the request as any bug. */
  readonly onBug: (error: unknown, requestId: string) => void;
}

/** Makes room for the request on its budgets; then, attempt by attempt, admits it, runs the model, meters it. */
export async function infer(authorized: AuthorizedInference, parts: InferParts): Promise<InferenceOutput> {
  const attempts = new Attempts(authorized, parts);
  let attempt = attempts.first();
  let reserved = await reserve(authorized, attempt.target.candidate, parts);
  try {
    for (;;) {
      const admitted = await admit(reserved, attempt, parts);
      const outcome = await run(admitted, parts);
      if (!(outcome instanceof FailedAttempt)) {
        return { output: outcome.output, headers: { ...outcome.headers, ...reserved.hold.headers } };
      }
      attempt = await attempts.after(outcome);
      reserved = await cover(reserved, attempt.target.candidate);
    }
  } catch (error) {
    reserved.hold.release();
    throw error;
  }
}

/** Throws only what is not the model's failure. Once it has an answer, or the beginning of one, the hold is its own. */
function run(admitted: Admitted, parts: InferParts): Promise<InferenceOutput | FailedAttempt> {
  const isStream = admitted.attempt.target.candidate.handler.answer.kind === 'stream';
  return isStream ? streamed(admitted, parts) : whole(admitted, parts);
}

async function whole(admitted: Admitted, parts: InferParts): Promise<InferenceOutput | FailedAttempt> {
  const { authorized, attempt, call } = admitted;
  let answer: UnwrittenAnswer;
  try {
    answer = await ask(attempt.target.candidate.handler.answer, attempt.target.backend, call);
  } catch (error) {
    const clientGone = authorized.request.clientGone.aborted;
    return settleFailure(admitted, { error, hasStarted: false, outputCharacters: 0, clientGone }, parts);
  }
  const endedAtMs = parts.clock();
  const { usage, upstream } = answer;
  const clientGone = authorized.request.clientGone.aborted;
  await settleCompleted(admitted, { endedAtMs, usage, clientGone, ...(upstream && { upstream }) }, parts);
  admitted.hold.release();
  return answer.write({ ...clientFacts(admitted), timing: { latencyMs: endedAtMs - authorized.nowMs } });
}

/** A complete answer that is worded only once it has been metered. */
interface UnwrittenAnswer {
  readonly usage: TokenUsage;
  readonly upstream?: UpstreamFacts | undefined;
  readonly write: (facts: AnswerFacts) => InferenceOutput;
}

async function ask(
  writer: InferenceHandler<unknown>['answer'],
  backend: ModelBackend,
  call: ModelCall | NativeCall,
): Promise<UnwrittenAnswer> {
  if (writer.kind === 'native' && isNativeCall(call)) {
    if (!backend.invoke) {
      throw new Fault('ValidationException', `the upstream \`${backend.name}\` cannot run \`${call.modelId}\``);
    }
    const answer = await backend.invoke(call);
    return { usage: answer.usage, upstream: answer.upstream, write: (facts) => writer.write(answer, facts) };
  }
  if (writer.kind === 'whole' && !isNativeCall(call)) {
    requireReadable(call, backend);
    const answer = await backend.complete(call);
    return { usage: answer.usage, upstream: answer.upstream, write: (facts) => writer.write(answer, facts) };
  }
  throw new Error('a handler read a call of another kind than it answers');
}

function requireReadable(call: ModelCall, backend: ModelBackend): void {
  if (call.isOpaque && !backend.takesNativeBodies) throw opaqueBody(call.modelId);
}

/** A stream that fails before it has begun is a failed attempt; later, its failure is the stream's last word. */
async function streamed(admitted: Admitted, parts: InferParts): Promise<InferenceOutput | FailedAttempt> {
  const { authorized, attempt, call, admission, hold } = admitted;
  const { answer } = attempt.target.candidate.handler;
  if (answer.kind !== 'stream' || isNativeCall(call)) throw new Error('only text can be streamed');
  requireReadable(call, attempt.target.backend);
  let firstTokenAtMs: number | undefined;
  let endedAtMs = 0;
  const noteFirst = () => {
    firstTokenAtMs = parts.clock();
  };
  const firstTokenMs = (sinceMs: number) =>
    firstTokenAtMs === undefined ? {} : { firstTokenMs: firstTokenAtMs - sinceMs };
  const stream = new MeteredStream(attempt.target.backend.stream(call), noteFirst, async (end) => {
    endedAtMs = parts.clock();
    if (end.hasStarted && end.error !== undefined && !(end.error instanceof Fault)) {
      parts.onBug(end.error, admission.requestId);
    }
    const first = firstTokenMs(admission.admittedAtMs);
    if (end.error !== undefined || !end.usage) return settleFailure(admitted, { ...end, ...first }, parts);
    const { usage, clientGone, upstream } = end;
    await settleCompleted(admitted, { endedAtMs, usage, clientGone, ...(upstream && { upstream }), ...first }, parts);
    return undefined;
  });
  authorized.request.clientGone.addEventListener('abort', () => stream.abandon(), { once: true });
  hold.onCut((reason) => stream.cut(reason));
  const failed = await stream.started();
  if (failed) return failed;
  void stream.ended.then(() => hold.release());
  const timing = (): AnswerTiming => ({
    latencyMs: (endedAtMs || parts.clock()) - authorized.nowMs,
    ...firstTokenMs(authorized.nowMs),
  });
  return answer.write(stream, { ...clientFacts(admitted), timing });
}

/** What the client is told: its own request, whichever attempt answered. */
function clientFacts({ authorized, attempt, read }: Admitted) {
  const { requestId, nowMs } = authorized;
  return { read, requestId, modelId: attempt.target.candidate.model.modelId, admittedAtMs: nowMs };
}
