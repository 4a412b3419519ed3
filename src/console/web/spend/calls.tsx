import type { ReactElement } from 'react';
import type { Book } from '../../../reports/book.ts';
import { useSession } from '../api/session.ts';
import { Count } from '../components/figures.tsx';

/** How many calls were made. A bill counts none, so that it is not known from one. `book` absent: the primary one. */
export function Calls({ value, book }: { readonly value: string; readonly book?: Book | undefined }): ReactElement {
  const { Books } = useSession();
  if ((book ?? Books?.Primary) !== 'bill') return <Count value={value} />;
  return <span title="A bill does not say how many calls there were">–</span>;
}
