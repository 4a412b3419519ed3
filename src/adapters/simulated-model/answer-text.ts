/**
 * Sentences out of words that are one token each in the o200k vocabulary, with their leading blank: the number of pieces
 * is the number of tokens, and nothing needs to be counted (a test counts them).
 */
const OPENERS = [' The', ' Each', ' Every', ' This', ' One'] as const;
const NOUNS = [
  ...[' river', ' mountain', ' garden', ' window', ' letter', ' winter', ' morning', ' market', ' bridge', ' forest'],
  ...[
    ' harbor',
    ' kitchen',
    ' village',
    ' station',
    ' library',
    ' engine',
    ' number',
    ' pattern',
    ' signal',
    ' answer',
  ],
  ...[' question', ' story', ' picture', ' corner', ' shadow', ' paper', ' light', ' stone', ' field', ' cloud'],
] as const;
const VERBS = [' meets', ' follows', ' holds', ' keeps', ' finds', ' shows', ' leaves', ' moves'] as const;
const LINKS = [' near', ' under', ' behind', ' before', ' after', ' with'] as const;

/** Longest text, in tokens: an answer with a million output tokens is metered as such and still small to send. */
const MAX_TEXT_TOKENS = 256;

/** A short answer of two to four sentences, or `tokens` pieces of one (at most MAX_TEXT_TOKENS). The same seed, the same text. */
export function answerPieces(seed: number, tokens?: number): string[] {
  const pick = picker(seed);
  const sentences = 2 + (seed % 3);
  const length = tokens === undefined ? Number.POSITIVE_INFINITY : Math.min(tokens, MAX_TEXT_TOKENS);
  const pieces: string[] = [];
  for (let sentence = 0; tokens === undefined ? sentence < sentences : pieces.length < length; sentence++) {
    pieces.push(pick(OPENERS), pick(NOUNS), pick(VERBS), ' the', pick(NOUNS), pick(LINKS), ' the', pick(NOUNS), '.');
  }
  const [first, ...rest] = pieces.slice(0, length);
  return first === undefined ? [] : [first.trimStart(), ...rest];
}

/** Mulberry32: a small generator with a fixed sequence per seed. */
function picker(seed: number): <Item>(list: readonly Item[]) => Item {
  let state = seed | 0;
  return (list) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return list[((mixed ^ (mixed >>> 14)) >>> 0) % list.length] as (typeof list)[number];
  };
}
