import type { Parameters } from '../compile-sql/parameters.ts';

/**
 * A map over the column `tags`: the values of some of its keys by normalised names. Of keys that normalise alike the first one
 * in order with a value stays, as AWS keeps one; a key without a letter or digit that names can hold has no name.
 */
export function normalisedMap(
  keys: readonly string[],
  nameOf: (key: string) => string,
  parameters: Parameters,
): string {
  const alike = Map.groupBy([...keys].sort(), nameOf);
  alike.delete('');
  if (alike.size === 0) return "CAST(map(), 'Map(String, String)')";
  const pairs = Array.from(alike, ([name, of]) => {
    const values = of.map((key) => `tags[${parameters.add('String', key)}]`);
    return `${parameters.add('String', name)}, ${values.reduceRight((rest, value) => `if(${value} != '', ${value}, ${rest})`)}`;
  });
  return `mapFilter((name, value) -> value != '', map(${pairs.join(', ')}))`;
}
