import { describe, expect, it } from 'vitest';
import { BUCKET_MS, HOUR_MS } from '../kernel/time.ts';
import { Detector } from './detector.ts';
import { expectedBand } from './expected-band.ts';
import type { Finding } from './finding.ts';
import { BYTES_A_SUBJECT } from './subject-history.ts';
import type { CallFacts, SliceCell, UsageSlice } from './usage-slice.ts';

/** A Monday. */
const START_MS = Date.UTC(2026, 5, 1);
const WEEKS = 4;
const ANN = 'arn:aws:iam::123456789012:user/ann';
const BOB = 'arn:aws:iam::123456789012:user/bob';

function cell(principal: string, fields: Partial<SliceCell> = {}): SliceCell {
  return {
    ...{ principal, model: 'sonnet', region: 'us-east-1', client: 'aws-sdk-js', tags: ['search'] },
    ...{ costUsd: 1, requests: 40, inputTokens: 20_000, cacheReadTokens: 80_000, cacheWriteTokens: 0 },
    ...{ outputTokens: 20_000, ...fields },
  };
}

function facts(principal: string, fields: Partial<CallFacts> = {}): CallFacts {
  return { principal, calls: 40, failed: 0, networks: ['192.0.2.0/24'], repeats: 1, ...fields };
}

const usual = (startMs: number): UsageSlice => ({
  startMs,
  cells: [cell(ANN), cell(BOB)],
  facts: [facts(ANN), facts(BOB)],
});

/** Four weeks in which two people of a team spend four dollars an hour, each. */
function learned(subjectsMax = 100): { detector: Detector; nowMs: number } {
  const newId = (subject: { value: string }, sinceMs: number) => `${subject.value} ${sinceMs}`;
  const detector = new Detector({ tagKeys: ['iamPrincipal/team'], subjectsMax, newId });
  const nowMs = START_MS + WEEKS * 7 * 24 * HOUR_MS;
  for (let atMs = START_MS; atMs < nowMs; atMs += BUCKET_MS) detector.learn(usual(atMs), '15m');
  return { detector, nowMs };
}

/** What comes of a bucket at its end, the one before having been as usual. */
function roundOf(detector: Detector, startMs: number, now: Omit<UsageSlice, 'startMs'>): Finding[] {
  return detector.round([usual(startMs - BUCKET_MS), { startMs, ...now }], startMs + BUCKET_MS - 1);
}

