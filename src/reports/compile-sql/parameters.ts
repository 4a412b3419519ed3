import { Fault } from '../../kernel/fault.ts';
import type { CompiledQuery } from '../cost-store.ts';

/** Parameters of one statement: ends statements that cost categories which look at each other would make endless. */
const MAX_PARAMETERS = 20_000;
/** ClickHouse's `max_query_size`, less than which a statement must be, and `http_max_uri_size`, with room for settings. */
const MAX_SQL_CHARACTERS = 256_000;
const MAX_BYTES = 1_000_000;
/** `&param_p123=` */
const NAME_BYTES = 12;

/** The parameters of one query. Values go in, typed placeholders come out; no value ever enters the text. */
export class Parameters {
  readonly #values: Record<string, unknown> = {};
  #count = 0;

  /** A placeholder such as `{p3:String}`. Throws QueryInvalid for one too many. */
  add(type: string, value: unknown): string {
    if (this.#count === MAX_PARAMETERS) throw tooLong();
    const name = `p${this.#count++}`;
    this.#values[name] = value;
    return `{${name}:${type}}`;
  }

  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** The statement with these parameters. Throws QueryInvalid for what the store would not take. */
  statement(sql: string): CompiledQuery {
    if (sql.length > MAX_SQL_CHARACTERS || this.byteLength > MAX_BYTES) throw tooLong();
    return { sql, params: this.#values };
  }

  /** Length on the way to the store, where parameters are part of a URL: an estimate on the long side. */
  get byteLength(): number {
    return Object.values(this.#values).reduce<number>((sum, value) => {
      return sum + NAME_BYTES + encodeURIComponent(JSON.stringify(value)).length;
    }, 0);
  }
}

function tooLong(): Fault {
  return new Fault(
    'QueryInvalid',
    'the filter and the rules of the cost categories are too long for one question; ask for a shorter range or less at once',
  );
}
