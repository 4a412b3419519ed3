import type { Caller } from '../identity/principal.ts';
import { Fault } from '../kernel/fault.ts';
import type { Decision, PolicySet } from './authorize.ts';
import type { ConditionContext } from './context.ts';

/** What was asked and why it was refused. */
export interface Denial {
  readonly caller: Caller;
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  readonly decision: Decision;
  readonly policies: PolicySet;
  readonly context: ConditionContext;
  /** Names of the condition keys that the operation adds to the global ones. */
  readonly operationKeys: readonly string[];
}

/** The Fault of a caller that policy refuses. What it knows beyond its message leaves sealed, or not at all. */
export class AccessDenied extends Fault {
  readonly denial: Denial;

  constructor(message: string, denial: Denial) {
    super('AccessDeniedException', message);
    this.denial = denial;
  }
}
