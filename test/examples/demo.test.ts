import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPLICATIONS, CODING_ASSISTANT, emailOf, PAYER, SHARED_ROLE } from '../../examples/demo/company.ts';
import { LARGEST_CALL_PERSON, RUNAWAY_PERSON } from '../../examples/demo/incidents.ts';
import { PastCalls } from '../../examples/demo/past-calls.ts';
import { dayMs, HISTORY_DAYS, LARGEST_CALL_DAYS, runawayDays } from '../../examples/demo/timeline.ts';
import { MODELS } from '../../examples/demo/workload.ts';
import { WORKLOADS } from '../../examples/demo/workloads.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { DAY_MS, isoSeconds } from '../../src/kernel/time.ts';
import { type DemoServer, startDemoServer } from '../console/demo-data.ts';
import { removeFolders } from '../server.ts';

interface Row {
  readonly Keys: readonly string[];
  readonly CostUsd: string;
}

let server: DemoServer;
let nowMs: number;

beforeAll(async () => {
  server = await startDemoServer();
  nowMs = Date.now();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function ask<Answer>(operation: string, input: object): Promise<Answer> {
  return new TallylineClient(readProfile(server.data, {}), () => Date.now()).call<Answer>(operation, input);
}

/** The most expensive first. */
async function costs(startMs: number, endMs: number, groups: readonly string[]): Promise<Row[]> {
  const GroupBy = groups.map((name) =>
    name.startsWith('tag:') ? { Type: 'TAG', Key: `iamPrincipal/${name.slice(4)}` } : { Type: 'DIMENSION', Key: name },
  );
  const range = { Start: isoSeconds(startMs), End: isoSeconds(endMs), Granularity: 'TOTAL' };
  const { Rows } = await ask<{ Rows: Row[] }>('GetReport', { ...range, GroupBy });
  return Rows.sort((a, b) => Number(b.CostUsd) - Number(a.CostUsd));
}

async function values(group: string): Promise<string[]> {
  const rows = await costs(dayMs(nowMs, HISTORY_DAYS), dayMs(nowMs, -1), [group, 'recordType']);
  return rows.flatMap(({ Keys: [value, type] }) => (type === 'Usage' ? [value!] : [])).sort();
}

describe('the organisation of the demo', () => {
  it('has the applications, models and teams, and a team that forgot its tags', async () => {
    const named = APPLICATIONS.filter(({ tags }) => tags.project).map(({ name }) => name);
    expect(await values('tag:project')).toEqual(['', CODING_ASSISTANT, ...named].sort());
    expect(await values('model')).toEqual(Object.values(MODELS).sort());
    const teams = ['', 'Data Science', 'Payments', 'data-science', 'payments', 'platform', 'search', 'support'];
    expect(await values('tag:team')).toEqual(teams);
    expect(await values('tag:tenant')).toEqual(['', 'harbor', 'meridian']);
  });

  it('had a job that ran away in the night after the Thursday of last week', async () => {
    const mondayMs = dayMs(nowMs, runawayDays(nowMs) + 3);
    const [first] = await costs(mondayMs, mondayMs + 7 * DAY_MS, ['tag:project', 'role', 'session']);
    expect(first!.Keys).toEqual(['ci-reviewer', 'CiReviewer', emailOf({ name: RUNAWAY_PERSON })]);
  });

  it('has one call that is the most expensive, at the price of long contexts', async () => {
    const startMs = dayMs(nowMs, LARGEST_CALL_DAYS);
    const rows = await costs(startMs, startMs + DAY_MS, ['session', 'model']);
    const found = rows.find(({ Keys: [session, model] }) => {
      return session === emailOf({ name: LARGEST_CALL_PERSON }) && model === MODELS.sonnet45;
    });
    // 948,213 x 6.60 + 31,870 x 24.75 USD per million.
    expect(found!.CostUsd).toBe('7.0469883');
  });

  it('has an org chart, which knows the team that forgot its tags, and what the business counts', async () => {
    const { Structures } = await ask<{ Structures: { Name: string; Values: string[] }[] }>(
      'ListMembershipStructures',
      {},
    );
    expect(Structures.map(({ Name }) => Name)).toEqual(['department', 'manager', 'team']);
    expect(Structures.find(({ Name }) => Name === 'team')!.Values).toContain('Growth');
    const range = { Start: isoSeconds(dayMs(nowMs, 30)), End: isoSeconds(dayMs(nowMs, 0)), Granularity: 'TOTAL' };
    const { Changes } = await ask<{ Changes: { Key: string; PreviousUnitCostUsd: string; UnitCostUsd: string }[] }>(
      'GetUnitCosts',
      { Name: 'answered-tickets', ...range },
    );
    const chat = Changes.find(({ Key }) => Key === 'support-chat')!;
    expect(Number(chat.UnitCostUsd)).toBeLessThan(Number(chat.PreviousUnitCostUsd));
  });

  it('has a bill of AWS that does not quite agree, with the causes', async () => {
    const { Reconciliations } = await ask<{ Reconciliations: { Id: string; State: string }[] }>('ListReconciliations', {
      MaxResults: 10,
    });
    const found = new Set<string>();
    for (const { Id, State } of Reconciliations) {
      expect(State).toBe('DONE');
      const { Reconciliation } = await ask<{ Reconciliation: { Codes: { Code: string; Rows: number }[] } }>(
        'GetReconciliation',
        { Id },
      );
      for (const { Code, Rows } of Reconciliation.Codes) if (Rows > 0) found.add(Code);
    }
    const planted = ['MISSING_IN_LEDGER', 'DISCOUNT', 'PRICE_DIFFERENCE', 'CACHE_DOUBLE_CHARGED', 'IDENTITY_COLLAPSED'];
    expect([...found]).toEqual(expect.arrayContaining(['MATCHED', ...planted]));
    for (const code of ['MISSING_IN_BILL', 'QUANTITY_DIFFERENCE', 'UNRECOGNISED', 'REST'])
      expect(found).not.toContain(code);
  });
});

it('made the same calls whenever the same day is today', () => {
  const role = { arn: `arn:aws:iam::${PAYER}:role/${SHARED_ROLE}`, id: 'AROAEXAMPLE', accountId: PAYER, tags: {} };
  const founded = {
    ...{ users: new Map(), profiles: new Map(), runtimeKeys: new Map(), accessKeys: new Map() },
    roles: new Map([[SHARED_ROLE, role]]),
  };
  const tara = WORKLOADS.find(({ name }) => name === 'tara')!;
  const wednesday = Date.parse('2026-05-20T15:00:00Z');
  const callsOf = (atMs: number) => new PastCalls(founded, atMs).ofDay(tara, 2, 1);
  expect(callsOf(wednesday).length).toBeGreaterThan(0);
  expect(callsOf(wednesday + 60_000)).toEqual(callsOf(wednesday));
});
