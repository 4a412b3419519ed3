import { inBook } from './book.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { ReportQuery } from './report-query.ts';

/** Which cost allocation tags, or which cost categories, carry a value in a range. */
export interface NameQuery extends Pick<ReportQuery, 'range' | 'filter' | 'visible' | 'book'> {
  readonly of: 'tags' | 'costCategories';
}

/** The query, and the name that each column of its one row is about: 1 where it has a value. */
export function compileNamesInUse(
  { range, filter, visible, book, of }: NameQuery,
  catalog: CostCatalog,
): CompiledQuery & { names: string[] } {
  const parameters = new Parameters();
  const lines = new LineItemSql(range, inBook(catalog, book), parameters);
  const names = of === 'tags' ? lines.tagKeys() : lines.categoryNames();
  const columns = names.map((name, index) => {
    const value = of === 'tags' ? lines.tagValue(name) : lines.categoryValue(name);
    return `max(${value} != '') AS used${index}`;
  });
  return {
    ...parameters.statement(`SELECT ${columns.join(', ') || '1'}\nFROM ${lines.from(filter, { visible, cutsMs: [] })}`),
    names,
  };
}
