import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, type LedgerEntry, ledger } from './ledger.ts';
import { ACCOUNT, allow, assumed, INVOKE, newRole, newUser, trust } from './principals.ts';

const SONNET = 'us.anthropic.claude-sonnet-4-6';
const NOVA = 'amazon.nova-lite-v1:0';
const OWN = allow('tallyline:GetOwnReport');

interface Detail {
  readonly Request: LedgerEntry;
  readonly Identity: { readonly Chain: readonly { Type: string; Id: string; Evidence: string }[] };
  readonly Access?: {
    readonly Decision?: string;
    readonly IsRecorded: boolean;
    readonly Permissions: readonly { Layers: readonly { Statements: readonly { PolicyId: string }[] }[] }[];
    readonly Reason?: string;
  };
  readonly Tags: readonly { Key: string; Value: string; Origin: string; IsShown: boolean; TagKey: string }[];
  readonly Charges: readonly Charge[];
  readonly CostUsd: string;
  readonly Budgets: readonly { Name: string; Spent: string; Limit: string; IsCounted: boolean }[];
  readonly Attempts: readonly LedgerEntry[];
  readonly Copies: Readonly<Record<string, string>>;
}

interface Charge {
  readonly Meter: string;
  readonly Quantity: string;
  readonly UnitPriceUsd: string;
  readonly QuotedPriceUsd: string;
  readonly QuotedPer: string;
  readonly CostUsd: string;
  readonly UsageType: string;
  readonly Price: { readonly PriceId: string; readonly Source: string };
}

let server: TestServer;
let dana: ClientConfig;
let emil: ClientConfig;

