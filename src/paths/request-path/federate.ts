import type { FederatedIdentity } from '../../identity/federated-identity.ts';
import type { Caller } from '../../identity/principal.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Clock } from '../../kernel/time.ts';
import { decodeInput } from '../../wire/decode.ts';
import type { Routed } from '../../wire/operation.ts';
import type { FederationAnswer, FederationTable } from '../federation-handler.ts';
import type { CallTrail } from './audit.ts';

export interface FederateParts {
  readonly clock: Clock;
  /** Operations that are called without a signature: of STS, and the console's sign-in. */
  readonly federation: FederationTable;
}

/** Region of STS's global endpoint, to which requests belong that name none. */
const GLOBAL_REGION = 'us-east-1';

/** Answers one of the operations that begin a session with a provider's word, or a secret, instead of a signature. */
export async function federate(
  routed: Routed,
  call: CallTrail,
  { clock, federation }: FederateParts,
): Promise<FederationAnswer<unknown>> {
  const { name } = routed.operation;
  const { request, requestId } = call;
  const handler = Object.hasOwn(federation, name) ? federation[name] : undefined;
  if (!handler) throw new Fault('UnknownOperationException', `The operation ${name} is not supported.`);
  const input = decodeInput(routed, request);
  call.input = input;
  call.region = GLOBAL_REGION;
  const noteIdentity = (identity: FederatedIdentity | Caller) => {
    call.caller = identity;
  };
  return await handler.run({ requestId, input, request, region: GLOBAL_REGION, nowMs: clock(), noteIdentity });
}
