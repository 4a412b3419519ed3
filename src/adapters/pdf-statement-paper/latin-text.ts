/** Of Windows-1252, what stands at 0x80 to 0x9F: beside Latin-1 all that the standard fonts of PDF have. */
const WINDOWS = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';

/**
 * Text in the characters of the standard fonts. A letter with marks that they lack goes without its marks; every other
 * character is written as its number, `[U+4E2D]`, so that nobody takes it for the name.
 */
export function latinText(text: string): string {
  return [...text].map(latinCharacter).join('');
}

function latinCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  if ((code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff) || WINDOWS.includes(character)) return character;
  const bare = character.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  if (bare !== character && /^[\x20-\x7e]+$/.test(bare)) return bare;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
