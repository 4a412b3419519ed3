import { BOOKS, type Book } from './book.ts';

/** What a billing view shows. Without a book: the primary one of the installation. */
export interface BillingView {
  readonly book?: Book;
}

/**
 * An account's billing view by its ARN: AWS's primary view, and one custom view for each book, `custom-ledger` and
 * `custom-bill`. Undefined when it has no such view.
 */
export function billingView(arn: string, accountId: string): BillingView | undefined {
  const prefix = `arn:aws:billing::${accountId}:billingview/`;
  if (!arn.startsWith(prefix)) return undefined;
  const name = arn.slice(prefix.length);
  if (name === 'primary') return {};
  const book = BOOKS.find((candidate) => name === `custom-${candidate}`);
  return book && { book };
}
