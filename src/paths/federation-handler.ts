import type { FederatedIdentity } from '../identity/federated-identity.ts';
import type { Caller } from '../identity/principal.ts';
import type { Fault } from '../kernel/fault.ts';
import type { WireRequest } from '../wire/exchange.ts';

/** One request that nobody signed: it brings a provider's word, a token or an assertion, which is still to be verified. */
export interface FederationCall<Input> {
  readonly requestId: string;
  readonly input: Input;
  readonly request: WireRequest;
  /** Of STS's global endpoint: an unsigned request names no region. */
  readonly region: string;
  readonly nowMs: number;
  /** To be told who was proven, before anything is decided: what is refused then is on record with them. */
  readonly noteIdentity: (identity: FederatedIdentity | Caller) => void;
}

export interface FederationAnswer<Output> {
  readonly output: Output;
  /** Headers of the answer, lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Why it was refused, where the answer leads a browser to a page that says so; absent: it was done. */
  readonly error?: Fault;
}

/** An operation that is accepted without a signature. It verifies and decides by itself; there is no caller. */
export interface FederationHandler<Input, Output> {
  readonly run: (call: FederationCall<Input>) => Promise<FederationAnswer<Output>>;
}

// biome-ignore lint/suspicious/noExplicitAny: each row is typed; a table of differently typed rows has no common input
export type FederationTable = Readonly<Record<string, FederationHandler<any, any>>>;
