import type { ModelEvent } from '../../inference/model-backend.ts';

/** The events of a stream; of another one, when the first failed at its first event in a way that `isMended` says is over. */
export function withSecondTry(
  begin: () => AsyncIterator<ModelEvent>,
  isMended: (error: unknown) => boolean,
): AsyncIterableIterator<ModelEvent> {
  let events = begin();
  let isFirst = true;
  const again = (error: unknown) => {
    if (!isMended(error)) throw error;
    events = begin();
    return events.next();
  };
  return {
    next: () => {
      if (!isFirst) return events.next();
      isFirst = false;
      return events.next().catch(again);
    },
    return: async (value) => (await events.return?.(value)) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
