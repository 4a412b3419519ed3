import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../kernel/time.ts';
import type { AuditRecord } from './audit-record.ts';
import { RefusalTally } from './refusal-tally.ts';

const START_MS = Date.parse('2026-11-24T12:00:00Z');

function tally(): RefusalTally {
  let count = 0;
  return new RefusalTally(() => `count-${++count}`);
}

function refused(change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    eventVersion: '1.11',
    userIdentity: { type: 'Unknown' },
    eventTime: '2026-11-24T12:00:00Z',
    eventSource: 'bedrock.amazonaws.com',
    eventName: 'Converse',
    awsRegion: 'us-east-1',
    sourceIPAddress: '10.0.0.1',
    userAgent: 'test',
    errorCode: 'UnrecognizedClientException',
    requestParameters: null,
    responseElements: null,
    requestID: 'request',
    eventID: 'first',
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '123456789012',
    eventCategory: 'Management',
    ...change,
  };
}

/** A caller that was proven. */
const KNOWN = { type: 'IAMUser', principalId: 'AIDA', accessKeyId: 'AKIA' } as const;

/** Calls that all records together stand for. */
function callsIn(records: readonly AuditRecord[]): number {
  return records.reduce((sum, { additionalEventData: data }) => sum + Number(data?.repeatedCalls ?? 1), 0);
}

describe('RefusalTally', () => {
  it('writes the first of its kind in a minute and counts the others', () => {
    const refusals = tally();
    expect(refusals.note(refused(), START_MS)).toEqual([refused()]);
    for (let n = 1; n <= 41; n++) {
      const eventTime = `2026-11-24T12:00:${String(n).padStart(2, '0')}Z`;
      expect(refusals.note(refused({ eventTime, requestID: `${n}` }), START_MS + n * 1_000)).toEqual([]);
    }
    expect(refusals.due(START_MS + MINUTE_MS - 1)).toEqual([]);
    expect(refusals.due(START_MS + MINUTE_MS)).toEqual([
      refused({
        eventID: 'count-1',
        eventTime: '2026-11-24T12:01:00Z',
        additionalEventData: {
          repeatedCalls: 41,
          areAlike: true,
          firstEventID: 'first',
          firstTime: '2026-11-24T12:00:00Z',
          lastTime: '2026-11-24T12:00:41Z',
        },
      }),
    ]);
    expect(refusals.due(START_MS + MINUTE_MS)).toEqual([]);
    expect(refusals.note(refused(), START_MS + MINUTE_MS)).toEqual([refused()]);
  });

  it.each<[string, Partial<AuditRecord>]>([
    ['address', { sourceIPAddress: '10.0.0.2' }],
    ['claimed key', { userIdentity: { type: 'Unknown', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } }],
    ['caller', { userIdentity: KNOWN }],
    ['operation', { eventName: 'InvokeModel' }],
    ['service', { eventSource: 'sts.amazonaws.com' }],
    ['error', { errorCode: 'InvalidSignatureException' }],
    ['parameters', { requestParameters: { modelId: 'a.b' } }],
  ])('tells calls apart by their %s', (_, change) => {
    const refusals = tally();
    refusals.note(refused(), START_MS);
    expect(refusals.note(refused(change), START_MS)).toEqual([refused(change)]);
  });

  it('writes a bounded number of records whatever strangers send, and counts every call', () => {
    const refusals = tally();
    const written: AuditRecord[] = [];
    for (let n = 0; n < 50_000; n++) {
      written.push(...refusals.note(refused({ sourceIPAddress: `2001:db8::${n.toString(16)}` }), START_MS));
    }
    // One stands for those that were too many to tell apart.
    expect(written).toHaveLength(101);
    const known = refused({ userIdentity: KNOWN, errorCode: 'AccessDenied' });
    expect(refusals.note(known, START_MS)).toEqual([known]);
    const counts = refusals.due(START_MS + MINUTE_MS);
    expect(counts).toHaveLength(1);
    expect(counts[0]?.additionalEventData).toMatchObject({ areAlike: false });
    expect(callsIn([...written, ...counts])).toBe(50_000);
  });

  it('loses no count when a minute ends in a call, nor when the server stops', () => {
    const refusals = tally();
    const written: AuditRecord[] = [];
    for (let n = 0; n < 1_000; n++) written.push(...refusals.note(refused(), START_MS + n * 130));
    written.push(...refusals.drain(START_MS + 200_000));
    expect(callsIn(written)).toBe(1_000);
  });
});
