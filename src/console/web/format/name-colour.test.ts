import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { colourIndexesOf, colourIndexOf, NAME_COLOURS } from './name-colour.ts';

const css = readFileSync(new URL('../theme/tokens.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = css.split(':root[data-theme="dark"]');

function token(theme: string, name: string): string {
  return new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(theme)![1]!;
}

/** Relative luminance and contrast of WCAG 2.2. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

describe.each([
  ['light', light],
  ['dark', dark],
])('colours in the %s theme', (_, theme) => {
  const names = Array.from({ length: NAME_COLOURS }, (_, index) => `name-${index + 1}`);

  it('sets names off from what they stand on, at least 3:1', () => {
    const weak = [...names, 'other', 'untagged', 'unpriced', 'control'].filter(
      (name) => contrast(token(theme, name), token(theme, 'surface')) < 3,
    );
    expect(weak).toEqual([]);
  });

  it('sets text off, at least 4.5:1', () => {
    const weak = ['text', 'text-soft', 'text-faint', 'accent', 'good', 'warn', 'bad'].flatMap((name) =>
      ['surface', 'canvas', 'sunken']
        .filter((on) => contrast(token(theme, name), token(theme, on)) < 4.5)
        .map((on) => `${name} on ${on}`),
    );
    expect(weak).toEqual([]);
    for (const kind of ['good', 'warn', 'bad', 'accent'])
      expect(contrast(token(theme, kind), token(theme, `${kind}-wash`))).toBeGreaterThan(4.5);
    expect(contrast(token(theme, 'on-accent'), token(theme, 'accent'))).toBeGreaterThan(4.5);
  });
});

describe('the colour of a name', () => {
  it('is the same on every day', () => {
    expect(colourIndexOf('growth')).toBe(colourIndexOf('growth'));
    expect(
      ['', 'a', 'arn:aws:iam::123456789012:user/alice'].map(colourIndexOf).every((at) => at >= 0 && at < NAME_COLOURS),
    ).toBe(true);
  });

  it('is in one chart nobody else’s', () => {
    const names = Array.from({ length: NAME_COLOURS }, (_, index) => `team-${index}`);
    expect(new Set(colourIndexesOf(names)).size).toBe(NAME_COLOURS);
    expect(colourIndexesOf(['x', 'y'])[0]).toBe(colourIndexOf('x'));
  });
});
