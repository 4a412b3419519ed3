import type { ModelAnswer, ModelBackend, NativeAnswer } from '../../inference/model-backend.ts';
import type { ModelCall } from '../../inference/model-call.ts';
import { isNativeCall, type NativeCall } from '../../inference/native-call.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AnswerFacts, InferenceHandler, InferenceOutput } from '../inference-handler.ts';
import { type Admitted, clientFacts } from './admit.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import { type SettleParts, settleCompleted, settleFailure } from './settle.ts';

/** Runs the model and meters it; what it answered is worded only then. */
export async function wholeAnswer(admitted: Admitted, parts: SettleParts): Promise<InferenceOutput | FailedAttempt> {
  const { authorized, attempt, call, hold } = admitted;
  const { target, limit, turn } = attempt;
  const { clientGone } = authorized.request;
  const { answer: writer } = target.candidate.handler;
  let answer: ModelAnswer | NativeAnswer;
  try {
    answer = await ask(writer, target.backend, call);
  } catch (error) {
    const end = { error, hasStarted: false, outputCharacters: 0, clientGone: clientGone.aborted };
    return await settleFailure(admitted, end, parts);
  } finally {
    limit.end();
  }
  const endedAtMs = parts.clock();
  const { usage, upstream } = answer;
  turn.succeeded(endedAtMs - attempt.startedAtMs);
  const ending = { endedAtMs, usage, clientGone: clientGone.aborted, ...(upstream && { upstream }) };
  await settleCompleted(admitted, ending, parts);
  hold.release();
  return worded(writer, answer, { ...clientFacts(admitted), timing: { latencyMs: endedAtMs - authorized.nowMs } });
}

type Writer = InferenceHandler<unknown>['answer'];

function ask(
  { kind }: Writer,
  backend: ModelBackend,
  call: ModelCall | NativeCall,
): Promise<ModelAnswer> | Promise<NativeAnswer> {
  if (kind === 'whole' && !isNativeCall(call)) return backend.complete(call);
  if (kind !== 'native' || !isNativeCall(call)) {
    throw new Error('a handler read a call of another kind than it answers');
  }
  if (backend.invoke) return backend.invoke(call);
  throw new Fault('ValidationException', `the upstream \`${backend.name}\` cannot run \`${call.modelId}\``);
}

/** The kinds agree: `ask` has seen to it. */
function worded(writer: Writer, answer: ModelAnswer | NativeAnswer, facts: AnswerFacts): InferenceOutput {
  return writer.kind === 'whole'
    ? writer.write(answer as ModelAnswer, facts)
    : (writer as Extract<Writer, { kind: 'native' }>).write(answer as NativeAnswer, facts);
}
