import type { Fault } from '../kernel/fault.ts';

/** What operations that list ask for a page with. */
export interface PageInput {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface PageManner {
  /** Entries when the caller names no number. */
  readonly size: number;
  /** Absent: ascending. */
  readonly direction?: 'ascending' | 'descending';
  /** What the service answers to a token that is none of its own. */
  readonly invalidToken: () => Fault;
}

/**
 * One page of a list that is in the order of its keys. The token names the last entry that was given, so that entries
 * which come or go in between neither repeat nor hide others.
 */
export function resultPage<Item>(
  list: readonly Item[],
  keyOf: (item: Item) => string,
  { MaxResults, NextToken }: PageInput,
  { size, direction = 'ascending', invalidToken }: PageManner,
): { items: readonly Item[]; rest: { NextToken?: string } } {
  const last = NextToken === undefined ? undefined : readToken(NextToken, invalidToken);
  const isAfter = (key: string) => last === undefined || (direction === 'ascending' ? key > last : key < last);
  const left = list.filter((item) => isAfter(keyOf(item)));
  const items = left.slice(0, MaxResults ?? size);
  return { items, rest: items.length < left.length ? { NextToken: writeToken(keyOf(items.at(-1)!)) } : {} };
}

function writeToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readToken(token: string, invalidToken: () => Fault): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (token === '' || writeToken(key) !== token) throw invalidToken();
  return key;
}
