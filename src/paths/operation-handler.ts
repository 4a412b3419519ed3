import type { Caller } from '../identity/principal.ts';
import type { WireRequest } from '../wire/exchange.ts';

/** One identified and decoded request to a control-plane operation. */
export interface OperationCall<Input> {
  readonly requestId: string;
  readonly caller: Caller;
  readonly input: Input;
  readonly request: WireRequest;
  /** Region of the credential scope: the region the caller addressed. */
  readonly region: string;
  readonly nowMs: number;
}

/** One permission the caller must hold. All listed permissions must be allowed. */
export interface AccessNeed {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of this operation beyond the global ones, e.g. `aws:RequestTag/team`; names in any letter case. */
  readonly context?: ReadonlyMap<string, readonly string[]>;
}

/**
 * One row of a service's operation table. There is no default for `access`: an operation says what it needs, or why
 * AWS asks for nothing, or that it decides by itself (AssumeRole and its trust policy). `self` is the action of what every
 * verified caller may ask about itself, unless a policy denies it.
 */
export interface OperationHandler<Input, Output> {
  readonly access:
    | ((call: OperationCall<Input>) => readonly AccessNeed[])
    | { readonly unchecked: string }
    | { readonly self: string };
  readonly run: (call: OperationCall<Input>) => Output | Promise<Output>;
}

/**
 * A service's operations by AWS's name. Inputs and outputs are typed per row with the SDK's own types (`import type`);
 * the table erases them, because `wire/` has checked the input against the same model.
 */
// biome-ignore lint/suspicious/noExplicitAny: each row is typed; a table of differently typed rows has no common input
export type OperationTable = Readonly<Record<string, OperationHandler<any, any>>>;
