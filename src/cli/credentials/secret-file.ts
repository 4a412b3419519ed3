import { readFileSync } from 'node:fs';
import { Fault } from '../../kernel/fault.ts';

/** STS takes tokens of 20,000 characters and assertions of 100,000. */
const BYTES_MAX = 200_000;

/** The text of a token or assertion, without the white space around it; `-` is standard input. Read anew each time. */
export function readSecretFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8').trim();
  } catch (error) {
    throw new Fault('NotFound', `cannot read \`${path}\`: ${(error as Error).message}`);
  }
  if (text === '') throw new Fault('ConfigInvalid', `\`${path}\` is empty`);
  if (text.length > BYTES_MAX) throw new Fault('ConfigInvalid', `\`${path}\` is too long for a token or an assertion`);
  return text;
}
