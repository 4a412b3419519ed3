import { Fault } from '../../kernel/fault.ts';
import type { CompiledQuery } from '../cost-store.ts';

/** Parameters of one statement: ends statements that cost categories which look at each other would make endless. */
const MAX_PARAMETERS = 20_000;
/** ClickHouse's `max_query_size`, less than which a statement must be, and `http_max_uri_size`, with room for settings. */
const MAX_SQL_CHARACTERS = 256_000;
const MAX_BYTES = 1_000_000;
/** `&param_p123=` */
const NAME_BYTES = 12;
/** Long parameters that together take more than this are written into the text. */
const MAX_LONG_BYTES = 60_000;
/** What is written in: a structure of 20,000 entries, asked for in a few places. */
const MAX_WRITTEN_CHARACTERS = 6_000_000;

/** The parameters of one query. Values go in, typed placeholders come out; no value ever enters the text. */
export class Parameters {
  readonly #values: Record<string, unknown> = {};
  readonly #long = new Set<string>();
  #count = 0;

  /** A placeholder such as `{p3:String}`. Throws QueryInvalid for one too many. */
  add(type: string, value: unknown): string {
    if (this.#count === MAX_PARAMETERS) throw tooLong();
    const name = `p${this.#count++}`;
    this.#values[name] = value;
    return `{${name}:${type}}`;
  }

  /** The same for lists that may be too long for the way of parameters: the store writes them into the text if they are. */
  addLong(type: string, value: readonly unknown[]): string {
    const placeholder = this.add(type, value);
    this.#long.add(`p${this.#count - 1}`);
    return placeholder;
  }

  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** The statement with these parameters. Throws QueryInvalid for what the store would not take. */
  statement(sql: string): CompiledQuery {
    const long = [...this.#long];
    const longBytes = this.#bytesOf(long);
    const isWritten = longBytes > MAX_LONG_BYTES;
    const bytes = isWritten ? this.byteLength - longBytes : this.byteLength;
    if (sql.length > MAX_SQL_CHARACTERS || bytes > MAX_BYTES) throw tooLong();
    if (!isWritten) return { sql, params: this.#values };
    const occurrences = long.reduce(
      (sum, name) => sum + this.#bytesOf([name]) * (sql.split(`{${name}:`).length - 1),
      0,
    );
    if (occurrences > MAX_WRITTEN_CHARACTERS) throw tooLong();
    return { sql, params: this.#values, written: long };
  }

  /** Length on the way to the store, where parameters are part of a URL: an estimate on the long side. */
  get byteLength(): number {
    return this.#bytesOf(Object.keys(this.#values));
  }

  #bytesOf(names: readonly string[]): number {
    return names.reduce((sum, name) => {
      return sum + NAME_BYTES + encodeURIComponent(JSON.stringify(this.#values[name])).length;
    }, 0);
  }
}

function tooLong(): Fault {
  return new Fault(
    'QueryInvalid',
    'the filter, the rules of the cost categories and the members of structures are too long for one question; ask for a shorter range or less at once',
  );
}
