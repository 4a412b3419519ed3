import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../../../adapters/sqlite-record-store.ts';
import { DAY_MS, HOUR_MS } from '../../../kernel/time.ts';
import { timeZoneOf, UTC } from '../../../kernel/time-zone.ts';
import { lastWeeks } from '../../../paths/change-path.ts';
import { AnomalyRegistry } from '../../../reports/anomaly-registry.ts';
import { askedPeriods, type PeriodsInput } from './asked-periods.ts';

/** 14:20 in Berlin, a day after its clocks were put forward. */
const NOW_MS = Date.UTC(2026, 2, 30, 12, 20);
const BERLIN = timeZoneOf('Europe/Berlin')!;
const ACCOUNT = '111111111111';
const registry = new AnomalyRegistry(new SqliteRecordStore(':memory:', () => NOW_MS));

function asked(input: PeriodsInput, zone = UTC, accountId: string | undefined = ACCOUNT) {
  return askedPeriods(input, { nowMs: NOW_MS, latest: lastWeeks(NOW_MS, zone), zone }, { registry, accountId });
}

/** Both periods as text of the zone. */
function texts(input: PeriodsInput, zone = UTC): string[] {
  const { before, after } = asked(input, zone);
  return [before, after].map(
    ({ startMs, endMs }) => `${zone.text(startMs).slice(0, 16)} ${zone.text(endMs).slice(0, 16)}`,
  );
}

const span = (start: string, end: string) => ({ Start: new Date(start), End: new Date(end) });

describe('the periods that are compared', () => {
  it('are the last seven whole days of the zone and the seven before, without anything asked', () => {
    expect(texts({}, BERLIN)).toEqual(['2026-03-16T00:00 2026-03-23T00:00', '2026-03-23T00:00 2026-03-30T00:00']);
    expect(asked({}, BERLIN).words).toBe('7 days against the 7 days before');
  });

  it('are whatever the latest are, also months', () => {
    const [before, after] = [
      { startMs: Date.UTC(2026, 0, 1), endMs: Date.UTC(2026, 1, 1) },
      { startMs: Date.UTC(2026, 1, 1), endMs: Date.UTC(2026, 2, 1) },
    ];
    const latest = { before, after, zone: UTC };
    const periods = askedPeriods({}, { nowMs: NOW_MS, latest, zone: UTC }, { registry, accountId: ACCOUNT });
    expect(periods).toMatchObject({ before, after });
    expect(periods.words).toBe('28 days against 31 days; what the length makes of it is a reason of its own');
  });

  it('are moved by whole days where they begin with one, also where clocks change or the last day is not over', () => {
    const days = { After: span('2026-03-27T23:00Z', '2026-03-29T22:00Z') };
    expect(texts(days, BERLIN)).toEqual(['2026-03-26T00:00 2026-03-28T00:00', '2026-03-28T00:00 2026-03-30T00:00']);
    const running = { After: span('2026-03-28T00:00Z', '2026-03-30T12:30Z') };
    expect(texts(running)).toEqual(['2026-03-25T00:00 2026-03-27T12:30', '2026-03-28T00:00 2026-03-30T12:30']);
    const hours = { After: span('2026-03-30T06:00Z', '2026-03-30T12:00Z') };
    expect(texts(hours)).toEqual(['2026-03-30T00:00 2026-03-30T06:00', '2026-03-30T06:00 2026-03-30T12:00']);
  });

  it('may be of any two lengths, which is said', () => {
    const input = { After: span('2026-03-01', '2026-03-29'), Before: span('2026-02-01', '2026-02-08') };
    expect(asked(input).words).toBe('28 days against 7 days; what the length makes of it is a reason of its own');
  });

  it('are months: over, with the one before; running, up to the same day and time', () => {
    expect(texts({ Month: '2026-02' }, BERLIN)).toEqual([
      '2026-01-01T00:00 2026-02-01T00:00',
      '2026-02-01T00:00 2026-03-01T00:00',
    ]);
    expect(texts({ Month: '2026-03', BeforeMonth: '2026-01' }, BERLIN)).toEqual([
      '2026-01-01T00:00 2026-01-30T14:30',
      '2026-03-01T00:00 2026-03-30T14:30',
    ]);
    expect(() => asked({ Month: '2026-05' })).toThrow(/has not begun yet/);
  });

  it('are the days of an anomaly beside the same days of the week before, with its usage alone', async () => {
    const arn = `arn:aws:ce::${ACCOUNT}:anomalymonitor/1`;
    await registry.createMonitor({
      ...{ arn, accountId: ACCOUNT, name: 'services', type: 'DIMENSIONAL', dimension: 'SERVICE' },
      ...{ createdAtMs: 0, updatedAtMs: 0, valueCount: 1, tags: [] },
    });
    const todayMs = NOW_MS - (NOW_MS % DAY_MS);
    const day = (dayMs: number) => ({ dayMs, actualUsd: '9', expectedUsd: '1', score: 1 });
    const evaluated = { lastEvaluatedAtMs: NOW_MS, valueCount: 1 };
    await registry.noteEvaluation(arn, evaluated, 0, () => [
      {
        ...{ id: 'a', monitorArn: arn, accountId: ACCOUNT, value: 'Amazon Bedrock', maxScore: 1 },
        ...{ days: [day(todayMs - DAY_MS), day(todayMs)], rootCauses: [], principals: [], toldSubscriptions: [] },
        ...{ detectedAtMs: NOW_MS, updatedAtMs: NOW_MS },
      },
    ]);
    const { before, after, filter, anomaly, words } = asked({ AnomalyId: 'a' });
    expect(after).toEqual({ startMs: todayMs - DAY_MS, endMs: todayMs + 12.5 * HOUR_MS });
    expect(before).toEqual({ startMs: after.startMs - 7 * DAY_MS, endMs: after.endMs - 7 * DAY_MS });
    expect([anomaly!.id, words]).toEqual(['a', 'against the same time a week before']);
    expect(filter).toEqual({
      and: [
        { key: { dimension: 'recordType' }, equalsAny: ['Usage'] },
        { key: { dimension: 'service' }, equalsAny: ['Amazon Bedrock'] },
      ],
    });
    expect(() => asked({ AnomalyId: 'a' }, UTC, '222222222222')).toThrow(/no anomaly `a`/);
  });
});
