import type { ModelAnswer } from '../../inference/model-backend.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AnswerTiming, InferenceOutput } from '../inference-handler.ts';
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
  const { output, headers } = await (authorized.handler.answer.kind === 'whole'
    ? whole(admitted, parts)
    : streamed(admitted, parts));
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
  if (handler.answer.kind !== 'whole') throw new Error('a streaming handler was asked for a whole answer');
  let answer: ModelAnswer;
  try {
    answer = await route.backend.complete(call);
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
  return handler.answer.write(answer, { read, requestId, modelId: model.modelId, admittedAtMs, timing });
}

async function streamed(admitted: Admitted, parts: InferParts): Promise<InferenceOutput> {
  const { authorized, read, hold, route, call, admission } = admitted;
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
