import { Fault } from '../../kernel/fault.ts';

export type TokenKind = 'word' | 'number' | 'string' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; for strings the value between the quotes. */
  readonly text: string;
  /** Place of the first character, counted from 1. */
  readonly at: number;
}

/** A number is not followed by a letter, so that `AS 2026_cost` stays one word. */
const TOKEN =
  /\s*(?:(?<string>'(?:[^']|'')*')|(?<number>\d+(?:\.\d+)?(?![A-Za-z0-9_.]))|(?<word>[A-Za-z0-9_]+)|(?<symbol><>|!=|<=|>=|[=<>().,*-])|(?<end>$))/y;

/** Cuts a statement into tokens, with an `end` token last. Its length is bounded by the caller (36,000 characters). */
export function scan(statement: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let from = 0; tokens.at(-1)?.kind !== 'end'; from = TOKEN.lastIndex) {
    TOKEN.lastIndex = from;
    const match = TOKEN.exec(statement);
    if (!match) throw unreadable(statement, from);
    const groups = match.groups as Record<TokenKind, string | undefined>;
    const kind = (Object.keys(groups) as TokenKind[]).find((name) => groups[name] !== undefined)!;
    const written = groups[kind]!;
    const text = kind === 'string' ? written.slice(1, -1).replaceAll("''", "'") : written;
    tokens.push({ kind, text, at: from + match[0].length - written.length + 1 });
  }
  return tokens;
}

/** The statement is not in the grammar. AWS publishes no wording for this. */
export function cannotParse(at: number, problem: string): Fault {
  return new Fault('ValidationException', `The query statement cannot be parsed at character ${at}: ${problem}`, {
    Reason: 'cannotParse',
  });
}

function unreadable(statement: string, from: number): Fault {
  const at = from + statement.slice(from).search(/\S/);
  const character = String.fromCodePoint(statement.codePointAt(at)!);
  return cannotParse(at + 1, character === "'" ? 'a string is not closed' : `unexpected \`${character}\``);
}
