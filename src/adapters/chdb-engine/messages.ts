import type { EngineLimits } from './engine.ts';

/** First message to the child. The secret comes this way, never by argument or environment, where others could read it. */
export interface OpenMessage {
  readonly type: 'open';
  readonly folder: string;
  readonly username: string;
  readonly password: string;
  readonly limits: EngineLimits;
}

/** The other message to the child: end in good order. The channel's end means the same. */
export interface CloseMessage {
  readonly type: 'close';
}

/** `notInstalled`: the optional package `chdb`. */
export type StartFailure = 'notInstalled' | 'folderInUse' | 'unusable';

/** What the child says, once: where it listens, or that it cannot; the reason goes to its standard error. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly failure: StartFailure };
