import { Fault } from '../../kernel/fault.ts';
import { type PageInput, resultPage } from '../../paths/result-page.ts';

/** AWS's default is not published, its maximum is 300. */
const DEFAULT_PAGE = 100;

/** One page of a list that is in the order of its keys (`direction`: ascending or descending). */
export function pageOf<Item>(
  list: readonly Item[],
  keyOf: (item: Item) => string,
  input: PageInput,
  direction: 'ascending' | 'descending' = 'ascending',
): { items: readonly Item[]; rest: { NextToken?: string } } {
  const invalidToken = () => new Fault('ValidationException', 'The next token is not valid');
  return resultPage(list, keyOf, input, { size: DEFAULT_PAGE, direction, invalidToken });
}
