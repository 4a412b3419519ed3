/** A string literal of the store. Control characters as their codes: a text ends where it seems to, and looks like what it is. */
export function sqlText(text: string): string {
  const escaped = text.replaceAll(/[\\']/g, '\\$&').replaceAll(/\p{Cc}/gu, (character) => {
    return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  });
  return `'${escaped}'`;
}
