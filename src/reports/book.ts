/** Whose figures: `ledger`, what was metered here; `bill`, what was imported of a bill that somebody else wrote. */
export const BOOKS = ['ledger', 'bill'] as const;
export type Book = (typeof BOOKS)[number];

/** The books of an installation, as reports need to know them. */
export interface Books {
  /** What is reported when a question names no book. */
  readonly primary: Book;
  /** Ids of the import sources whose lines count. Two deliveries of one bill would count it twice. */
  readonly billSources: readonly string[];
  /** Prefixed keys of all tags in imported bills. Whoever wrote the bill has activated them. */
  readonly billTagKeys: readonly string[];
  /** The latest call of the imported logs, whose calls are in the ledger. Absent: none has any. */
  readonly loggedToMs?: number;
}

/** Before anything was imported. */
export const LEDGER_ALONE: Books = { primary: 'ledger', billSources: [], billTagKeys: [] };

/** A catalog that answers from a book, whichever is the primary one. Absent: from the primary one. */
export function inBook<Catalog extends { readonly books?: Books }>(catalog: Catalog, book: Book | undefined): Catalog {
  return book === undefined ? catalog : { ...catalog, books: { ...(catalog.books ?? LEDGER_ALONE), primary: book } };
}
