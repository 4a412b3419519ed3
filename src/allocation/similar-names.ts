/** Why two names are taken for one: they differ in letter case, in what stands between letters, or in a letter or two. */
export type Likeness = 'case' | 'punctuation' | 'spelling';

/** Names that seem to mean one thing, in the order in which they came. */
export interface SimilarNames {
  readonly names: readonly string[];
  /** The widest difference within the group. */
  readonly likeness: Likeness;
}

/** From so many letters on one of them, or two, may be wrong; in shorter words another letter is another word. */
const ONE_ERROR_LETTERS = 6;
const TWO_ERRORS_LETTERS = 10;

const WIDTH: Readonly<Record<Likeness, number>> = { case: 0, punctuation: 1, spelling: 2 };

/** A name taken apart. */
interface Form {
  readonly name: string;
  readonly lower: string;
  /** Letters and digits alone, in lower case, without accents. */
  readonly folded: string;
  /** Runs of letters. */
  readonly words: readonly string[];
  /** Runs of digits, which are never mistyped: `12345` is another cost centre than `12346`. */
  readonly numbers: string;
}

/** Undefined: two names, or one and the same. */
export function likenessOf(a: string, b: string): Likeness | undefined {
  return a === b ? undefined : likeness(formOf(a), formOf(b));
}

/**
 * Groups of names of which each is like another of its group. A name is in one group at most, and most are in none. Takes
 * time by the square of the number of names.
 */
export function similarNames(names: readonly string[]): SimilarNames[] {
  const forms = [...new Set(names)].map(formOf);
  const groupOf = forms.map((_, index) => index);
  const root = (index: number): number => (groupOf[index] === index ? index : root(groupOf[index]!));
  const widest = new Map<number, Likeness>();
  for (const [first, a] of forms.entries()) {
    for (let second = first + 1; second < forms.length; second += 1) {
      const found = likeness(a, forms[second]!);
      if (!found) continue;
      const [one, other] = [root(first), root(second)];
      const likenesses = [found, ...[one, other].flatMap((group) => widest.get(group) ?? [])];
      groupOf[Math.max(one, other)] = Math.min(one, other);
      widest.set(Math.min(one, other), likenesses.reduce(wider));
    }
  }
  const groups = Map.groupBy(forms.keys(), root);
  return [...groups]
    .filter(([, members]) => members.length > 1)
    .map(([group, members]) => ({ names: members.map((index) => forms[index]!.name), likeness: widest.get(group)! }));
}

function wider(a: Likeness, b: Likeness): Likeness {
  return WIDTH[a] >= WIDTH[b] ? a : b;
}

function formOf(name: string): Form {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const lower = name.normalize('NFKC').toLowerCase();
  return {
    name,
    lower,
    folded: plain.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''),
    words: wordsOf(plain),
    numbers: (plain.match(/\p{N}+/gu) ?? []).join(' '),
  };
}

/** `DataScience`, `data-science` and `data science` have the same two. */
function wordsOf(plain: string): string[] {
  const apart = plain.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase();
  return apart.match(/\p{L}+/gu) ?? [];
}

function likeness(a: Form, b: Form): Likeness | undefined {
  if (a.lower === b.lower) return 'case';
  if (a.numbers !== b.numbers || a.folded === '') return undefined;
  if (a.folded === b.folded) return 'punctuation';
  return isMisspelt(a.words, b.words) ? 'spelling' : undefined;
}

/** Word by word, so that `team-a` and `team-b` stay two; in one piece where the words are divided differently. */
function isMisspelt(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return isTypo(a.join(''), b.join(''));
  const different = a.flatMap((word, index) => (word === b[index] ? [] : [[word, b[index]!] as const]));
  return different.length === 1 && isTypo(...different[0]!);
}

function isTypo(a: string, b: string): boolean {
  const letters = Math.min(a.length, b.length);
  const errors = letters >= TWO_ERRORS_LETTERS ? 2 : letters >= ONE_ERROR_LETTERS ? 1 : 0;
  return Math.abs(a.length - b.length) <= errors && editDistance(a, b) <= errors;
}

/** Letters to put in, leave out, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const steps = [last[column]! + 1, next[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1)];
      next.push(Math.min(...steps, isSwap ? before[column - 2]! + 1 : Number.POSITIVE_INFINITY));
    }
    [before, last] = [last, next];
  }
  return last[b.length]!;
}
