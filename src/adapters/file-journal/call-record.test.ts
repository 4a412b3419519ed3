import fc from 'fast-check';
import { expect, it } from 'vitest';
import { requestIdIn } from './call-record.ts';

it('finds the request id wherever it is and whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (requestId, other) => {
      expect(requestIdIn(Buffer.from(JSON.stringify({ requestId, other })))).toBe(requestId);
      expect(requestIdIn(Buffer.from(JSON.stringify({ other, requestId })))).toBe(requestId);
    }),
  );
});
