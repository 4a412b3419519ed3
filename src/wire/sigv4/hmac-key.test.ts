import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HmacKey } from './hmac-key.ts';

describe('HmacKey', () => {
  // RFC 4231, test cases 1, 2 and 6.
  it.each([
    ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    ['4a656665', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    [
      'aa'.repeat(131),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('knows the digest of %s', (key, text, digest) => {
    expect(new HmacKey(Buffer.from(key, 'hex')).digest(text)).toBe(digest);
  });

  it('digests as Node does, whatever the key and the text', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.constant('é'.repeat(5_000)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), texts, texts, (bytes, text, other) => {
        const key = new HmacKey(Buffer.from(bytes));
        for (const one of [text, other, text]) {
          expect(key.digest(one)).toBe(createHmac('sha256', bytes).update(one).digest('hex'));
        }
      }),
      { seed: 1 },
    );
  });
});
