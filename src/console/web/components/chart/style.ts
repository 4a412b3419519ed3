/** Reads custom properties of the theme, which canvases do not know. */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function themeFont(): string {
  return getComputedStyle(document.body).fontFamily;
}

export const STRIPES = {
  symbol: 'rect',
  dashArrayX: [1, 0],
  dashArrayY: [3, 4],
  rotation: -Math.PI / 4,
  color: 'rgba(255, 255, 255, 0.45)',
} as const;
