/** A request and its answer as bytes. */
export interface SeenInvocation {
  readonly requestId: string;
  readonly accountId: string;
  readonly input: { readonly contentType: string; readonly bytes: Buffer };
  readonly output: { readonly contentType: string; readonly bytes: Buffer };
  /** False for a stream whose client may have left before the model was done. */
  readonly isWhole: boolean;
}

/** Port: takes calls of models for the model invocation log. Nothing waits for it, and it never throws. */
export interface InvocationLog {
  /** True for the account and region's calls that are to be logged: nothing is kept of others. */
  wants(place: { readonly accountId: string; readonly region: string }): boolean;
  /** The answer was handed over, or its client is gone. */
  seen(invocation: SeenInvocation): void;
}
