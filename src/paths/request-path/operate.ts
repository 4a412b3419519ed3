import type { InferenceOutput } from '../inference-handler.ts';
import { type Authorized, type AuthorizeParts, callOf } from './authorize.ts';
import type { ParseParts } from './parse.ts';

export interface OperationParts extends ParseParts, AuthorizeParts {}

/** Runs a control-plane operation that policy has allowed. */
export async function operate(authorized: Extract<Authorized, { kind: 'operation' }>): Promise<InferenceOutput> {
  return { output: await authorized.handler.run(callOf(authorized)) };
}
