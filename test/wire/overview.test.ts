import { BudgetsClient, CreateBudgetCommand } from '@aws-sdk/client-budgets';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { ACCOUNT, allow, assumed, INVOKE, newRole, newUser, trust } from './principals.ts';

const SONNET = 'us.anthropic.claude-sonnet-4-6';
const DANA = `arn:aws:iam::${ACCOUNT}:user/dana`;

interface Overview {
  readonly MonthToDate: { readonly CostUsd: string; readonly Requests: string };
  readonly LastMonth?: object;
  readonly Forecast?: object;
  readonly Budgets: readonly { readonly Name: string; readonly Kind: string; readonly Used?: string }[];
  readonly Movers: readonly { readonly Type: string; readonly Value: string }[];
  readonly Quality: Readonly<Record<string, unknown>>;
  readonly Days: readonly { readonly CostUsd: string }[];
}

let server: TestServer;
let dana: ClientConfig;

function call<Answer>(caller: ClientConfig, operation: string, input: object): Promise<Answer> {
  const credentials = caller.credentials as { accessKeyId: string; secretAccessKey: string };
  const profile = { endpoint: server.url, region: 'us-east-1', ...credentials };
  return new TallylineClient(profile, () => Date.now()).call(operation, input);
}

beforeAll(async () => {
  server = await startServer();
  const window = { Unit: 'USD', Window: { Unit: 'month' } };
  await call(server.admin, 'CreateHardBudget', { ...window, Name: 'everybody', Limit: '100' });
  const Scope = { Tags: [{ Key: 'team', Value: 'research' }] };
  await call(server.admin, 'CreateHardBudget', { ...window, Name: 'research', Limit: '2', Scope });
  const budgets = new BudgetsClient(server.admin);
  const Budget = {
    ...{ BudgetName: 'month', BudgetType: 'COST' as const, TimeUnit: 'MONTHLY' as const },
    BudgetLimit: { Amount: '1000', Unit: 'USD' },
  };
  await budgets.send(new CreateBudgetCommand({ AccountId: ACCOUNT, Budget }));
  budgets.destroy();
  const statements = [INVOKE, allow(['tallyline:GetOwnReport', 'tallyline:GetTeamReport'])];
  dana = await newUser(server.admin, 'dana', { statements, tags: { team: 'research' } });
  const emil = await newUser(server.admin, 'emil', { statements });
  await spend(dana, [{ modelId: SONNET, inputTokens: 1_000, outputTokens: 1_000 }]);
  await spend(emil, [{ modelId: SONNET, inputTokens: 1_000, outputTokens: 0 }]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(2), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

describe('the overview', () => {
  it('shows the month, its budgets from the fullest on, and no month before where there was none', async () => {
    const overview = await call<Overview>(server.admin, 'GetOverview', { TimeZone: 'Asia/Kathmandu' });
    expect(overview.MonthToDate).toMatchObject({ CostUsd: '0.0231', Requests: '2' });
    expect(overview).not.toHaveProperty('LastMonth');
    expect(overview).not.toHaveProperty('Forecast');
    expect(overview.Budgets.map(({ Name, Kind }) => [Name, Kind])).toEqual([
      ['research', 'hard'],
      ['everybody', 'hard'],
      ['month', 'alert'],
    ]);
    expect(overview.Budgets[0]!.Used).toBe('0.0198');
    expect(overview.Movers).toEqual([]);
    expect(overview.Quality).toMatchObject({ CostUsd: '0.0231', UntaggedUsd: '0.0231', IsTeamTagActive: false });
    expect(overview.Days).toHaveLength(30);
    await expect(call(server.admin, 'GetOverview', { TimeZone: 'Mars' })).rejects.toThrow(/no time zone `Mars`/);
  });

  it('shows members their own figures and the budgets that count them', async () => {
    const own = await call<Overview>(dana, 'GetOverview', { Scope: 'OWN' });
    expect(own.MonthToDate).toMatchObject({ CostUsd: '0.0198', Requests: '1' });
    expect(own.Budgets.map(({ Name }) => Name)).toEqual(['research', 'everybody', 'month']);
    await expect(call(dana, 'GetOverview', {})).rejects.toThrow(/not authorized to perform: tallyline:GetOverview/);
    const change = await call<{ Change: object }>(dana, 'GetSpendChange', { Scope: 'TEAM' });
    expect(change.Change).toMatchObject({ ChangeUsd: '0', Reasons: [] });
  });

  it('says who a principal is, which tags its calls carried and which budgets count them', async () => {
    const principal = await call<Record<string, unknown>>(server.admin, 'GetPrincipal', { Principal: DANA });
    expect(principal).toMatchObject({
      ...{ Kind: 'user', Name: 'dana', IsKnown: true, Tags: { team: 'research' } },
      TagHistory: [{ Tags: { team: 'research' }, Requests: '1', CostUsd: '0.0198' }],
      Budgets: [{ Name: 'research' }, { Name: 'everybody' }, { Name: 'month' }],
    });
    for (const Scope of ['OWN', 'TEAM']) {
      expect(await call(dana, 'GetPrincipal', { Principal: DANA, Scope })).toEqual(principal);
    }
    const others = { Principal: `arn:aws:iam::${ACCOUNT}:user/emil`, Scope: 'OWN' };
    await expect(call(dana, 'GetPrincipal', others)).rejects.toThrow(/that you may see/);
    await expect(call(dana, 'GetPrincipal', { ...others, Scope: 'TEAM' })).rejects.toThrow(/that you may see/);
  });

  it('shows no session of another team, though its role is of the team', async () => {
    const role = await newRole(server.admin, 'Shared', {
      trust: [trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession'])],
      ...{ statements: [INVOKE], tags: { team: 'research' } },
    });
    const tags = (team: string) => ({ Tags: [{ Key: 'team', Value: team }] });
    const one = { modelId: SONNET, inputTokens: 1_000, outputTokens: 0 };
    await spend(await assumed(server.admin, role, 'gina', tags('growth')), [one]);
    await spend(await assumed(server.admin, role, 'rita', tags('growth')), [one]);
    await vi.waitFor(async () => expect(await billedCalls(server)).toBe(4), ARRIVAL);
    const session = (name: string) => ({
      ...{ Principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Shared/${name}`, Scope: 'TEAM' },
    });
    await expect(call(dana, 'GetPrincipal', session('gina'))).rejects.toThrow(/that you may see/);
    // In the team by now: what was before is the other team's.
    await spend(await assumed(server.admin, role, 'rita'), [one]);
    await vi.waitFor(async () => expect(await billedCalls(server)).toBe(5), ARRIVAL);
    const { TagHistory } = await call<{ TagHistory: object[] }>(dana, 'GetPrincipal', session('rita'));
    expect(TagHistory).toMatchObject([{ Tags: { team: 'research' }, Requests: '1' }]);
  });
});
