import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { MAIN, removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import {
  activateTeams,
  HAIKU,
  NIGHTLY,
  OPUS,
  OWN_PRICES,
  plantChanges,
  SINCE,
  SONNET,
  TODAY_MS,
  userArn,
} from './planted-changes.ts';
import { allow, INVOKE, newUser } from './principals.ts';
import { run } from './program.ts';

interface Reason {
  readonly Reason: string;
  readonly ChangeUsd: string;
  readonly Text: string;
}

interface Driver {
  readonly Value: string;
  readonly IsOther?: boolean;
  readonly ChangeUsd: string;
  readonly Sentence: string;
}

interface Why {
  readonly ComparedAs: string;
  readonly PreviousUsd: string;
  readonly CostUsd: string;
  readonly ChangeUsd: string;
  readonly Sentence: string;
  readonly Reasons: readonly Reason[];
  readonly Path: readonly Driver[];
  readonly Drivers: readonly { readonly Key: { readonly Key: string }; readonly Values: readonly Driver[] }[];
  readonly Since?: { readonly At: string; readonly IsInside: boolean };
  readonly Requests?: readonly { readonly Principal: string; readonly CostUsd: string }[];
  readonly Suggestions: readonly {
    readonly Kind: string;
    readonly Principals: readonly string[];
    readonly SavingUsd: string;
    readonly AddsUsd: string;
  }[];
}

let server: TestServer;

function call<Answer>(operation: string, input: object, caller: ClientConfig = server.admin): Promise<Answer> {
  const credentials = caller.credentials as { accessKeyId: string; secretAccessKey: string };
  const profile = { endpoint: server.url, region: 'us-east-1', ...credentials };
  return new TallylineClient(profile, () => Date.now()).call(operation, input);
}

const why = (input: object = {}) => call<Why>('ExplainSpend', input);
const of = (dimension: string, ...values: string[]) => ({ key: { dimension }, equalsAny: values });
const total = (of: readonly { readonly ChangeUsd: string }[]) =>
  of.reduce((sum, { ChangeUsd }) => sum + parsePicoUsd(ChangeUsd), 0n);
const sinceMs = ({ Since }: Why) => Since && Date.parse(Since.At);

beforeAll(async () => {
  const data = temporaryFolder('why');
  await plantChanges(data);
  server = await startServer({ data, config: { prices: OWN_PRICES } });
  const ce = new CostExplorerClient(server.admin);
  await activateTeams(ce);
  ce.destroy();
});
afterAll(async () => {
  expect(await server?.stop()).toBe(0);
  removeFolders();
});

describe('why', () => {
  it('leads from the whole to the job, its reason, the hour and the calls behind it, and says what would cost less', async () => {
    const answer = await why();
    expect(answer.ComparedAs).toBe('7 days against the 7 days before');
    expect(answer.Path.map(({ Value }) => Value)).toEqual(['core', NIGHTLY, SONNET, 'input']);
    expect(answer.Sentence).toMatch(
      new RegExp(
        `^nightly of role app-7 on ${SONNET} cost \\d+\\.\\d\\d USD more: its prompts stopped hitting the cache \\(cache reads 90 % → 0 %\\), since .*02:00 \\(UTC\\)$`,
      ),
    );
    expect(sinceMs(answer)).toBe(SINCE.cacheBreakMs);
    expect(answer.Requests).toHaveLength(5);
    expect(new Set(answer.Requests!.map(({ Principal }) => Principal))).toEqual(new Set([NIGHTLY]));
    expect(answer.Requests![0]!.CostUsd).toBe('0.40425');
    const [first] = answer.Suggestions;
    expect(first).toMatchObject({ Kind: 'restoreCache', Principals: [NIGHTLY] });
  });

  it('splits the difference exactly, by reasons and by the drivers of every key, as GetSpendChange does', async () => {
    const answer = await why();
    const difference = parsePicoUsd(answer.ChangeUsd);
    expect(difference).toBe(parsePicoUsd(answer.CostUsd) - parsePicoUsd(answer.PreviousUsd));
    expect(total(answer.Reasons)).toBe(difference);
    expect(answer.Drivers.map(({ Key }) => Key.Key)).toEqual(['iamPrincipal/team', 'principal', 'model', 'direction']);
    for (const { Values } of answer.Drivers) expect(total(Values)).toBe(difference);
    const { Change } = await call<{ Change: Why }>('GetSpendChange', {});
    expect(Change.Reasons).toEqual(answer.Reasons);
    const saved = answer.Suggestions.reduce((sum, { AddsUsd }) => sum + parsePicoUsd(AddsUsd), 0n);
    expect(saved > 0n && saved < parsePicoUsd(answer.CostUsd)).toBe(true);
  });

  it('names who is new, and when they began', async () => {
    const answer = await why({ Filter: { key: { tag: 'iamPrincipal/team' }, equalsAny: ['launch'] } });
    expect(answer.Reasons.map(({ Reason, Text }) => [Reason, Text])).toEqual([
      ['newPrincipals', '2 principals that used nothing of it before'],
    ]);
    expect(sinceMs(answer)).toBe(SINCE.newTeamMs);
    const { Values } = answer.Drivers.find(({ Key }) => Key.Key === 'principal')!;
    expect(Values.map(({ Value }) => Value)).toEqual([userArn('erin'), userArn('finn')]);
  });

  it('tells a price from everything else', async () => {
    const answer = await why({ Filter: of('principal', userArn('carol')) });
    expect(answer.Reasons.map(({ Reason, Text }) => [Reason, Text])).toEqual([
      ['price', 'output $5.50 → $7.70 per 1M tokens on average'],
    ]);
    expect(sinceMs(answer)).toBe(SINCE.priceMs);
    expect(answer.Since!.IsInside).toBe(false);
  });

  it('tells another model from more use', async () => {
    const answer = await why({ Filter: of('principal', userArn('dave')) });
    const [first] = answer.Reasons;
    expect(first).toMatchObject({ Reason: 'modelMix' });
    expect(answer.Path.map(({ Value }) => Value)).toContain(OPUS);
    expect(sinceMs(answer)).toBe(SINCE.modelSwitchMs);
    const models = answer.Drivers.find(({ Key }) => Key.Key === 'model')!.Values;
    expect(models.map(({ Value }) => Value)).toEqual([OPUS, HAIKU]);
  });

  it('finds spend that moved because a tag was lost, and nothing in all', async () => {
    const answer = await why({ Filter: of('principal', userArn('gina')) });
    expect([answer.ChangeUsd, answer.Reasons]).toEqual(['0', []]);
    const [, ops, none] = [undefined, ...answer.Drivers[0]!.Values];
    for (const { Sentence } of [ops!, none!]) expect(Sentence).toMatch(/: usage came under no value instead of ops$/);
    expect([ops!.Value, none!.Value].sort()).toEqual(['', 'ops']);
    expect(ops!.ChangeUsd.replace('-', '')).toBe(none!.ChangeUsd.replace('-', ''));
  });

  it('compares periods of any two lengths, and months, in a zone', async () => {
    const day = (daysAgo: number) => new Date(TODAY_MS - daysAgo * DAY_MS).toISOString().replace('.000', '');
    const periods = { After: { Start: day(4), End: day(0) }, Before: { Start: day(14), End: day(12) } };
    const answer = await why({ ...periods, Filter: of('principal', userArn('carol')) });
    expect(answer.ComparedAs).toContain('4 days against 2 days');
    expect(answer.Reasons.map(({ Reason }) => Reason).sort()).toEqual(['periodLength', 'price']);
    expect(total(answer.Reasons)).toBe(parsePicoUsd(answer.ChangeUsd));
    const Month = new Date(TODAY_MS - DAY_MS).toISOString().slice(0, 7);
    expect((await why({ Month, TimeZone: 'Asia/Kolkata' })).ComparedAs).not.toBe('');
    expect(await why({ Book: 'bill' })).toMatchObject({ Sentence: 'nothing was used in either period', Drivers: [] });
    await expect(why({ Month, AnomalyId: 'x' })).rejects.toThrow(/one of them/);
    await expect(why({ AnomalyId: 'x' })).rejects.toThrow(/there is no anomaly `x`/);
    // The thread's own faults come back as they are.
    const Dimensions = ['account', 'role', 'session', 'person', 'key'].map((Key) => ({ Type: 'DIMENSION', Key }));
    await expect(why({ Dimensions })).rejects.toThrow('group by at most 4 keys, not `5`');
  });

  it('shows members their own alone', async () => {
    const statements = [INVOKE, allow(['tallyline:GetOwnReport'])];
    const carol = await newUser(server.admin, 'carol', { statements });
    const own = await call<Why>('ExplainSpend', { Scope: 'OWN' }, carol);
    expect(own.Reasons.map(({ Reason }) => Reason)).toEqual(['price']);
    expect(own.Drivers.find(({ Key }) => Key.Key === 'principal')!.Values.map(({ Value }) => Value)).toEqual([
      userArn('carol'),
    ]);
    await expect(call('ExplainSpend', {}, carol)).rejects.toThrow(/not authorized to perform: tallyline:ExplainSpend/);
  });

  it('is told by the command line, the sentence first', async () => {
    const environment = { PATH: process.env.PATH!, TALLYLINE_ENDPOINT: server.url };
    const { stdout, stderr } = await run(
      process.execPath,
      [...MAIN, 'why', '--last', '7d', '--data', server.data],
      environment,
    );
    expect(stderr).toBe('');
    expect(stdout.split('\n')[0]).toMatch(/^nightly of role app-7 .* more: its prompts stopped hitting the cache/);
  });
});
