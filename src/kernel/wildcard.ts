/** A test of one text, prepared once and run often. */
export type TextTest = (text: string) => boolean;

/** A stretch of a pattern: raw text, in which `*` and `?` are wildcards, or literal text, in which they are not. */
export interface PatternPart {
  readonly text: string;
  readonly isLiteral: boolean;
}

/** What stands between two `*`: text of which the positions in `holes` (`?`) match any one character. */
interface Segment {
  text: string;
  holes?: Set<number>;
}

/** The test of a pattern that is raw text as a whole. */
export function compileWildcard(pattern: string): TextTest {
  return compileParts([{ text: pattern, isLiteral: false }]);
}

/**
 * The test of a pattern put together from parts. The whole text must match and letter case counts.
 * There is no backtracking: each segment is searched for once, from left to right, so a test costs at most the length
 * of the text times that of the longest segment, whatever the number of wildcards.
 */
export function compileParts(parts: readonly PatternPart[]): TextTest {
  if (parts.every((part) => part.isLiteral || !/[*?]/.test(part.text))) {
    const expected = parts.map((part) => part.text).join('');
    return (text) => text === expected;
  }
  const segments = segmentsOf(parts);
  const first = segments[0]!;
  const last = segments.at(-1)!;
  if (segments.length === 1) return (text) => text.length === first.text.length && isAt(first, text, 0);
  const middle = segments.slice(1, -1).filter((segment) => segment.text !== '');
  if (middle.length === 0 && first.text === '' && last.text === '') return () => true;
  return (text) => {
    const end = text.length - last.text.length;
    if (end < first.text.length || !isAt(first, text, 0) || !isAt(last, text, end)) return false;
    let from = first.text.length;
    for (const segment of middle) {
      const found = find(segment, text, from, end);
      if (found < 0) return false;
      from = found + segment.text.length;
    }
    return true;
  };
}

/** What every text that matches begins with. */
export function literalHead(parts: readonly PatternPart[]): string {
  let head = '';
  for (const { text, isLiteral } of parts) {
    const end = isLiteral ? -1 : text.search(/[*?]/);
    if (end >= 0) return head + text.slice(0, end);
    head += text;
  }
  return head;
}

function segmentsOf(parts: readonly PatternPart[]): Segment[] {
  let current: Segment = { text: '' };
  const segments = [current];
  for (const part of parts) {
    if (part.isLiteral) {
      current.text += part.text;
      continue;
    }
    for (const run of part.text.split(/([*?])/)) {
      if (run === '*') {
        current = { text: '' };
        segments.push(current);
        continue;
      }
      if (run === '?') {
        current.holes ??= new Set();
        current.holes.add(current.text.length);
      }
      current.text += run;
    }
  }
  return segments;
}

function isAt(segment: Segment, text: string, at: number): boolean {
  const { holes } = segment;
  if (!holes) return text.startsWith(segment.text, at);
  if (at + segment.text.length > text.length) return false;
  for (let index = 0; index < segment.text.length; index++) {
    if (!holes.has(index) && segment.text[index] !== text[at + index]) return false;
  }
  return true;
}

/** Where the segment first stands in `text` at or after `from` and before `end`; -1 when nowhere. */
function find(segment: Segment, text: string, from: number, end: number): number {
  const lastStart = end - segment.text.length;
  if (!segment.holes) {
    const found = text.indexOf(segment.text, from);
    return found > lastStart ? -1 : found;
  }
  for (let at = from; at <= lastStart; at++) if (isAt(segment, text, at)) return at;
  return -1;
}
