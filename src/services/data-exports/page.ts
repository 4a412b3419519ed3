import { Fault } from '../../kernel/fault.ts';

interface PageInput {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** Entries of a page when the caller names no number; AWS's default is not published, its maximum is 300. */
const DEFAULT_PAGE = 100;

/**
 * One page of a list that is in the order of its keys (`direction`: ascending or descending). The token names the last
 * entry that was given, so that entries which come or go in between neither repeat nor hide others.
 */
export function pageOf<Item>(
  list: readonly Item[],
  keyOf: (item: Item) => string,
  { MaxResults = DEFAULT_PAGE, NextToken }: PageInput,
  direction: 'ascending' | 'descending' = 'ascending',
): { items: readonly Item[]; rest: { NextToken?: string } } {
  const last = NextToken === undefined ? undefined : readToken(NextToken);
  const isAfter = (key: string) => last === undefined || (direction === 'ascending' ? key > last : key < last);
  const left = list.filter((item) => isAfter(keyOf(item)));
  const items = left.slice(0, MaxResults);
  return { items, rest: items.length < left.length ? { NextToken: writeToken(keyOf(items.at(-1)!)) } : {} };
}

function writeToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (token === '' || writeToken(key) !== token) throw new Fault('ValidationException', 'The next token is not valid');
  return key;
}
