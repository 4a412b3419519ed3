import { setTimeout } from 'node:timers/promises';

/** Resolves after the delay, or as soon as `until` aborts. */
export type Wait = (delayMs: number, until: AbortSignal) => Promise<void>;

export const timerWait: Wait = async (delayMs, until) => {
  try {
    await setTimeout(delayMs, undefined, { signal: until });
  } catch (error) {
    if (!until.aborted) throw error;
  }
};
