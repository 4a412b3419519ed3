import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { Detector } from './detector.ts';
import type { Finding } from './finding.ts';
import type { SliceCell, UsageSlice } from './usage-slice.ts';

const MONDAY_MS = Date.UTC(2026, 5, 1);
const DAYS = 28;
const NOW_MS = MONDAY_MS + 60 * DAY_MS;
const APP = 'arn:aws:sts::123456789012:assumed-role/app-7/nightly';

/** What one principal is billed for in an hour or a day; a thousand tokens of input are a call. */
function slice(startMs: number, changes: Partial<SliceCell> = {}): UsageSlice {
  const tokens = { inputTokens: 200_000, cacheReadTokens: 800_000, cacheWriteTokens: 0, outputTokens: 90_000 };
  const where = { principal: APP, model: 'sonnet', region: 'us-east-1', client: '', tags: [] };
  return { startMs, cells: [{ ...where, ...tokens, requests: 1_000, costUsd: 4, ...changes }], facts: [] };
}

/** What is found in hours or days after four weeks of usual ones, each finding as it was last. */
function found(grain: '1h' | '1d', now: readonly Partial<SliceCell>[]): Finding[] {
  const lengthMs = grain === '1h' ? HOUR_MS : DAY_MS;
  const detector = new Detector({ tagKeys: [], subjectsMax: 10, newId: ({ value }, sinceMs) => `${value} ${sinceMs}` });
  const startMs = MONDAY_MS + DAYS * DAY_MS;
  for (let atMs = MONDAY_MS; atMs < startMs; atMs += lengthMs) detector.learn(slice(atMs), grain);
  const findings = now.flatMap((changes, index) =>
    detector.billed(slice(startMs + index * lengthMs, changes), grain, NOW_MS),
  );
  return [...new Map(findings.map((finding) => [finding.id, finding])).values()];
}

describe.each([['1h'], ['1d']] as const)('a bill by %s', (grain) => {
  it('has nothing to say of what is usual', () => {
    expect(found(grain, [{}, {}, {}])).toEqual([]);
  });

  it('tells a spike from its first hour or day on, and when it is over', () => {
    const [finding, ...others] = found(grain, [
      {},
      { costUsd: 40, requests: 10_000, inputTokens: 2_000_000 },
      {},
      {},
      {},
    ]);
    const sinceMs = MONDAY_MS + DAYS * DAY_MS + (grain === '1h' ? HOUR_MS : DAY_MS);
    expect(finding).toMatchObject({ subject: { kind: 'principal', value: APP }, sinceMs, detectedAtMs: NOW_MS });
    expect(finding!.kind).toBe(grain === '1h' ? 'spend_spike' : 'sustained_rise');
    expect(finding).toHaveProperty('endedAtMs');
    expect(Number(finding!.actualUsd)).toBeCloseTo(40, 0);
    expect(Number(finding!.expectedUsd)).toBeCloseTo(4, 0);
    expect(others).toEqual([]);
  });

  it('tells caches that collapse and answers that grow, in words without calls', () => {
    const collapse = { costUsd: 9, inputTokens: 1_000_000, cacheReadTokens: 0 };
    const [lost] = found(grain, [collapse, collapse]);
    expect(lost!.kind).toBe('cache_collapse');
    expect(lost!.evidence[0]).toBe('0 % of the input was read from the cache; 80 % is usual');
    const longer = { costUsd: 12, outputTokens: 600_000 };
    const [grown] = found(grain, [longer, longer]);
    expect(grown!.kind).toBe('longer_output');
    expect(grown!.evidence[0]).toBe('1,000 tokens of input were answered with 600 tokens; 90 is usual');
  });
});
