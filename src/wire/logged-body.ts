import { EventStreamDecoder } from './event-stream.ts';

/**
 * A body for people to read: JSON as it is, the pieces of an event stream or of server-sent events as a list. Undefined for
 * what is none of these, or is cut off.
 */
export function bodyJson(contentType: string, bytes: Buffer): unknown {
  try {
    if (contentType.startsWith('application/vnd.amazon.eventstream')) return [...eventPayloads(bytes)];
    if (contentType.startsWith('text/event-stream')) return sentEvents(bytes.toString('utf8'));
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Converse's events under their names; a chunk of a native body as that body. */
function* eventPayloads(bytes: Buffer): Generator<unknown> {
  for (const { headers, payload } of new EventStreamDecoder().decode(bytes)) {
    const value = JSON.parse(payload.toString('utf8'));
    const name = headers[':event-type'] ?? headers[':exception-type'];
    if (name === 'chunk' && typeof value.bytes === 'string') {
      yield JSON.parse(Buffer.from(value.bytes, 'base64').toString('utf8'));
    } else yield { [String(name)]: value };
  }
}

function sentEvents(text: string): unknown[] {
  const data = text.split('\n').filter((line) => line.startsWith('data: '));
  return data.map((line) => line.slice('data: '.length)).flatMap((one) => (one === '[DONE]' ? [] : [JSON.parse(one)]));
}
