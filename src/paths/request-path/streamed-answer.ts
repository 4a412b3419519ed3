import { isNativeCall } from '../../inference/native-call.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AnswerTiming, InferenceOutput } from '../inference-handler.ts';
import { type Admitted, clientFacts } from './admit.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import { MeteredStream } from './metered-stream.ts';
import { type SettleParts, settleCompleted, settleFailure } from './settle.ts';

export interface StreamedAnswerParts extends SettleParts {
  /** Told about an error that is not a Fault in a stream that has begun; one before that ends the request as any bug. */
  readonly onBug: (error: unknown, requestId: string) => void;
}

/** A stream that fails before it has begun is a failed attempt; later, its failure is the stream's last word. */
export async function streamedAnswer(
  admitted: Admitted,
  parts: StreamedAnswerParts,
): Promise<InferenceOutput | FailedAttempt> {
  const { authorized, attempt, call, admission, hold } = admitted;
  const { target, limit, turn } = attempt;
  const { answer } = target.candidate.handler;
  if (answer.kind !== 'stream' || isNativeCall(call)) throw new Error('only text can be streamed');
  let firstTokenAtMs: number | undefined;
  let endedAtMs = 0;
  const noteFirst = () => {
    firstTokenAtMs = parts.clock();
  };
  const firstTokenMs = (sinceMs: number) =>
    firstTokenAtMs === undefined ? {} : { firstTokenMs: firstTokenAtMs - sinceMs };
  const source = target.backend.stream(call);
  const stream = new MeteredStream(
    source,
    { noteFirst, noteDrained: (tokens) => limit.drained(tokens) },
    async (end) => {
      endedAtMs = parts.clock();
      limit.end();
      if (end.hasStarted && end.error !== undefined && !(end.error instanceof Fault)) {
        parts.onBug(end.error, admission.requestId);
      }
      const first = firstTokenMs(admission.admittedAtMs);
      if (end.error !== undefined || !end.usage) return settleFailure(admitted, { ...end, ...first }, parts);
      const { usage, clientGone, upstream } = end;
      turn.succeeded((firstTokenAtMs ?? endedAtMs) - admission.admittedAtMs);
      await settleCompleted(admitted, { endedAtMs, usage, clientGone, ...(upstream && { upstream }), ...first }, parts);
      return undefined;
    },
  );
  authorized.request.client.onGone(() => stream.abandon());
  hold.onCut((reason) => {
    limit.leave();
    stream.cut(reason);
  });
  const failed = await stream.started();
  if (failed) return failed;
  void stream.ended.then(() => hold.release());
  const timing = (): AnswerTiming => ({
    latencyMs: (endedAtMs || parts.clock()) - authorized.nowMs,
    ...firstTokenMs(authorized.nowMs),
  });
  return answer.write(stream, { ...clientFacts(admitted), tier: stream.tier ?? admitted.admission.tier, timing });
}