function call<Answer>(caller: ClientConfig, operation: string, input: object): Promise<Answer> {
  const credentials = caller.credentials as { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  const profile = { endpoint: server.url, region: 'us-east-1', ...credentials };
  return new TallylineClient(profile, () => Date.now()).call(operation, input);
}

const detail = (requestId: string, caller = server.admin, Scope = 'ALL') =>
  call<Detail>(caller, 'GetRequest', { RequestId: requestId, Scope });

async function costliestOf(principal: string): Promise<LedgerEntry> {
  const question = { Principal: principal, OrderBy: 'COSTLIEST', MaxResults: 1 };
  const { Requests } = await call<{ Requests: LedgerEntry[] }>(server.admin, 'ListRequests', question);
  return Requests[0]!;
}

beforeAll(async () => {
  server = await startServer();
  await call(server.admin, 'CreateHardBudget', {
    ...{ Name: 'research', Unit: 'USD', Limit: '50', Window: { Unit: 'month' } },
    Scope: { Tags: [{ Key: 'team', Value: 'research' }] },
  });
  dana = await newUser(server.admin, 'dana', {
    statements: [INVOKE, OWN, allow('sts:*')],
    tags: { team: 'research' },
  });
  emil = await newUser(server.admin, 'emil', { statements: [INVOKE, OWN] });
  const role = await newRole(server.admin, 'Analyst', {
    ...{ trust: [trust(`arn:aws:iam::${ACCOUNT}:user/dana`, ['sts:AssumeRole', 'sts:TagSession'])] },
    ...{ statements: [INVOKE], tags: { team: 'research', tier: 'gold' } },
  });
  const session = await assumed(dana, role, 'dana@example.com', { Tags: [{ Key: 'project', Value: 'apollo' }] });
  await spend(dana, [
    { modelId: NOVA, inputTokens: 12, outputTokens: 3 },
    { modelId: SONNET, inputTokens: 1_234, outputTokens: 567 },
  ]);
  await spend(session, [{ modelId: SONNET, inputTokens: 100, outputTokens: 20 }]);
  await spend(emil, [{ modelId: SONNET, inputTokens: 5_000, outputTokens: 0 }]);
  await vi.waitFor(async () => expect(await ledger(server)).toHaveLength(4), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

describe('the page of one call', () => {
  it("explains a person's most expensive call to the last digit", async () => {
    const costliest = await costliestOf(`arn:aws:iam::${ACCOUNT}:user/dana`);
    expect(costliest).toMatchObject({ InputTokens: '1234', OutputTokens: '567' });
    const { Charges, CostUsd, Request } = await detail(costliest.RequestId);
    expect(Charges).toMatchObject([
      { Meter: 'input', Quantity: '1234', QuotedPriceUsd: '3.3', QuotedPer: '1M tokens', CostUsd: '0.0040722' },
      { Meter: 'output', Quantity: '567', QuotedPriceUsd: '16.5', QuotedPer: '1M tokens', CostUsd: '0.0093555' },
    ]);
    for (const { Quantity, UnitPriceUsd, CostUsd: cost, Price, UsageType } of Charges) {
      expect(BigInt(Quantity) * parsePicoUsd(UnitPriceUsd)).toBe(parsePicoUsd(cost));
      expect(Price.PriceId).toContain('anthropic.claude-sonnet-4-6');
      expect(UsageType).toMatch(/^USE1-/);
    }
    const sum = Charges.reduce((total, charge) => total + parsePicoUsd(charge.CostUsd), 0n);
    expect(sum).toBe(parsePicoUsd(CostUsd));
    expect(CostUsd).toBe(costliest.CostUsd);
    expect(Request).toEqual(costliest);
  });

  it('says who called, who vouched for the session and where every tag came from', async () => {
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/Analyst/dana@example.com`;
    const { Identity, Tags, Access, Budgets, Attempts, Copies } = await detail((await costliestOf(arn)).RequestId);
    expect(Identity.Chain.map(({ Type, Id, Evidence }) => [Type, Type === 'session-key' ? '' : Id, Evidence])).toEqual([
      ['assumed-by', `arn:aws:iam::${ACCOUNT}:user/dana`, 'audit'],
      ['session-key', '', 'event'],
      ['role', `arn:aws:iam::${ACCOUNT}:role/Analyst`, 'directory'],
      ['session', 'dana@example.com', 'event'],
      ['principal', arn, 'event'],
    ]);
    expect(Tags).toEqual([
      { Key: 'project', Value: 'apollo', Origin: 'session', TagKey: 'iamPrincipal/project', IsShown: false },
      { Key: 'team', Value: 'research', Origin: 'role', TagKey: 'iamPrincipal/team', IsShown: false },
      { Key: 'tier', Value: 'gold', Origin: 'role', TagKey: 'iamPrincipal/tier', IsShown: false },
    ]);
    expect(Access).toMatchObject({ Decision: 'allowed', IsRecorded: false });
    // The inference profile and the model behind it.
    expect(Access!.Permissions).toHaveLength(2);
    for (const { Layers } of Access!.Permissions)
      expect(Layers.flatMap(({ Statements }) => Statements)).not.toEqual([]);
    expect(Budgets).toMatchObject([{ Name: 'research', Limit: '50', IsCounted: true }]);
    expect(Attempts).toHaveLength(1);
    expect(Copies.Curl).toContain('/model/us.anthropic.claude-sonnet-4-6/converse');
    expect(Copies.AwsCli).toContain('aws bedrock-runtime converse');
    expect(Copies.Sql).toContain(`line_item_iam_principal = '${arn}'`);
  });

  it('is there for the caller of the call, without what policies say, and for no other member', async () => {
    const { RequestId } = await costliestOf(`arn:aws:iam::${ACCOUNT}:user/dana`);
    const own = await detail(RequestId, dana, 'OWN');
    expect(own.Request.RequestId).toBe(RequestId);
    expect(own.Access).toBeUndefined();
    // Whom else a budget counts is not theirs to know.
    expect(own.Budgets).toMatchObject([{ Name: 'research' }]);
    expect(own.Budgets[0]).not.toHaveProperty('Scope');
    expect((await detail(RequestId)).Budgets[0]).toHaveProperty('Scope');
    await expect(detail(RequestId, emil, 'OWN')).rejects.toThrow(/there is no call/);
    await expect(detail(RequestId, dana, 'ALL')).rejects.toThrow(/not authorized to perform: tallyline:GetRequest/);
    const { Requests } = await call<{ Requests: LedgerEntry[] }>(emil, 'ListRequests', { Scope: 'OWN' });
    expect(Requests.map(({ Principal }) => Principal)).toEqual([`arn:aws:iam::${ACCOUNT}:user/emil`]);
    await expect(detail('00000000-0000-4000-8000-000000000000')).rejects.toThrow(/there is no call/);
  });

  it('comes page by page, the costliest first', async () => {
    const costs: string[] = [];
    for (let token: string | undefined, page = 0; page < 4; page++) {
      const question = { OrderBy: 'COSTLIEST', MaxResults: 1, ...(token !== undefined && { NextToken: token }) };
      const answer = await call<{ Requests: LedgerEntry[]; NextToken?: string }>(
        server.admin,
        'ListRequests',
        question,
      );
      costs.push(...answer.Requests.map(({ CostUsd }) => CostUsd));
      token = answer.NextToken;
      expect(token === undefined).toBe(page === 3);
    }
    expect(costs).toHaveLength(4);
    expect(costs).toEqual(costs.toSorted((a, b) => Number(parsePicoUsd(b) - parsePicoUsd(a))));
    const least = await call<{ Requests: LedgerEntry[] }>(server.admin, 'ListRequests', { MinCostUsd: '0.01' });
    expect(least.Requests.map(({ CostUsd }) => CostUsd).sort()).toEqual(['0.0134277', '0.0165']);
    await expect(call(server.admin, 'ListRequests', { NextToken: 'bm9uZQ' })).rejects.toThrow(/token/);
  });
});
