import type { ModelOf } from '../../invocations/logged-usage.ts';
import type { TagPair } from '../../kernel/tags.ts';

/** What is known here of those who call elsewhere: a log has names alone. */
export interface LoggedCallers {
  readonly modelOf: ModelOf;
  /** Of the user or role behind an ARN, as they are now; none of one that is not known. */
  readonly principalTagsOf: (principalArn: string) => readonly TagPair[];
  readonly accountTagsOf: (accountId: string) => readonly TagPair[];
}
