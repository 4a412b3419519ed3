import { Fault } from '../../kernel/fault.ts';

interface PageRequest {
  readonly Marker?: string | undefined;
  /** 1 to 1000; 100 when absent. */
  readonly MaxItems?: number | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The rest of the answer, as IAM words it. */
  readonly rest: { IsTruncated: boolean; Marker?: string };
}

const DEFAULT_MAX_ITEMS = 100;

/**
 * One page in the order of a key that tells all items apart. The marker names the last item that was shown, so that
 * what is created or deleted between two pages neither repeats nor hides another item.
 */
export function pageOf<Item>(items: Iterable<Item>, keyOf: (item: Item) => string, request: PageRequest): Page<Item> {
  const after = request.Marker === undefined ? undefined : readMarker(request.Marker);
  const left = [...items]
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const shown = left.slice(0, request.MaxItems ?? DEFAULT_MAX_ITEMS);
  const isTruncated = shown.length < left.length;
  const rest = isTruncated ? { IsTruncated: true, Marker: writeMarker(shown.at(-1)!.key) } : { IsTruncated: false };
  return { items: shown.map(({ item }) => item), rest };
}

/** Names are unique without regard to letter case, and are listed so. */
export function nameKey(named: { readonly name: string }): string {
  return named.name.toLowerCase();
}

function writeMarker(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readMarker(marker: string): string {
  const key = Buffer.from(marker, 'base64url').toString();
  if (writeMarker(key) !== marker) throw new Fault('ValidationException', `Invalid Marker: ${marker}`);
  return key;
}
