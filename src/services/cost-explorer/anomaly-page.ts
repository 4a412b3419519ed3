import { isText, PageTokens } from './page-token.ts';

/** Entries of one answer; AWS publishes no number. */
const PER_PAGE = 100;

interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextPageToken?: string | undefined;
}

interface AnomalyPage<Item> {
  readonly items: readonly Item[];
  /** What the answer says about the pages that follow. */
  readonly rest: { readonly NextPageToken?: string };
}

/** One page of things in the order in which they were made. */
export function pageByAge<Item extends { readonly createdAtMs: number; readonly arn: string }>(
  operation: string,
  accountId: string,
  items: readonly Item[],
  input: PageRequest,
): AnomalyPage<Item> {
  const ordered = items.map((item) => [`${instant(item.createdAtMs)} ${item.arn}`, item] as const);
  ordered.sort(([a], [b]) => (a < b ? -1 : 1));
  return page(operation, accountId, ordered, input, (key, after) => key > after);
}

/** One page of things of which the latest come first, by instant and id. */
export function pageLatestFirst<Item extends { readonly id: string }>(
  operation: string,
  accountId: string,
  items: readonly Item[],
  instantOf: (item: Item) => number,
  input: PageRequest,
): AnomalyPage<Item> {
  const ordered = items.map((item) => [`${instant(instantOf(item))} ${item.id}`, item] as const);
  ordered.sort(([a], [b]) => (a > b ? -1 : 1));
  return page(operation, accountId, ordered, input, (key, after) => key < after);
}

function page<Item>(
  operation: string,
  accountId: string,
  ordered: readonly (readonly [key: string, item: Item])[],
  input: PageRequest,
  isBehind: (key: string, after: string) => boolean,
): AnomalyPage<Item> {
  const tokens = new PageTokens(operation, accountId, input);
  const after = tokens.read(input.NextPageToken, isText);
  const behind = after === undefined ? ordered : ordered.filter(([key]) => isBehind(key, after));
  const limit = Math.min(Math.max(input.MaxResults ?? PER_PAGE, 1), PER_PAGE);
  const shown = behind.slice(0, limit);
  return {
    items: shown.map(([, item]) => item),
    rest: shown.length < behind.length ? { NextPageToken: tokens.write(shown.at(-1)![0]) } : {},
  };
}

/** Sorts as text as it does in time. */
function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}
