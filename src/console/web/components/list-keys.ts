import type { KeyboardEvent } from 'react';

/**
 * Keys of a field above a list of options, whose ids are `${id}0`, `${id}1` and so on: the arrows move the mark, which is kept
 * in sight, and Enter chooses what is marked.
 */
export function onListKey<Item>(
  event: KeyboardEvent,
  list: {
    readonly id: string;
    readonly items: readonly Item[];
    /** Index of the marked one. */
    readonly active: number;
    readonly setActive: (index: number) => void;
    readonly choose: (item: Item) => void;
  },
): void {
  const { items, active } = list;
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const marked = items[active];
  if (step !== 0) {
    event.preventDefault();
    const next = Math.max(0, Math.min(items.length - 1, active + step));
    list.setActive(next);
    document.getElementById(`${list.id}${next}`)?.scrollIntoView({ block: 'nearest' });
  } else if (event.key === 'Enter' && marked !== undefined) {
    event.preventDefault();
    list.choose(marked);
  }
}
