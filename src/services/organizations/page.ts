import { Fault } from '../../kernel/fault.ts';

interface PageInput {
  /** 1 to 20. */
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** Entries of a page when the caller names no number: as many as a page may have. */
const DEFAULT_PAGE = 20;

/**
 * One page in the order of a key that tells all entries apart. The token names the last entry that was given, so that
 * entries which come or go in between neither repeat nor hide others.
 */
export function pageOf<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  { MaxResults = DEFAULT_PAGE, NextToken }: PageInput,
): { readonly items: readonly Item[]; readonly rest: { NextToken?: string } } {
  const last = NextToken === undefined ? undefined : readToken(NextToken);
  const left = [...items]
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => last === undefined || key > last)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const given = left.slice(0, MaxResults);
  const rest = given.length < left.length ? { NextToken: Buffer.from(given.at(-1)!.key).toString('base64url') } : {};
  return { items: given.map(({ item }) => item), rest };
}

/** Longest number of a time in milliseconds that is put into a key. */
const TIME_DIGITS = 15;

/** Oldest first. */
export function ageKey({ createdAtMs, id }: { readonly createdAtMs: number; readonly id: string }): string {
  return `${String(createdAtMs).padStart(TIME_DIGITS, '0')} ${id}`;
}

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (token === '' || Buffer.from(key).toString('base64url') !== token) {
    throw new Fault('InvalidInputException', 'You provided an invalid NextToken.', { Reason: 'INVALID_NEXT_TOKEN' });
  }
  return key;
}
