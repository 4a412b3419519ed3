import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventHeader, EventStreamDecoder, encodeEventHeaders, encodeEventMessage } from './event-stream.ts';

interface Vectors {
  readonly valid: readonly {
    readonly name: string;
    readonly encoded: string;
    readonly payload: string;
    readonly headers: Readonly<Record<string, { readonly type: string; readonly value: unknown }>>;
  }[];
  readonly damaged: readonly { readonly name: string; readonly encoded: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../test/vectors/event-stream/messages.json', import.meta.url), 'utf8'),
) as Vectors;

function headerValue({ type, value }: { readonly type: string; readonly value: unknown }): EventHeader {
  if (type === 'bytes') return Buffer.from(value as string, 'base64');
  if (type === 'timestamp') return new Date(value as number);
  return type === 'long' ? BigInt(value as string) : (value as string | number | boolean);
}

const decodeAll = (bytes: Buffer) => [...new EventStreamDecoder().decode(bytes)];

describe('the published vectors', () => {
  it.each(vectors.valid.map((vector) => [vector.name, vector] as const))('decodes %s', (_, vector) => {
    const [message, ...rest] = decodeAll(Buffer.from(vector.encoded, 'base64'));
    expect(rest).toEqual([]);
    expect(message?.payload.toString()).toBe(vector.payload);
    const headers = Object.entries(vector.headers).map(([name, header]) => [name, headerValue(header)]);
    expect({ ...message?.headers }).toEqual(Object.fromEntries(headers));
  });

  it.each(vectors.valid.filter(({ name }) => name !== 'all_headers').map((vector) => [vector.name, vector] as const))(
    'encodes %s',
    (_, vector) => {
      const headers = Object.entries(vector.headers).map(([name, header]) => [name, headerValue(header)] as const);
      const encoded = encodeEventMessage(encodeEventHeaders(Object.fromEntries(headers)), Buffer.from(vector.payload));
      expect(encoded.toString('base64')).toBe(vector.encoded);
    },
  );

  it.each(vectors.damaged.map((vector) => [vector.name, vector] as const))('refuses %s', (_, vector) => {
    expect(() => decodeAll(Buffer.from(vector.encoded, 'base64'))).toThrow('the event stream is damaged');
  });
});

describe('decoding', () => {
  const value = fc.oneof(
    fc.boolean(),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ maxLength: 50 }).map((text) => text.toWellFormed()),
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    fc.date({ noInvalidDate: true }),
  );
  const message = fc.record({
    headers: fc.dictionary(fc.stringMatching(/^[:a-z-]{1,20}$/), value, { maxKeys: 5, noNullPrototype: true }),
    payload: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  });

  it('gives back what was encoded, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (messages, chunkBytes) => {
        const bytes = Buffer.concat(
          messages.map(({ headers, payload }) => encodeEventMessage(encodeEventHeaders(headers), payload)),
        );
        const decoder = new EventStreamDecoder();
        const decoded = [];
        for (let at = 0; at < bytes.length; at += chunkBytes) {
          decoded.push(...decoder.decode(bytes.subarray(at, at + chunkBytes)));
        }
        decoder.end();
        expect(decoded.map(({ headers, payload }) => ({ headers: { ...headers }, payload }))).toEqual(messages);
      }),
      { seed: 20_260_523, numRuns: 200 },
    );
  });

  it('notices a stream that stops inside a message, and lengths that nobody may claim', () => {
    const bytes = encodeEventMessage(encodeEventHeaders({ a: 'b' }), Buffer.from('payload'));
    const decoder = new EventStreamDecoder();
    expect([...decoder.decode(bytes.subarray(0, -1))]).toEqual([]);
    expect(() => decoder.end()).toThrow('it stops inside a message');
    const huge = encodeEventMessage(Buffer.alloc(0), Buffer.alloc(16 * 1024 * 1024));
    expect(() => decodeAll(huge)).toThrow('a message is too long');
  });

  it('refuses headers that lie about their length, whatever the checksums say', () => {
    for (const headers of [
      Buffer.from([200]),
      Buffer.from([1, 0x61]),
      Buffer.from([1, 0x61, 7, 0xff, 0xff, 0x62]),
      Buffer.from([1, 0x61, 99]),
      Buffer.from([1, 0x61, 5, 0, 0]),
    ]) {
      expect(() => decodeAll(encodeEventMessage(headers, Buffer.alloc(0)))).toThrow('the event stream is damaged');
    }
  });
});
