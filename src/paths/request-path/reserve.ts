import type { SpendGate, SpendHold } from '../../admission/spend-gate.ts';
import type { InferenceInput } from '../inference-handler.ts';
import type { Authorized, Candidate } from './authorize.ts';

export interface ReserveParts {
  readonly spendGate: SpendGate;
}

export type AuthorizedInference = Extract<Authorized, { kind: 'inference' }>;

/** A request that was read and has room on every budget. Whoever takes it over releases the hold in the end. */
export interface Reserved {
  readonly authorized: AuthorizedInference;
  readonly read: InferenceInput;
  readonly hold: SpendHold;
}

/**
 * Reads what is asked and holds the most that it can cost on every budget that it counts against. A promise only where there is
 * something to wait for.
 */
export function reserve(
  authorized: AuthorizedInference,
  { model, handler }: Candidate,
  { spendGate }: ReserveParts,
): Reserved | Promise<Reserved> {
  const { requestId, caller, request, region, input, json, nowMs } = authorized;
  const read = handler.read(input, model.modelId, json);
  const { modelId, route } = model;
  const { prompt, tier } = read;
  const bodyBytes = request.body.length;
  const hold = spendGate.reserve({ requestId, caller, prompt, bodyBytes, nowMs, modelId, region, route, tier });
  return hold instanceof Promise ? hold.then((made) => ({ authorized, read, hold: made })) : { authorized, read, hold };
}

/** The same for a further attempt, on top of what is held. */
export async function cover(reserved: Reserved, { model, handler }: Candidate): Promise<Reserved> {
  const { authorized, hold } = reserved;
  const read = handler.read(authorized.input, model.modelId, authorized.json);
  const { prompt, tier } = read;
  await hold.cover({ prompt, modelId: model.modelId, region: authorized.region, route: model.route, tier });
  return { ...reserved, read };
}
