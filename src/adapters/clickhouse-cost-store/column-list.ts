/** The columns of a CREATE TABLE. */
export function columnList(columns: Readonly<Record<string, string>>): string {
  return Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(',\n    ');
}

/**
 * Half of the SHA-256 of the identifying columns as RowBinary, where every text has its length in front: two different line
 * items have different bytes, and nobody can steer tag values into a collision that would add two principals together.
 */
export function keyOf(identity: readonly string[]): string {
  return `reinterpretAsUInt128(substring(SHA256(formatRow('RowBinary', ${identity.join(', ')})), 1, 16))`;
}
