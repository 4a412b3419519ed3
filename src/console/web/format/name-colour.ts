/**
 * Twenty colours for names, ten hues in two depths, in the order of the theme's `--name-1` ... `--name-20`. Neighbours differ in
 * lightness as well as in hue, so that readers who do not see hues tell them apart.
 */
export const NAME_COLOURS = 20;

/** FNV-1a: the same name has the same colour on every page, in every browser, on every day. */
export function colourIndexOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return ((hash ^ (hash >>> 15)) >>> 0) % NAME_COLOURS;
}

/**
 * Colours of the names of one chart. A name keeps its own colour unless one before it in the list has it: two series of a chart
 * never look the same, as long as there are colours.
 */
export function colourIndexesOf(names: readonly string[]): number[] {
  const taken = new Set<number>();
  return names.map((name) => {
    let index = colourIndexOf(name);
    if (taken.size < NAME_COLOURS) while (taken.has(index)) index = (index + 7) % NAME_COLOURS;
    taken.add(index);
    return index;
  });
}
