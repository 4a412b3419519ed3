/** Reads custom properties of the theme: pictures that leave the page do not know them. */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function themeFont(): string {
  return getComputedStyle(document.body).fontFamily;
}

/** Pixels of the small text of charts. */
export const FONT_SIZE = 11;

/** About how wide a text of that size is, in pixels: enough to keep texts apart. */
export function widthOf(text: string): number {
  return text.length * 6.3;
}
