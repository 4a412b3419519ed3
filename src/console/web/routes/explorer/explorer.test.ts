import { describe, expect, it } from 'vitest';
import { UTC } from '../../../../kernel/time-zone.ts';
import { searchText } from '../../display/view-state.ts';
import { conditionText, filterOf, readCondition } from '../../report/report-filter.ts';
import { answerOf } from './answer.ts';
import { awsCommand, cliCommand, topOf } from './commands.ts';
import { stepInto, stepOut } from './drill.ts';
import { partsOf, resolve } from './question.ts';
import { parseView } from './view.ts';

const NOW = Date.parse('2026-11-29T16:20:00Z');
const TEAM = 'tag:iamPrincipal/team';

function questionOf(search: Readonly<Record<string, string | readonly string[]>>) {
  return resolve(parseView(search), { atMs: NOW, zone: UTC, isByMonth: false }, ['ALL', 'OWN']);
}

const row = (day: string, key: string, cost: string, more: object = {}) => ({
  Start: `${day}T00:00:00Z`,
  End: '',
  Keys: [key],
  CostUsd: cost,
  ...more,
});

describe('a view in an address', () => {
  it('falls back to defaults for what makes no sense', () => {
    expect(parseView({ every: 'fortnight', by: ['nothing', 'model'], top: '-3', measure: 'x', chart: 'pie' })).toEqual({
      ...parseView({}),
      by: ['model'],
    });
    expect(parseView({ by: 'none' }).by).toEqual([]);
  });

  it('has filters with any values, as the command line writes them', () => {
    const condition = { word: TEAM, mode: 'exclude' as const, values: ['a|b', '100%', ''] };
    expect(conditionText(condition)).toBe('tag:iamPrincipal/team!=a%7Cb|100%25|');
    expect(readCondition(conditionText(condition))).toEqual(condition);
    expect(readCondition('nothing=x')).toBeUndefined();
    expect(filterOf([condition])).toEqual({
      not: {
        or: [
          { key: { tag: 'iamPrincipal/team' }, equalsAny: ['a|b', '100%'] },
          { absent: { tag: 'iamPrincipal/team' } },
        ],
      },
    });
    expect(searchText({ filter: [conditionText(condition)], by: [TEAM] })).toBe(
      '?filter=tag:iamPrincipal/team%21%3Da%257Cb%7C100%2525%7C&by=tag:iamPrincipal/team',
    );
  });
});

describe('an answer', () => {
  it('asks for what has no tag apart, so that it is never hidden in the rest', () => {
    const { grouped, unallocated } = partsOf(questionOf({ by: ['model', TEAM], filter: 'region=us-east-1' }));
    const region = { key: { dimension: 'region' }, equalsAny: ['us-east-1'] };
    const absent = { absent: { tag: 'iamPrincipal/team' } };
    expect(grouped.filter).toEqual({ and: [region, { not: absent }] });
    expect(unallocated?.filter).toEqual({ and: [region, absent] });
    expect(partsOf(questionOf({ by: 'model' })).unallocated).toBeUndefined();
  });

  it('sums to the total, to the last digit', () => {
    const answer = answerOf(
      questionOf({ by: TEAM, range: '2026-11-01..2026-11-02', every: 'day' }),
      [
        row('2026-11-01', 'blue', '0.1'),
        row('2026-11-02', 'blue', '0.2'),
        row('2026-11-02', 'red', '7'),
        row('2026-11-01', '', '0.000000000001', { IsOther: true }),
      ],
      [row('2026-11-02', '', '5')],
    );
    expect(answer.groups.map(({ kind, keys, sums }) => [kind, keys[0], sums.CostUsd])).toEqual([
      ['named', 'red', '7'],
      ['named', 'blue', '0.3'],
      ['other', undefined, '0.000000000001'],
      ['unallocated', undefined, '5'],
    ]);
    expect(answer.total.CostUsd).toBe('12.300000000001');
    expect(answer.groups[0]!.course.map((sums) => sums?.CostUsd)).toEqual([undefined, '7']);
    // In one question of another tool what has no tag takes a place among the top.
    expect(topOf(answer)).toBe(3);
  });
});

describe('steps', () => {
  const group = { id: '', kind: 'named' as const, keys: ['blue'], sums: {}, course: [] };
  const view = parseView({ by: TEAM, range: '7d' });

  it('lead from a team to its people, models, kinds of tokens, and requests', () => {
    const day = { startMs: Date.parse('2026-11-20T00:00:00Z'), endMs: Date.parse('2026-11-21T00:00:00Z') };
    expect(stepInto(view, group, UTC, day)).toEqual({
      kind: 'view',
      change: { range: '2026-11-20..2026-11-20', filter: [`${TEAM}=blue`], by: ['principal'], every: undefined },
    });
    const last = parseView({ by: 'direction', filter: ['principal=x', 'model=y'] });
    expect(stepInto(last, { ...group, keys: ['input'] }, UTC)).toEqual({
      kind: 'requests',
      search: { range: '30d', filter: ['principal=x', 'model=y', 'direction=input'] },
    });
    expect(stepInto(view, { ...group, kind: 'unallocated', keys: [] }, UTC)).toMatchObject({
      change: { filter: [`${TEAM}=`], by: ['principal'] },
    });
    expect(stepInto(view, { ...group, kind: 'other', keys: [] }, UTC)).toEqual({ kind: 'view', change: { top: '20' } });
  });

  it('lead back', () => {
    expect(stepOut(parseView({ by: 'principal', filter: `${TEAM}=blue` }))).toEqual({ filter: [], by: [TEAM] });
    expect(stepOut(view)).toBeUndefined();
  });
});

describe('commands', () => {
  it('ask the same question', () => {
    const question = questionOf({ by: [TEAM, 'model'], range: '7d', filter: "role!=it's" });
    expect(cliCommand(question, 11)).toBe(
      `tallyline report --by tag:iamPrincipal/team,model --every day --from 2026-11-23 --to 2026-11-30 --time-zone UTC --filter 'role!=it'\\''s' --top 11`,
    );
    expect(awsCommand('http://127.0.0.1:4280', question)).toContain(
      `--group-by Type=TAG,Key=iamPrincipal/team Type=DIMENSION,Key=MODEL`,
    );
    expect(awsCommand('http://127.0.0.1:4280', questionOf({ by: 'meter' }))).toBeUndefined();
    expect(awsCommand('http://127.0.0.1:4280', questionOf({ measure: 'tokens' }))).toBeUndefined();
  });

  it('take a coarser grain where a range has too many places', () => {
    expect(questionOf({ range: '90d', every: 'hour' }).granularity).toBe('DAILY');
    expect(questionOf({ range: '30d', every: 'hour' }).granularity).toBe('HOURLY');
    expect(questionOf({ range: '90d', every: 'quarter-hour', chart: 'treemap' }).granularity).toBe('TOTAL');
  });

  it('have instants where a range does not end with a day', () => {
    const question = questionOf({ by: 'model', range: '2026-11-20T06:00Z..2026-11-20T09:30Z' });
    expect(cliCommand(question, 10)).toContain('--every quarter-hour --from 2026-11-20T06:00Z --to 2026-11-20T09:30Z');
  });
});
