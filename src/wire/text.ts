import { Fault } from '../kernel/fault.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws SerializationException for bytes that are not UTF-8, instead of putting U+FFFD into names and tags. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Fault('SerializationException', 'Invalid UTF-8');
  }
}

/** `%3A` for `:`. Throws SerializationException for what is no encoding of UTF-8. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Fault('SerializationException', 'Malformed percent-encoding');
  }
}
