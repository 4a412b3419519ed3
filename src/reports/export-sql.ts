import { cannotParse, scan, type Token } from './export-sql/scan.ts';

/**
 * The SQL subset of Data Exports: one SELECT list, one table, an optional WHERE and LIMIT. No functions, joins, grouping,
 * sub-queries, `*` or comments. Keywords in any letter case; names case-sensitive and unquoted; strings in single quotes.
 * (AWS Data Exports User Guide, "Data query", checked 2026-11.)
 */
export interface ExportStatement {
  readonly items: readonly SelectItem[];
  readonly table: string;
  readonly where?: Condition;
  readonly limit?: number;
}

/** `column`, or `column.key` for one entry of a map. */
export interface ColumnRef {
  readonly column: string;
  readonly key?: string;
}

export interface SelectItem extends ColumnRef {
  readonly alias?: string;
}

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Literal = { readonly text: string } | { readonly number: number };

export type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly ref: ColumnRef; readonly op: Comparison; readonly value: Literal }
  | { readonly ref: ColumnRef; readonly anyOf: readonly Literal[] };

const KEYWORDS = new Set(['SELECT', 'FROM', 'WHERE', 'AND', 'OR', 'NOT', 'IN', 'AS', 'LIMIT']);
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** Parentheses and NOTs inside one another; keeps the parser's stack small whatever it is sent. */
const MAX_DEPTH = 100;

/** Columns that a statement may name, in its list and conditions together; keeps what is sent to the store in bounds. */
const MAX_COLUMN_REFS = 1_000;

/** Reads a statement. Throws ValidationException with the place of the first problem. */
export function parseExportSql(statement: string): ExportStatement {
  return new Parser(scan(statement)).statement();
}

/** Recursive descent over the tokens; each method reads one production of the grammar. */
class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #columnRefs = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  statement(): ExportStatement {
    this.#keyword('SELECT');
    const items = [this.#selectItem()];
    while (this.#takeSymbol(',')) items.push(this.#selectItem());
    this.#keyword('FROM');
    const table = this.#name('a table name');
    const where = this.#takeKeyword('WHERE') ? this.#either(0) : undefined;
    const limit = this.#takeKeyword('LIMIT') ? this.#wholeNumber() : undefined;
    if (this.#peek().kind !== 'end') throw this.#expected('the end of the statement');
    return { items, table, ...(where && { where }), ...(limit !== undefined && { limit }) };
  }

  #selectItem(): SelectItem {
    const ref = this.#columnRef();
    return this.#takeKeyword('AS') ? { ...ref, alias: this.#word('an alias') } : ref;
  }

  #columnRef(): ColumnRef {
    this.#columnRefs += 1;
    if (this.#columnRefs > MAX_COLUMN_REFS) {
      throw cannotParse(this.#peek().at, `more than ${MAX_COLUMN_REFS} column names`);
    }
    const column = this.#name('a column name');
    return this.#takeSymbol('.') ? { column, key: this.#word('a key') } : { column };
  }

  #either(depth: number): Condition {
    const or = [this.#all(depth)];
    while (this.#takeKeyword('OR')) or.push(this.#all(depth));
    return or.length === 1 ? or[0]! : { or };
  }

  #all(depth: number): Condition {
    const and = [this.#single(depth)];
    while (this.#takeKeyword('AND')) and.push(this.#single(depth));
    return and.length === 1 ? and[0]! : { and };
  }

  #single(depth: number): Condition {
    if (depth > MAX_DEPTH) throw cannotParse(this.#peek().at, `more than ${MAX_DEPTH} levels of conditions`);
    if (this.#takeKeyword('NOT')) return { not: this.#single(depth + 1) };
    if (this.#takeSymbol('(')) {
      const inner = this.#either(depth + 1);
      this.#symbol(')');
      return inner;
    }
    const ref = this.#columnRef();
    if (this.#takeKeyword('NOT')) return { not: this.#membership(ref) };
    const op = COMPARISONS[this.#peek().text];
    if (this.#peek().kind !== 'symbol' || !op) return this.#membership(ref);
    this.#next += 1;
    return { ref, op, value: this.#literal() };
  }

  #membership(ref: ColumnRef): Condition {
    if (!this.#takeKeyword('IN')) throw this.#expected('a comparison or IN');
    this.#symbol('(');
    const anyOf = [this.#literal()];
    while (this.#takeSymbol(',')) anyOf.push(this.#literal());
    this.#symbol(')');
    return { ref, anyOf };
  }

  #literal(): Literal {
    const sign = this.#takeSymbol('-') ? -1 : 1;
    const token = this.#peek();
    if (token.kind === 'number' || (token.kind === 'string' && sign === 1)) {
      this.#next += 1;
      return token.kind === 'string' ? { text: token.text } : { number: sign * Number(token.text) };
    }
    throw this.#expected('a string in single quotes or a number');
  }

  #wholeNumber(): number {
    const token = this.#peek();
    const value = Number(token.text);
    if (token.kind !== 'number' || !Number.isSafeInteger(value)) throw this.#expected('a whole number');
    this.#next += 1;
    return value;
  }

  /** A table or column name: a word that is no keyword. */
  #name(what: string): string {
    const token = this.#peek();
    if (token.kind !== 'word' || KEYWORDS.has(token.text.toUpperCase())) throw this.#expected(what);
    this.#next += 1;
    return token.text;
  }

  /** An alias or key may be made of digits alone. */
  #word(what: string): string {
    if (this.#peek().kind !== 'number' || this.#peek().text.includes('.')) return this.#name(what);
    this.#next += 1;
    return this.#tokens[this.#next - 1]!.text;
  }

  #keyword(keyword: string): void {
    if (!this.#takeKeyword(keyword)) throw this.#expected(keyword);
  }

  #takeKeyword(keyword: string): boolean {
    const token = this.#peek();
    const isIt = token.kind === 'word' && token.text.toUpperCase() === keyword;
    if (isIt) this.#next += 1;
    return isIt;
  }

  #symbol(symbol: string): void {
    if (!this.#takeSymbol(symbol)) throw this.#expected(`\`${symbol}\``);
  }

  #takeSymbol(symbol: string): boolean {
    const token = this.#peek();
    const isIt = token.kind === 'symbol' && token.text === symbol;
    if (isIt) this.#next += 1;
    return isIt;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #expected(what: string): Error {
    const { kind, text, at } = this.#peek();
    return cannotParse(at, `expected ${what}, found ${kind === 'end' ? 'the end' : `\`${text.slice(0, 100)}\``}`);
  }
}
