/** How a value is compared with the listed texts: it matches when it compares with one of them. */
export type TextMatch = (
  | { readonly equalsAny: readonly string[] }
  | { readonly startsWithAny: readonly string[] }
  | { readonly endsWithAny: readonly string[] }
  | { readonly containsAny: readonly string[] }
) & { readonly ignoreCase?: boolean };

/** `equals`, `startsWith`, `endsWith` or `contains`. */
export type Comparison = keyof typeof COMPARISONS;

const COMPARISONS = {
  equals: (value: string, text: string) => value === text,
  startsWith: (value: string, text: string) => value.startsWith(text),
  endsWith: (value: string, text: string) => value.endsWith(text),
  contains: (value: string, text: string) => value.includes(text),
};

/** A match by its parts. */
export function comparisonOf(match: TextMatch): { readonly comparison: Comparison; readonly texts: readonly string[] } {
  if ('startsWithAny' in match) return { comparison: 'startsWith', texts: match.startsWithAny };
  if ('endsWithAny' in match) return { comparison: 'endsWith', texts: match.endsWithAny };
  if ('containsAny' in match) return { comparison: 'contains', texts: match.containsAny };
  return { comparison: 'equals', texts: match.equalsAny };
}

export function isMatch(value: string, match: TextMatch): boolean {
  const { comparison, texts } = comparisonOf(match);
  const read = (text: string) => (match.ignoreCase ? text.toLowerCase() : text);
  return texts.some((text) => COMPARISONS[comparison](read(value), read(text)));
}
