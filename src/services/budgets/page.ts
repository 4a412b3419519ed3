import { Fault } from '../../kernel/fault.ts';
import { type PageInput, resultPage } from '../../paths/result-page.ts';

/** AWS publishes its default for the notifications of an account alone: 50. */
const DEFAULT_PAGE = 100;

/** One page of a list that is in the order of its keys. AWS's sentence for a token that is none is not published. */
export function pageOf<Item>(
  list: readonly Item[],
  keyOf: (item: Item) => string,
  input: PageInput,
): { items: readonly Item[]; rest: { NextToken?: string } } {
  const invalidToken = () => new Fault('InvalidNextTokenException', 'The pagination token is invalid.');
  return resultPage(list, keyOf, input, { size: DEFAULT_PAGE, invalidToken });
}
