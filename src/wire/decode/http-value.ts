import { Fault } from '../../kernel/fault.ts';
import type { Shape } from '../model.ts';
import { parseTimestamp } from '../timestamp.ts';

/**
 * A value from a path label, a header or the query string. `texts` holds every occurrence; only a list takes more
 * than the first. Undefined: nothing there, and for all but strings also an empty text.
 */
export function decodeHttpValue(shape: Shape, texts: readonly string[]): unknown {
  if (shape.kind === 'list') {
    return texts.length === 0 ? undefined : texts.map((text) => decodeHttpValue(shape.element, [text]));
  }
  const [text] = texts;
  if (text === undefined || (text === '' && shape.kind !== 'string')) return undefined;
  switch (shape.kind) {
    case 'integer':
    case 'long':
    case 'float': {
      const number = Number(text);
      const isWell = shape.kind === 'float' ? Number.isFinite(number) : /^-?\d+$/.test(text);
      if (isWell && (shape.kind !== 'integer' || number === (number | 0))) return number;
      throw notConvertible(text, shape.kind === 'integer' ? 'Integer' : shape.kind === 'long' ? 'Long' : 'Double');
    }
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw notConvertible(text, 'Boolean');
    case 'timestamp':
    case 'dateTime': {
      const date = parseTimestamp(text);
      if (date) return date;
      throw notConvertible(text, 'Timestamp');
    }
    default:
      return text;
  }
}

/** Bounded by the request line and the headers; not a body. */
function notConvertible(text: string, target: string): Fault {
  return new Fault('SerializationException', `'${text}' can not be converted to ${target}`);
}
