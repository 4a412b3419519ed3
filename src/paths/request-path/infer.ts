import type { ModelBackend, UpstreamFacts } from '../../inference/model-backend.ts';
import type { ModelCall } from '../../inference/model-call.ts';
import { isNativeCall, type NativeCall } from '../../inference/native-call.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AnswerFacts, AnswerTiming, InferenceHandler, InferenceOutput } from '../inference-handler.ts';
import { type AdmitParts, type Admitted, admit } from './admit.ts';
import { MeteredStream } from './metered-stream.ts';
import { type AuthorizedInference, type Reserved, type ReserveParts, reserve } from './reserve.ts';
import { type SettleParts, settleCompleted, settleFailure } from './settle.ts';

export interface InferParts extends ReserveParts, AdmitParts, SettleParts {
  /** Told about an error that is not a Fault in a stream that has begun; one before that ends the request as any bug. */
  readonly onBug: (error: unknown, requestId: string) => void;
}

/** Makes room for the request on its budgets, admits it, runs the model, meters it, and words the answer. */
export async function infer(authorized: AuthorizedInference, parts: InferParts): Promise<InferenceOutput> {
  const reserved = await reserve(authorized, parts);
  const admitted = await admitReserved(reserved, parts);
  const { output, headers } = await (authorized.handler.answer.kind === 'stream'
    ? streamed(admitted, parts)
    : whole(admitted, parts));
  return { output, headers: { ...headers, ...reserved.hold.headers } };
}

async function admitReserved(reserved: Reserved, parts: InferParts): Promise<Admitted> {
  try {
    return await admit(reserved, parts);
  } catch (error) {
    reserved.hold.release();
    throw error;
  }
}

async function whole(
  { authorized, read, hold, route, call, admission }: Admitted,
  parts: InferParts,
): Promise<InferenceOutput> {
  const { handler, model } = authorized;
  let answer: UnwrittenAnswer;
  try {
    answer = await ask(handler.answer, route.backend, call);
  } catch (error) {
    const clientGone = authorized.request.clientGone.aborted;
    throw await settleFailure(
      { admission, hold },
      { error, hasStarted: false, outputCharacters: 0, clientGone },
      parts,
    );
  }
  const endedAtMs = parts.clock();
  const { usage, upstream } = answer;
  const clientGone = authorized.request.clientGone.aborted;
  await settleCompleted({ admission, hold }, { endedAtMs, usage, clientGone, ...(upstream && { upstream }) }, parts);
  const { requestId, admittedAtMs } = admission;
  const timing = { latencyMs: endedAtMs - admittedAtMs };
  return answer.write({ read, requestId, modelId: model.modelId, admittedAtMs, timing });
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
    const answer = await backend.complete(call);
    return { usage: answer.usage, upstream: answer.upstream, write: (facts) => writer.write(answer, facts) };
  }
  throw new Error('a handler read a call of another kind than it answers');
}

async function streamed(admitted: Admitted, parts: InferParts): Promise<InferenceOutput> {
  const { authorized, read, hold, route, call, admission } = admitted;
  const { handler, model, request } = authorized;
  if (handler.answer.kind !== 'stream' || isNativeCall(call)) throw new Error('only text can be streamed');
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
    if (end.error !== undefined || !end.usage) return settleFailure({ admission, hold }, end, parts, firstTokenMs);
    const { usage, clientGone, upstream } = end;
    const ending = { endedAtMs, usage, clientGone, ...(upstream && { upstream }) };
    await settleCompleted(
      { admission, hold },
      { ...ending, ...(firstTokenMs !== undefined && { firstTokenMs }) },
      parts,
    );
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
