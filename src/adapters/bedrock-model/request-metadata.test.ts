import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelCall } from '../bedrock-model.fixture.ts';
import { requestMetadata } from './request-metadata.ts';

const ARN = 'arn:aws:iam::123456789012:user/alice';
const OURS = { 'tallyline.request_id': 'req-1', 'tallyline.principal': ARN };

describe('request metadata', () => {
  it('names the request and the caller, and keeps the caller’s own', () => {
    expect(requestMetadata(modelCall({ requestMetadata: [['team', 'search']] }))).toEqual({ ...OURS, team: 'search' });
    expect(requestMetadata(modelCall())).toEqual(OURS);
  });

  it.each(['tallyline.principal', 'tallyline.request_id', 'tallyline.', 'Tallyline.Principal'])(
    'does not take the caller’s word for %s',
    (key) => {
      expect(requestMetadata(modelCall({ requestMetadata: [[key, 'mallory']] }))).toEqual(OURS);
    },
  );

  it('leaves out what there is no room for, in order', () => {
    const own = Array.from({ length: 16 }, (_, index) => [`k${index}`, 'v'] as const);
    const keys = Object.keys(requestMetadata(modelCall({ requestMetadata: own })));
    expect(keys).toEqual([...Object.keys(OURS), ...own.slice(0, 14).map(([key]) => key)]);
  });

  it('cuts what is too long or not allowed, and keeps it apart', () => {
    const caller = { ...modelCall().caller, arn: `arn:aws:iam::123456789012:user/${'x'.repeat(300)}` };
    const { 'tallyline.principal': principal = '' } = requestMetadata(modelCall({ caller }));
    expect(principal).toHaveLength(256);
    expect(principal).toMatch(/^arn:aws:iam::123456789012:user\/x+#[0-9a-f]{16}$/);
    const twin = { ...caller, arn: `${caller.arn}y` };
    expect(requestMetadata(modelCall({ caller: twin }))['tallyline.principal']).not.toBe(principal);
  });

  it('is always what AWS takes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), text, (own, arn) => {
        const caller = { ...modelCall().caller, arn };
        const entries = Object.entries(requestMetadata(modelCall({ caller, requestMetadata: own })));
        expect(entries.length).toBeLessThanOrEqual(16);
        for (const [key, value] of entries) {
          expect(key).toMatch(/^[a-zA-Z0-9\s:_@$#=/+,\-.]{1,256}$/);
          expect(value).toMatch(/^[a-zA-Z0-9\s:_@$#=/+,\-.]{0,256}$/);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
