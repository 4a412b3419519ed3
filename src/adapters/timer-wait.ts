import { setTimeout } from 'node:timers/promises';
import type { Wait } from '../kernel/time.ts';

export const timerWait: Wait = async (delayMs, until) => {
  try {
    await setTimeout(delayMs, undefined, { signal: until });
  } catch (error) {
    if (!until.aborted) throw error;
  }
};
