import { opaqueBody } from '../../inference/native.ts';
import type { Turn } from '../../inference/upstream.ts';
import { failureKindOf } from '../../inference/upstream-failure.ts';
import { Fault } from '../../kernel/fault.ts';
import type { InferenceOutput } from '../inference-handler.ts';
import { type AdmitParts, admit } from './admit.ts';
import { type AttemptParts, Attempts } from './attempts.ts';
import { FailedAttempt } from './failed-attempt.ts';
import { type AuthorizedInference, cover, type Reserved, type ReserveParts, reserve } from './reserve.ts';
import type { SettleParts } from './settle.ts';
import { type StreamedAnswerParts, streamedAnswer } from './streamed-answer.ts';
import { wholeAnswer } from './whole-answer.ts';

export interface InferParts extends AttemptParts, ReserveParts, AdmitParts, SettleParts, StreamedAnswerParts {}

/** Makes room for the request on its budgets; then, attempt by attempt, admits it, runs the model, meters it. */
export async function infer(authorized: AuthorizedInference, parts: InferParts): Promise<InferenceOutput> {
  const attempts = new Attempts(authorized, parts);
  const reserving = reserve(authorized, attempts.target.candidate, parts);
  let reserved = reserving instanceof Promise ? await reserving : reserving;
  try {
    for (;;) {
      const outcome = await attempt(reserved, attempts, parts);
      if (!(outcome instanceof FailedAttempt)) {
        const { output, headers } = outcome;
        return { output, headers: headers ? { ...headers, ...reserved.hold.headers } : reserved.hold.headers };
      }
      await attempts.after(outcome);
      reserved = await cover(reserved, attempts.target.candidate);
    }
  } catch (error) {
    reserved.hold.release();
    throw error;
  }
}

/**
 * Throws only what is not the model's failure. An upstream that will not be asked, for its own or for others' sake, is
 * turned away from before anything is noted: nothing was attempted.
 */
async function attempt(
  reserved: Reserved,
  attempts: Attempts,
  parts: InferParts,
): Promise<InferenceOutput | FailedAttempt> {
  const { target } = attempts;
  const { caller, request } = reserved.authorized;
  const { model, handler } = target.candidate;
  const { prompt } = reserved.read;
  if ('isOpaque' in prompt && !target.backend.takesNativeBodies) throw opaqueBody(model.modelId);
  // A guardrail that is left out silently would be none.
  if (prompt.guardrail && !target.backend.appliesGuardrails) {
    throw new Fault(
      'ValidationException',
      `the upstream \`${target.backend.name}\` of the model applies no guardrails`,
    );
  }
  if (model.heldModelArn !== undefined && !target.backend.runsHeldModels) {
    throw new Fault(
      'ValidationException',
      `the upstream \`${target.backend.name}\` has no model that is paid for by the hour`,
    );
  }
  let turn: Turn;
  try {
    const turned = target.upstream.enter(model.modelId, caller.principalArn, attempts.leftMs, request.client);
    turn = turned instanceof Promise ? await turned : turned;
  } catch (error) {
    return new FailedAttempt(error, failureKindOf(error), false);
  }
  const begun = attempts.begin(turn);
  try {
    const admitted = await admit(reserved, begun, parts);
    return await (handler.answer.kind === 'stream' ? streamedAnswer(admitted, parts) : wholeAnswer(admitted, parts));
  } catch (error) {
    turn.left();
    begun.limit.end();
    throw error;
  }
}
