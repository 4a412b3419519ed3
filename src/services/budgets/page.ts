import { Fault } from '../../kernel/fault.ts';

interface PageInput {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** Entries of a page when the caller names no number; AWS's default is published for notifications of an account: 50. */
const DEFAULT_PAGE = 100;

/**
 * One page of a list that is in the order of its keys. The token names the last entry that was given, so that entries
 * which come or go in between neither repeat nor hide others.
 */
export function pageOf<Item>(
  list: readonly Item[],
  keyOf: (item: Item) => string,
  { MaxResults = DEFAULT_PAGE, NextToken }: PageInput,
): { items: readonly Item[]; rest: { NextToken?: string } } {
  const last = NextToken ? readToken(NextToken) : undefined;
  const start = last === undefined ? 0 : list.findIndex((item) => keyOf(item) > last);
  const items = start === -1 ? [] : list.slice(start, start + MaxResults);
  const isLast = start === -1 || start + items.length === list.length;
  return { items, rest: isLast ? {} : { NextToken: writeToken(keyOf(items.at(-1)!)) } };
}

function writeToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  // AWS's sentence is not published.
  if (writeToken(key) !== token) throw new Fault('InvalidNextTokenException', 'The pagination token is invalid.');
  return key;
}
