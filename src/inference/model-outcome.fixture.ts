import { Fault } from '../kernel/fault.ts';
import type { ModelEvent } from './model-backend.ts';

/** What a model streamed, and the fault that ended it, if one did. */
export async function collect(
  events: AsyncIterable<ModelEvent>,
): Promise<{ events: ModelEvent[]; fault: Fault | undefined }> {
  const seen: ModelEvent[] = [];
  try {
    for await (const event of events) seen.push(event);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { events: seen, fault: error };
  }
  return { events: seen, fault: undefined };
}

/** The fault that a call fails with. */
export async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('no fault');
}
