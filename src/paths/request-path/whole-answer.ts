import type { ModelBackend, UpstreamFacts } from '../../inference/model-backend.ts';
import type { ModelCall } from '../../inference/model-call.ts';
import { isNativeCall, type NativeCall } from '../../inference/native-call.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AnswerFacts, InferenceHandler, InferenceOutput } from '../inference-handler.ts';
import { type Admitted, clientFacts } from './admit.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import { type SettleParts, settleCompleted, settleFailure } from './settle.ts';

/** Runs the model and meters it; what it answered is worded only then. */
export async function wholeAnswer(admitted: Admitted, parts: SettleParts): Promise<InferenceOutput | FailedAttempt> {
  const { authorized, attempt, call, hold } = admitted;
  const { target, limit, turn } = attempt;
  const { client } = authorized.request;
  let answer: UnwrittenAnswer;
  try {
    answer = await ask(target.candidate.handler.answer, target.backend, call);
  } catch (error) {
    const end = { error, hasStarted: false, outputCharacters: 0, clientGone: client.isGone };
    return await settleFailure(admitted, end, parts);
  } finally {
    limit.end();
  }
  const endedAtMs = parts.clock();
  const { usage, upstream } = answer;
  turn.succeeded(endedAtMs - attempt.startedAtMs);
  const ending = { endedAtMs, usage, clientGone: client.isGone, ...(upstream && { upstream }) };
  await settleCompleted(admitted, ending, parts);
  hold.release();
  return answer.write({ ...clientFacts(admitted), timing: { latencyMs: endedAtMs - authorized.nowMs } });
}

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
