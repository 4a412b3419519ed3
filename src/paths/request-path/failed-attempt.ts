import type { FailureKind } from '../../inference/upstream-failure.ts';

/** An attempt that no answer came of, settled. */
export class FailedAttempt {
  /** For the client, if no further attempt is made. */
  readonly error: unknown;
  /** Undefined: another attempt would fail alike. */
  readonly kind: FailureKind | undefined;
  /** It used something, or may have. */
  readonly isCharged: boolean;

  constructor(error: unknown, kind: FailureKind | undefined, isCharged: boolean) {
    this.error = error;
    this.kind = kind;
    this.isCharged = isCharged;
  }
}
