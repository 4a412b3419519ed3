import { CostExplorerClient, GetCostAndUsageCommand, GetCostCategoriesCommand } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { DAY_MS, isoSeconds } from '../../src/kernel/time.ts';
import { send } from '../faults/raw-client.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { bearerCall } from './bearer-keys.ts';
import { gatewayKey, tallyline } from './gateway-keys.ts';
import { ARRIVAL } from './ledger.ts';
import { ACCOUNT, allow, INVOKE, newUser } from './principals.ts';

interface Row {
  readonly Keys: readonly string[];
  readonly CostUsd: string;
}

const TODAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const day = (offset: number) => isoSeconds(TODAY_MS + offset * DAY_MS);
const date = (offset: number) => day(offset).slice(0, 10);
const RANGE = { Start: day(-30), End: day(2) };

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  for (const name of ['alice@example.com', 'bob@example.com', 'carol@example.com']) {
    await newUser(server.admin, name, { statements: [INVOKE] });
    const { Secret } = await gatewayKey(server, { UserName: name });
    expect((await send(server.url, bearerCall(server.url, Secret))).status).toBe(200);
  }
  await vi.waitFor(async () => expect(await rows({ Type: 'DIMENSION', Key: 'person' })).toHaveLength(3), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

async function rows(key: object, more: object = {}): Promise<Row[]> {
  const question = { ...RANGE, Granularity: 'TOTAL', GroupBy: [key], Measures: ['COST'], ...more };
  return (await tallyline<{ Rows: Row[] }>(server, 'GetReport', question)).Rows;
}

const sum = (all: readonly Row[]) => all.reduce((total, { CostUsd }) => total + parsePicoUsd(CostUsd), 0n);
const values = (all: readonly Row[]) => all.map(({ Keys }) => Keys[0]).sort();

describe('an org chart from a file', () => {
  const TEAM = { Type: 'MEMBERSHIP', Key: 'team' };

  it('groups usage as it was and as it is, and every reading sums to the same', async () => {
    const csv = [
      'who,value,from,to',
      `alice@example.com,Platform,${date(-20)},${date(1)}`,
      `alice@example.com,Data,${date(1)},`,
      `arn:aws:iam::${ACCOUNT}:user/bob@example.com,Data,${date(-20)},`,
    ].join('\n');
    const preview = await tallyline<{ MovedUsd: string; Moves: { From: string; To: string }[] }>(
      server,
      'PreviewMembership',
      { Structure: 'team', Csv: csv, ...RANGE },
    );
    expect(preview.Moves.map(({ From, To }) => `${From}>${To}`).sort()).toEqual(['>Data', '>Platform']);
    expect(await tallyline(server, 'ImportMembership', { Structure: 'team', Csv: csv })).toMatchObject({ Added: 3 });
    const total = sum(await rows({ Type: 'DIMENSION', Key: 'all' }));
    const was = await rows(TEAM);
    expect(values(was)).toEqual(['', 'Data', 'Platform']);
    const later = await rows(TEAM, { AsOf: day(1) });
    expect(values(later)).toEqual(['', 'Data']);
    const before = await rows(TEAM, { AsOf: day(-25) });
    expect(values(before)).toEqual(['']);
    for (const reading of [was, later, before, await rows(TEAM, { AsOf: 'IS' })]) expect(sum(reading)).toBe(total);
    const filter = { key: { membership: 'team' }, equalsAny: ['Data'] };
    expect(await rows({ Type: 'DIMENSION', Key: 'person' }, { Filter: filter })).toMatchObject([
      { Keys: ['bob@example.com'] },
    ]);
  });

  it('is a cost category to the clients of Cost Explorer', async () => {
    const ce = new CostExplorerClient(server.admin);
    // No later than the first of the next month.
    const TimePeriod = { Start: date(-5), End: date(1) };
    const GroupBy = [{ Type: 'COST_CATEGORY' as const, Key: 'membership_team' }];
    const question = { TimePeriod, Granularity: 'MONTHLY' as const, Metrics: ['UnblendedCost'], GroupBy };
    const answer = await ce.send(new GetCostAndUsageCommand(question));
    const groups = new Set(answer.ResultsByTime?.flatMap(({ Groups = [] }) => Groups.map(({ Keys }) => Keys?.[0])));
    expect([...groups].sort()).toEqual(['membership_team$', 'membership_team$Data', 'membership_team$Platform']);
    const { CostCategoryNames } = await ce.send(new GetCostCategoriesCommand({ TimePeriod }));
    expect(CostCategoryNames).toEqual(['membership_team']);
    const Filter = { CostCategories: { Key: 'membership_team', Values: ['Data'] } };
    const filtered = await ce.send(new GetCostAndUsageCommand({ ...question, Filter }));
    expect(filtered.ResultsByTime?.flatMap(({ Groups = [] }) => Groups.map(({ Keys }) => Keys?.[0]))).toEqual([
      'membership_team$Data',
    ]);
    ce.destroy();
  });

  it('keeps the history of each person, and is exported as it was imported', async () => {
    const move = { Structure: 'team', Who: 'bob@example.com', Value: 'Research', From: day(0) };
    await tallyline(server, 'PutMembershipEntry', move);
    const { Entries } = await tallyline<{ Entries: object[] }>(server, 'ListMembershipEntries', {
      Structure: 'team',
      Text: 'alice',
    });
    expect(Entries).toMatchObject([
      { Who: 'alice@example.com', Kind: 'person', Value: 'Platform', Source: 'csv' },
      { Value: 'Data', From: day(1) },
    ]);
    const { Csv } = await tallyline<{ Csv: string }>(server, 'ExportMembership', { Structure: 'team' });
    expect(Csv.split('\n')).toHaveLength(6);
    await tallyline(server, 'DeleteMembershipEntry', { Structure: 'team', Who: 'bob@example.com', From: day(0) });
    await expect(
      tallyline(server, 'ImportMembership', {
        Structure: 'team',
        Csv: 'who,value,from,to\nalice@example.com,X,2020-01-01,',
      }),
    ).rejects.toThrow('overlap; end the first before the second begins');
  });
});

describe('unit economics', () => {
  it('divide spend by what was counted, team by team, and say what is missing', async () => {
    const By = { Type: 'MEMBERSHIP', Key: 'team' };
    await tallyline(server, 'PutBusinessMetric', { Name: 'tickets', Unit: 'ticket', By });
    const csv = `period,key,value\n${date(0)},Platform,10\n${date(0)},Data,4.5\n${date(-40)},Data,1\n`;
    const put = () => tallyline(server, 'PutBusinessMetricValues', { Name: 'tickets', Csv: csv });
    expect(await put()).toEqual({ Added: 3, Replaced: 0 });
    expect(await put()).toEqual({ Added: 0, Replaced: 3 });
    const bad = { Name: 'tickets', Csv: `period,key,value\n2026-02-30,Data,1\n${date(0)},Data,-1\n` };
    await expect(tallyline(server, 'PutBusinessMetricValues', bad)).rejects.toThrow(
      /nothing was imported. line 2: `2026-02-30` is no day; .*; line 3: `-1` is no count/,
    );
    const question = { Name: 'tickets', Start: day(-1), End: day(1), Granularity: 'TOTAL' };
    const { Rows } = await tallyline<{
      Rows: {
        Key: string;
        IsTotal?: boolean;
        CostUsd: string;
        Units?: string;
        UnitCostUsd?: string;
        CoveredPeriods: number;
      }[];
    }>(server, 'GetUnitCosts', question);
    const spend = await rows(By, { Start: day(-1), End: day(1) });
    const costOf = (team: string) => spend.find(({ Keys }) => Keys[0] === team)!.CostUsd;
    expect(Rows.map(({ Key, IsTotal, Units }) => [IsTotal ? 'all' : Key, Units])).toEqual([
      ['', undefined],
      ['Data', '4.5'],
      ['Platform', '10'],
      ['all', '14.5'],
    ]);
    expect(Rows[2]).toMatchObject({ CostUsd: costOf('Platform'), CoveredPeriods: 1 });
    expect(parsePicoUsd(Rows[2]!.UnitCostUsd!)).toBe((parsePicoUsd(costOf('Platform')) + 5n) / 10n);
    expect(Rows[0]).not.toHaveProperty('UnitCostUsd');
    const other = { Name: 'tickets', Unit: 'ticket', Grain: 'MONTH', By };
    await expect(tallyline(server, 'PutBusinessMetric', other)).rejects.toThrow('is kept by another grain or key');
    const { Metrics } = await tallyline<{ Metrics: object[] }>(server, 'ListBusinessMetrics', {});
    expect(Metrics).toMatchObject([{ Name: 'tickets', Values: 3, First: date(-40), Last: date(0) }]);
  });
});

describe('an identity provider', () => {
  let secret = '';

  const scim = async (method: string, path: string, body?: object, token = secret) => {
    const response = await fetch(`${server.url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const user = (userName: string, more: object = {}) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    ...{ userName, name: { givenName: 'A', familyName: 'B' }, emails: [{ primary: true, value: userName }] },
    ...{ displayName: 'A B', active: true, groups: [], ...more },
  });
  const patch = (...Operations: object[]) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations,
  });
  const team = async () => {
    const found = await tallyline<{ Entries: { Who: string; Value: string; From: string; To?: string }[] }>(
      server,
      'ListMembershipEntries',
      { Structure: 'team' },
    );
    return found.Entries.map(({ Who, Value, To }) => `${Who} ${Value}${To ? ' left' : ''}`);
  };

  it('needs a key that is made for it, and the permission', async () => {
    await newUser(server.admin, 'idp', { statements: [allow(['tallyline:ProvisionMembers'])] });
    const plain = await gatewayKey(server, { UserName: 'idp' });
    const refused = await scim('GET', '/Users', undefined, plain.Secret);
    expect(refused).toMatchObject({
      status: 403,
      body: { status: '403', detail: expect.stringContaining('scope scim') },
    });
    expect((await scim('GET', '/Users', undefined, 'nonsense')).status).toBe(401);
    secret = (await gatewayKey(server, { UserName: 'idp', Name: 'okta', Scopes: ['scim'] })).Secret;
    expect(await scim('GET', '/ServiceProviderConfig')).toMatchObject({
      status: 200,
      body: { patch: { supported: true } },
    });
  });

  it('as Okta does: finds nobody, creates, puts into a group, renames, deactivates', async () => {
    await tallyline(server, 'DeleteMembershipStructure', { Structure: 'team' });
    const found = await scim('GET', '/Users?filter=userName%20eq%20%22carol%40example.com%22&startIndex=1&count=100');
    expect(found.body).toMatchObject({ totalResults: 0, Resources: [] });
    const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
    const carol = await scim('POST', '/Users', user('Carol@example.com', { [enterprise]: { department: 'R&D' } }));
    expect(carol).toMatchObject({
      status: 201,
      body: { userName: 'Carol@example.com', meta: { resourceType: 'User' } },
    });
    expect(await scim('POST', '/Users', user('carol@EXAMPLE.com'))).toMatchObject({
      status: 409,
      body: { scimType: 'uniqueness', status: '409' },
    });
    const members = [{ value: carol.body.id, display: 'carol@example.com' }];
    const group = await scim('POST', '/Groups', { displayName: 'Team Research', members });
    expect(group).toMatchObject({ status: 201, body: { members: [{ value: carol.body.id }] } });
    expect(await team()).toEqual(['carol@example.com Team Research']);
    const shown = await rows({ Type: 'MEMBERSHIP', Key: 'team' });
    expect(values(shown)).toEqual(['', 'Team Research']);
    expect(values(await rows({ Type: 'MEMBERSHIP', Key: 'department' }))).toEqual(['', 'R&D']);
    const renamed = patch({ op: 'replace', value: { id: group.body.id, displayName: 'Research' } });
    expect((await scim('PATCH', `/Groups/${group.body.id}`, renamed)).status).toBe(200);
    expect(await team()).toEqual(['carol@example.com Research']);
    const gone = await scim('PATCH', `/Users/${carol.body.id}`, patch({ op: 'replace', value: { active: false } }));
    expect(gone.body).toMatchObject({ active: false });
    // Of the day on which it began nothing is left.
    expect(await team()).toEqual([]);
  });

  it('as Entra does: its own letter case, texts for flags, members one by one', async () => {
    const { body: group } = await scim('POST', '/Groups', { displayName: 'Apps', externalId: 'e1', members: [] });
    const { body: dora } = await scim('POST', '/Users', user('dora@example.com', { active: 'True', externalId: 'd1' }));
    const bare = await scim('GET', '/Groups?excludedAttributes=members&filter=displayName+eq+%22Apps%22');
    expect(bare.body.Resources[0]).not.toHaveProperty('members');
    const add = patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: dora.id }] });
    expect((await scim('PATCH', `/Groups/${group.id}`, add)).status).toBe(200);
    expect(await team()).toEqual(['dora@example.com Apps']);
    const flag = patch({ op: 'Replace', path: 'active', value: 'False' });
    expect((await scim('PATCH', `/Users/${dora.id}`, flag)).body.active).toBe(false);
    await scim('PATCH', `/Users/${dora.id}`, patch({ op: 'Replace', path: 'active', value: 'True' }));
    const remove = patch({ op: 'Remove', path: `members[value eq "${dora.id}"]` });
    await scim('PATCH', `/Groups/${group.id}`, remove);
    expect(await team()).toEqual([]);
    expect(await scim('GET', '/Users?filter=name.familyName%20co%20%22B%22')).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
    expect((await scim('DELETE', `/Users/${dora.id}`)).status).toBe(204);
    expect(await scim('GET', `/Users/${dora.id}`)).toMatchObject({ status: 404 });
  });
});