describe('the detector', () => {
  it('has nothing to say of what is usual', () => {
    const { detector, nowMs } = learned();
    expect(roundOf(detector, nowMs, usual(nowMs))).toEqual([]);
    expect(detector.subjectCount).toBe(5);
  });

  it('finds one cause once, on whom it is about', () => {
    const { detector, nowMs } = learned();
    const now = { cells: [cell(ANN, { costUsd: 40, requests: 1_600 }), cell(BOB)], facts: [facts(BOB)] };
    const findings = roundOf(detector, nowMs, now);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      ...{ kind: 'spend_spike', grain: '15m', severity: 'high', sinceMs: nowMs },
      subject: { kind: 'principal', value: ANN },
      causes: [{ principal: ANN, model: 'sonnet', reason: 'calls' }],
    });
    expect(findings[0]!.alsoSeenOn.map(({ kind }) => kind)).toEqual(['tag', 'model', 'all']);
    expect(findings[0]!.evidence[0]).toMatch(/^40\.00 USD from 2026-06-29 00:00 to 00:15 UTC; 1\.00 USD is usual/);
  });

  it('tells what calls are like: loops, failures, caches, answers', () => {
    const kindOf = (fields: Partial<SliceCell>, seen: Partial<CallFacts> = {}) => {
      const { detector, nowMs } = learned();
      const now = { cells: [cell(ANN, fields), cell(BOB)], facts: [facts(ANN, seen), facts(BOB)] };
      return roundOf(detector, nowMs, now).map(({ kind, subject }) => `${kind} ${subject.kind}`);
    };
    const loop = { requests: 800, costUsd: 20 };
    expect(kindOf(loop, { calls: 800, repeats: 760 })).toEqual(['runaway_loop principal']);
    const growth = { calls: 60, fromTokens: 2_000, toTokens: 150_000, risingShare: 0.97 };
    expect(kindOf({ costUsd: 20, inputTokens: 4_000_000 }, { growth })).toEqual(['growing_context principal']);
    expect(kindOf({ requests: 200, costUsd: 5 }, { calls: 200, failed: 150 })).toEqual(['error_storm principal']);
    expect(kindOf({ inputTokens: 100_000, cacheReadTokens: 0, costUsd: 2.5 })).toEqual(['cache_collapse principal']);
    expect(kindOf({ requests: 60, outputTokens: 200_000, costUsd: 5 })).toEqual(['longer_output principal']);
  });

  it('weighs novelties together: one alone is not grave', () => {
    const { detector, nowMs } = learned();
    const more = { costUsd: 0.3, requests: 60 };
    const alone = { cells: [cell(ANN), cell(ANN, { ...more, region: 'eu-central-1' })], facts: [facts(ANN)] };
    expect(roundOf(detector, nowMs, alone).filter(({ severity }) => severity !== 'low')).toEqual([]);
    const other = learned();
    const strange = { costUsd: 1.4, requests: 60, region: 'eu-central-1', client: 'curl', model: 'opus' };
    const all = {
      cells: [cell(ANN), cell(ANN, strange)],
      facts: [facts(ANN, { calls: 100, networks: ['192.0.2.0/24', '198.51.100.0/24'] })],
    };
    expect(roundOf(other.detector, other.nowMs, all)).toMatchObject([
      { kind: 'unfamiliar_use', severity: 'medium', subject: { value: ANN } },
    ]);
  });

  it('ends a finding that is over, and takes it up again where it comes back', () => {
    const { detector, nowMs } = learned();
    const bad = { cells: [cell(ANN, { costUsd: 40 }), cell(BOB)], facts: [facts(ANN), facts(BOB)] };
    const [begun] = roundOf(detector, nowMs, bad);
    const ends = [1, 2, 3, 4, 5, 6].flatMap((quarter) => {
      const startMs = nowMs + quarter * BUCKET_MS;
      const before = quarter === 1 ? { startMs: nowMs, ...bad } : usual(startMs - BUCKET_MS);
      return detector.round([before, usual(startMs)], startMs + BUCKET_MS - 1);
    });
    expect(ends.at(-1)).toMatchObject({ id: begun!.id });
    expect(ends.at(-1)).toHaveProperty('endedAtMs');
    expect(detector.openCount).toBe(0);
    const [again] = roundOf(detector, nowMs + 12 * BUCKET_MS, bad);
    expect(again).toMatchObject({ id: begun!.id });
    expect(again).not.toHaveProperty('endedAtMs');
  });

  it('is told of newcomers by what they cost, not by their being new', () => {
    const newcomer = (costUsd: number) => {
      const { detector, nowMs } = learned();
      const now = { cells: [...usual(nowMs).cells, cell(`${ANN}a`, { costUsd })], facts: [] };
      return roundOf(detector, nowMs, now).map(({ kind, subject }) => `${kind} ${subject.value}`);
    };
    expect(newcomer(0.2)).toEqual([]);
    expect(newcomer(400)).toEqual([`new_spender ${ANN}a`]);
  });

  it('forgets the longest unused where there are too many, and keeps 21 kB of each', () => {
    const { detector, nowMs } = learned(3);
    const names = Array.from({ length: 50 }, (_, index) => `arn:aws:iam::123456789012:user/u${index}`);
    roundOf(detector, nowMs, { cells: names.map((name) => cell(name, { costUsd: 0.01 })), facts: [] });
    expect(detector.subjectCount).toBe(6);
    expect(BYTES_A_SUBJECT).toBeLessThan(21_000);
  });
});

describe('what was expected', () => {
  it('is the habit of the hours before, and unknown without any', () => {
    const firstHour = START_MS / HOUR_MS;
    const hours = Array.from({ length: 500 }, (_, hour) => (hour % 24 < 12 ? 2 : 1));
    const band = expectedBand(hours, firstHour, firstHour + 480);
    expect(band?.(firstHour + 481).expectedUsd).toBeCloseTo(2);
    expect(band?.(firstHour + 495).expectedUsd).toBeCloseTo(1);
    expect(band!(firstHour + 481).upperUsd).toBeGreaterThan(2);
    expect(expectedBand([0, 0, 0], firstHour, firstHour + 2)).toBeUndefined();
  });
});
