import { describe, expect, it } from 'vitest';
import type { TallylineClient } from './client.ts';
import { type ReportOptions, report } from './report.ts';

const NOW = Date.parse('2026-11-22T21:07:30Z');

interface Asked {
  operation: string;
  input: Record<string, unknown>;
}

/** Answers with given rows, and notes what was asked: what the verb adds is the question and the table. */
async function run(options: ReportOptions, rows: readonly object[] = []): Promise<{ asked: Asked; text: string }> {
  let asked: Asked = { operation: '', input: {} };
  const client = {
    call: async (operation: string, input: Record<string, unknown>) => {
      asked = { operation, input };
      return { Rows: rows };
    },
  } as unknown as TallylineClient;
  const printed: string[] = [];
  await report(client, options, NOW, (text) => printed.push(text));
  return { asked, text: printed.join('\n') };
}

function row(keys: readonly string[], costUsd: string, tokens: string, extra: object = {}): object {
  const times = { Start: '2026-11-01T00:00:00Z', End: '2026-12-01T00:00:00Z' };
  return {
    ...times,
    Keys: keys,
    CostUsd: costUsd,
    NetCostUsd: costUsd,
    Tokens: tokens,
    Requests: '1',
    Unpriced: '0',
    ...extra,
  };
}

describe('tallyline report', () => {
  it('shows the measures that are asked for, and what they make of all rows together', async () => {
    const sums = (CostUsd: string, Tokens: string, classes: readonly string[]) => {
      const [InputTokens, CacheReadTokens, CacheWriteTokens] = classes;
      return { ...{ CostUsd, Tokens, InputTokens, CacheReadTokens, CacheWriteTokens }, Start: '2026-11-01T00:00:00Z' };
    };
    const { asked, text } = await run(
      {
        by: 'person,key,client',
        measure: 'cost-per-million,cache-hit-share',
        top: '5',
        topBy: 'tokens',
        scope: 'team',
      },
      [
        { ...sums('3.3', '1000000', ['500000', '500000', '0']), Keys: ['alice', 'AKIAEXAMPLE', 'boto3'] },
        { ...sums('0.1', '1000', ['1000', '0', '0']), Keys: ['bob', '', 'curl'] },
        { ...sums('0', '0', ['0', '0', '0']), Keys: ['carol', '', ''] },
      ],
    );
    expect(asked.input).toMatchObject({
      ...{ Scope: 'TEAM', TopN: 5, TopBy: 'TOKENS', Measures: ['COST_PER_MILLION_TOKENS', 'CACHE_HIT_SHARE'] },
      GroupBy: ['person', 'key', 'client'].map((Key) => ({ Type: 'DIMENSION', Key })),
    });
    expect(text.split('\n').slice(2)).toEqual([
      'person  key          client  USD per 1M tokens  cache hit share',
      '------  -----------  ------  -----------------  ---------------',
      'alice   AKIAEXAMPLE  boto3                 3.3              0.5',
      'bob     (none)       curl                  100                0',
      'carol   (none)       (none)                  -                -',
      'total                           3.396603396603           0.4995',
    ]);
  });

  it.each([
    [{ measure: 'cost,joy' }, '--measure `joy` is not valid: use cost, net-cost, list-cost, tokens'],
    [{ book: 'diary' }, '--book `diary` is not valid: use ledger or bill'],
    [{ scope: 'mine' }, '--scope `mine` is not valid: use all, team or own'],
  ])('refuses %j', async (options, message) => {
    await expect(run(options)).rejects.toThrow(message);
  });

  it('puts the words of --by and --filter into one query', async () => {
    const filter = ['model=a|b', 'tag:team=', 'region!=us-east-1'];
    const { asked } = await run({ by: 'tag:team,model,day', filter, top: '3' });
    expect(asked.input).toMatchObject({
      Granularity: 'DAILY',
      GroupBy: [
        { Type: 'TAG', Key: 'iamPrincipal/team' },
        { Type: 'DIMENSION', Key: 'model' },
      ],
      TopN: 3,
      Filter: {
        and: [
          { key: { dimension: 'model' }, equalsAny: ['a', 'b'] },
          { absent: { tag: 'iamPrincipal/team' } },
          { not: { key: { dimension: 'region' }, equalsAny: ['us-east-1'] } },
        ],
      },
    });
  });

  it('takes tags of principals by their bare key, and of other sources with the prefix', async () => {
    const { asked } = await run({ by: 'tag:cost/center,tag:resourceTags/project,tag:accountTag/unit' });
    expect(asked.input).toMatchObject({
      GroupBy: ['iamPrincipal/cost/center', 'resourceTags/project', 'accountTag/unit'].map((Key) => ({
        Type: 'TAG',
        Key,
      })),
    });
  });

  it('shows the dearest first, other last, untagged by name, and the exact total', async () => {
    const rows = [
      row([''], '0.1', '10'),
      row([''], '5', '500', { IsOther: true }),
      row(['ds'], '1234.000000000001', '1558300'),
    ];
    const { text } = await run({ by: 'tag:team' }, rows);
    expect(text.split('\n').slice(4)).toEqual([
      'ds          1,234.000000000001  1,558,300         1',
      '(untagged)                 0.1         10         1',
      '(other)                      5        500         1',
      'total       1,239.100000000001  1,558,810         3',
    ]);
  });

  it('shows what is unpriced when there are any', async () => {
    const { text } = await run({}, [row(['p'], '0', '7', { Unpriced: '7' })]);
    expect(text).toMatch(/ unpriced$/m);
  });

  it('tells hours of a zone, also the one that comes twice', async () => {
    const at = (Start: string, CostUsd: string) => ({ ...row(['p'], CostUsd, '1'), Start });
    const rows = [at('2026-10-25T01:00:00Z', '2'), at('2026-10-25T00:00:00Z', '1')];
    const options = { by: 'principal,hour', timeZone: 'europe/berlin', from: '2026-10-25', to: '2026-10-26' };
    const { asked, text } = await run(options, rows);
    expect(asked.input).toMatchObject({
      ...{ Start: '2026-10-24T22:00:00Z', End: '2026-10-25T23:00:00Z' },
      ...{ Granularity: 'HOURLY', TimeZone: 'Europe/Berlin' },
    });
    const lines = text.split('\n');
    expect(lines[0]).toBe('2026-10-25T00:00:00+02:00 to 2026-10-26T00:00:00+01:00');
    expect(lines.slice(4, 6).map((line) => line.split(' ')[0])).toEqual([
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:00:00+01:00',
    ]);
  });

  it('names what it does not know', async () => {
    await expect(run({ by: 'planet' })).rejects.toThrowError(
      /`planet` is nothing to group or filter by: use principal/,
    );
    await expect(run({ filter: ['model'] })).rejects.toThrowError(/--filter `model` is not valid/);
    await expect(run({ timeZone: 'Mars/Olympus' })).rejects.toThrowError(/--time-zone `Mars\/Olympus` is not valid/);
    await expect(run({ top: '0' })).rejects.toThrowError(/--top `0` is not valid/);
  });
});
