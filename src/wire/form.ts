import { Fault } from '../kernel/fault.ts';
import { oncePer } from '../kernel/once-per.ts';
import type { WireRequest } from './exchange.ts';
import { decodePercent, decodeUtf8 } from './text.ts';

/**
 * A form of the query protocol. STS itself takes millions of fields; no operation of ours needs more than some
 * hundreds.
 */
const FIELDS_MAX = 10_000;

/** True for what the query protocol sends: a form, or `Action` in the query string, always to `/`. */
export function isQueryProtocol(request: WireRequest): boolean {
  return request.path === '/' && (isForm(request) || /(?:^|&)Action=/.test(request.query));
}

/**
 * Fields of the body, or of the query string when there is no body (GET, and URLs that were signed for POST). The first
 * occurrence of a name counts, as on STS. Throws SerializationException for what is no form.
 */
export const formOf = oncePer(
  (request: WireRequest): ReadonlyMap<string, string> =>
    parseForm(isForm(request) && request.body.length > 0 ? decodeUtf8(request.body) : request.query),
);

function isForm(request: WireRequest): boolean {
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers['content-type'] ?? '');
}

function parseForm(text: string): Map<string, string> {
  const form = new Map<string, string>();
  let fieldCount = 0;
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('&', start);
    if (end < 0) end = text.length;
    if (end > start) {
      fieldCount += 1;
      if (fieldCount > FIELDS_MAX) throw new Fault('SerializationException', 'Too many parameters');
      const field = text.slice(start, end);
      const equals = field.indexOf('=');
      const name = decodeField(equals < 0 ? field : field.slice(0, equals));
      if (!form.has(name)) form.set(name, equals < 0 ? '' : decodeField(field.slice(equals + 1)));
    }
    start = end + 1;
  }
  return form;
}

/** Clients write a space as `+` (botocore) or `%20` (JavaScript). */
function decodeField(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodePercent(spaced) : spaced;
}
