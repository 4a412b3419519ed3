import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  CostExplorerClient,
  ListCostAllocationTagsCommand,
  StartCostAllocationTagBackfillCommand,
  UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { billingPeriodOf, DAY_MS, isoSeconds, nextBillingPeriod } from '../../src/kernel/time.ts';
import { parseCents, toCents } from '../../src/statements/cents.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL } from './ledger.ts';
import { movedClient } from './moved-client.ts';
import { pdfText } from './pdf-text.ts';
import { ACCOUNT, as, INVOKE, policyOf } from './principals.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const TEAM = 'iamPrincipal/team';
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:statements`;

/** The 25th of the month before last, at noon UTC. */
const now = new Date();
const START_MS = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 25, 12);
const PERIOD = billingPeriodOf(START_MS);
const NEXT = nextBillingPeriod(PERIOD);

const data = temporaryFolder('statements');
let server: TestServer;
let receiver: WebhookReceiver;
let mailServer: SMTPServer;
/** Mails as they were sent, with their headers. */
const mails: string[] = [];
let offsetMs = 0;
let lead: ClientConfig;

async function startAfter(days: number, more: object = {}): Promise<void> {
  offsetMs = START_MS + days * DAY_MS - Date.now();
  const environment = {
    NODE_OPTIONS: `--import=${join(import.meta.dirname, '..', 'moved-clock.ts')}`,
    CLOCK_OFFSET_MS: String(offsetMs),
  };
  const { port } = mailServer.server.address() as AddressInfo;
  const smtp = { host: '127.0.0.1', port, security: 'none', from: 'tally@acme.example' };
  const config = { notices: { smtp, ...receiver.config(TOPIC) }, billing: { tax: [{ type: 'VAT', percent: '7.7' }] } };
  server = await startServer({ data, config: { ...config, ...more }, environment });
}

const call = <Answer>(operation: string, input: object) => movedClient(server, offsetMs).call<Answer>(operation, input);
const moved = (config: ClientConfig) => ({ ...config, endpoint: server.url, systemClockOffset: offsetMs });
const asLead = <Answer>(operation: string, input: object) =>
  new TallylineClient(
    { endpoint: server.url, region: lead.region, ...lead.credentials },
    () => Date.now() + offsetMs,
  ).call<Answer>(operation, { Scope: 'TEAM', ...input });

/** A client of its own for each call: after an answer a client trusts the date of the answer, which no test moves. */
function iam(): IAMClient {
  return new IAMClient(moved(server.admin));
}

/** A user who may call models. */
async function newUser(UserName: string, tags: Readonly<Record<string, string>> = {}): Promise<ClientConfig> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await iam().send(new CreateUserCommand({ UserName, Tags }));
  await iam().send(new PutUserPolicyCommand({ UserName, PolicyName: 'test', PolicyDocument: policyOf(INVOKE) }));
  const { AccessKey } = await iam().send(new CreateAccessKeyCommand({ UserName }));
  return as(server.admin, AccessKey!);
}

const TEAMS = {
  ...{ Name: 'Inference by team', Kind: 'chargeback', Prefix: 'CHB', Key: { Type: 'TAG', Key: TEAM } },
  ...{ DebitAccount: '6400', CreditAccount: '2400', CreditCostCenter: 'platform', Detail: 'meter' },
  Values: [
    {
      ...{ Value: 'search', Title: 'Search 検索', CostCenter: 'CC-100' },
      Recipients: [
        { Type: 'EMAIL', Address: 'lead@acme.example' },
        { Type: 'SNS', Address: TOPIC },
      ],
    },
    { Value: 'data', CostCenter: 'CC-200', DebitAccount: '6401' },
  ],
  SharedCosts: [{ Name: 'Fees', Charges: ['Fee'], Rule: 'cost' }],
};

interface Line {
  readonly Kind: string;
  readonly Text: string;
  readonly TokenClass?: string;
  readonly OfPeriod?: string;
  readonly Corrects?: string;
  readonly NetUsd: string;
  readonly Amount: string;
}

interface Statement {
  readonly Number: string;
  readonly Version: number;
  readonly Value: string;
  readonly Status: string;
  readonly MonthAmount: string;
  readonly CorrectionsAmount: string;
  readonly TotalAmount: string;
  readonly MonthUsd: string;
  readonly BillUsd: string;
  readonly Lines: readonly Line[];
}

interface State {
  readonly Status: string;
  readonly NextSteps: readonly string[];
  readonly Events: readonly { readonly Status: string; readonly By: string; readonly Reason?: string }[];
  readonly Deliveries: readonly { readonly Address: string; readonly Status: string; readonly Version: number }[];
}

const statements = async (input: object = {}) =>
  (await call<{ Statements: Statement[] }>('ListStatements', input)).Statements;
const statement = (number: string, more: object = {}) =>
  call<{ Statement: Statement; State: State; Differences?: object[] }>('GetStatement', { Number: number, ...more });
const ofValue = async (BillingPeriod: string, value: string) =>
  (await statements({ BillingPeriod })).find(({ Value, Status }) => Value === value && Status !== 'VOIDED')!;
const file = async (number: string, Format: string, more: object = {}) => {
  const { Data } = await call<{ Data: string }>('GetStatementFile', { Number: number, Format, ...more });
  return Buffer.from(Data, 'base64');
};

const numbersOf = (all: readonly Statement[]) => all.map(({ Number: number }) => number).sort();

/** What the invoices of the month say together. */
async function billUsd(BillingPeriod: string): Promise<string> {
  const { Invoices } = await call<{ Invoices: { TotalUsd: string }[] }>('ListInvoices', { BillingPeriod });
  return formatUsd(Invoices.reduce((sum, { TotalUsd }) => sum + parsePicoUsd(TotalUsd), 0n));
}

/** The statements of a month are its bill, and their lines what they say. */
async function expectTheBill(BillingPeriod: string): Promise<void> {
  const all = (await statements({ BillingPeriod })).filter(({ Status }) => Status !== 'VOIDED');
  const bill = await billUsd(BillingPeriod);
  expect(formatUsd(all.reduce((sum, { MonthUsd }) => sum + parsePicoUsd(MonthUsd), 0n))).toBe(bill);
  expect(all.reduce((sum, { MonthAmount }) => sum + parseCents(MonthAmount), 0n)).toBe(toCents(parsePicoUsd(bill)));
  for (const { Number: number, TotalAmount } of all) {
    const { Lines } = (await statement(number)).Statement;
    expect(Lines.reduce((sum, { Amount }) => sum + parseCents(Amount), 0n)).toBe(parseCents(TotalAmount));
  }
}

let definitionId: string;
const issue = (BillingPeriod: string, more: object = {}) =>
  call<{ Statements: Statement[] }>('IssueStatements', { DefinitionId: definitionId, BillingPeriod, ...more });

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  mailServer = new SMTPServer({
    authOptional: true,
    onData: (stream, _session, callback) => {
      void text(stream).then((mail) => {
        mails.push(mail);
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => mailServer.listen(0, '127.0.0.1', resolve));
  await startAfter(0);
  const tags = { team: 'search' };
  const calls = [
    { modelId: SONNET, inputTokens: 1_000_003, outputTokens: 70_001 },
    { modelId: 'amazon.nova-lite-v1:0', inputTokens: 33_333, outputTokens: 1 },
  ];
  await spend(moved(await newUser('ann', tags)), calls);
  await spend(moved(await newUser('bob', { team: 'data' })), calls.slice(0, 1));
  await spend(moved(await newUser('cron')), calls.slice(1));
  lead = await newUser('lea', tags);
  const PolicyArn = 'arn:aws:iam::aws:policy/TallylineTeamLeadAccess';
  await iam().send(new AttachUserPolicyCommand({ UserName: 'lea', PolicyArn }));
  await vi.waitFor(async () => expect(Number(await billUsd(PERIOD))).toBeGreaterThan(8), ARRIVAL);
  const ce = () => new CostExplorerClient(moved(server.admin));
  await ce().send(new ListCostAllocationTagsCommand({}));
  const CostAllocationTagsStatus = [{ TagKey: TEAM, Status: 'Active' as const }];
  await ce().send(new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus }));
  const monthStart = isoSeconds(Date.parse(`${PERIOD}-01T00:00:00Z`));
  await ce().send(new StartCostAllocationTagBackfillCommand({ BackfillFrom: monthStart }));
  await call('CreateCharge', { Type: 'Fee', AmountUsd: '10', Description: 'support' });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  receiver.close();
  await new Promise<void>((resolve) => mailServer.close(resolve));
  removeFolders();
});

describe('statements', () => {
  it('are defined once for a prefix, and refused when they contradict themselves', async () => {
    const create = (Definition: object) =>
      call<{ StatementDefinition: { DefinitionId: string } }>('CreateStatementDefinition', { Definition });
    const fixed = { Name: 'half', Charges: ['Tax'], Rule: 'fixed', Among: ['a', 'b'], Percentages: ['50', '49'] };
    await expect(create({ ...TEAMS, SharedCosts: [fixed] })).rejects.toThrow('must sum to 100');
    await expect(create({ ...TEAMS, DebitAccount: '' })).rejects.toThrow('needs the ledger accounts');
    definitionId = (await create(TEAMS)).StatementDefinition.DefinitionId;
    await expect(create(TEAMS)).rejects.toThrow('the prefix `CHB` is another definition');
  });

  it('are previewed while the month goes on, with what has no value as one of them', async () => {
    const preview = await call<{ Statements: Statement[] }>('PreviewStatements', {
      ...{ BillingPeriod: PERIOD, Definition: TEAMS },
    });
    expect(preview.Statements.map(({ Value, Status }) => [Value, Status])).toEqual([
      ['data', 'DRAFT'],
      ['search', 'DRAFT'],
      ['', 'DRAFT'],
    ]);
    const [data, search, none] = preview.Statements;
    // 10 USD in proportion to direct cost: the fee goes out of what has no value and comes in at the teams.
    const fee = none!.Lines.find(({ Kind }) => Kind === 'shared-out')!;
    expect(fee).toMatchObject({ Amount: '-10.00', Text: expect.stringContaining('in proportion to direct cost') });
    const shares = [data!, search!].flatMap(({ Lines }) => Lines.filter(({ Kind }) => Kind === 'shared-in'));
    expect(shares).toHaveLength(2);
    expect(shares.reduce((sum, { Amount }) => sum + parseCents(Amount), 0n)).toBe(1_000n);
    await expect(issue(PERIOD)).rejects.toThrow('has not ended');
  });

  it('are issued once with gapless numbers, however many issue them, and sum to the bill', async () => {
    await server.stop();
    await startAfter(10);
    const tries = await Promise.allSettled([issue(PERIOD), issue(PERIOD), issue(PERIOD)]);
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const reasons = tries.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []));
    for (const reason of reasons) expect(reason).toContain('was issued already');
    const year = new Date(Date.now() + offsetMs).getUTCFullYear();
    const all = await statements({ BillingPeriod: PERIOD });
    expect(numbersOf(all)).toEqual([1, 2, 3].map((ordinal) => `CHB-${year}-000${ordinal}`));
    await expectTheBill(PERIOD);
  });

  it('are files of the same bytes whenever they are written, and show what they say', async () => {
    const { Number: number } = await ofValue(PERIOD, 'search');
    const pdf = await file(number, 'PDF');
    expect((await file(number, 'PDF')).equals(pdf)).toBe(true);
    const { Statement } = await statement(number);
    const shown = pdfText(pdf);
    // What the fonts lack is written as numbers, and said.
    for (const part of [
      'Search [U+691C][U+7D22]',
      number,
      'CC-100',
      `Total ${Statement.TotalAmount} USD`,
      'user/ann',
      SONNET,
    ])
      expect(shown).toContain(part);
    expect(shown).toContain('1 of 1');
    const csv = (await file(number, 'CSV')).toString();
    expect(csv.split('\r\n')[0]).toMatch(/^statement,version,month,value,cost_center,kind,principal,model,token_class/);
    expect(csv.trim().split('\r\n')).toHaveLength(Statement.Lines.length + 1);
    const json = JSON.parse((await file(number, 'JSON')).toString()) as { number: string; lines: object[] };
    expect(json).toMatchObject({ number, title: 'Search 検索', version: 1 });
    expect(json.lines).toHaveLength(Statement.Lines.length);
    expect(Statement.Lines.map(({ TokenClass }) => TokenClass)).toContain('output');
  });

  it('are sent once to whom they are for, with their files, and show what became of it', async () => {
    const { Number: number } = await ofValue(PERIOD, 'search');
    await Promise.all([call('SendStatement', { Number: number }), call('SendStatement', { Number: number })]);
    const deliveries = async () =>
      (await statement(number)).State.Deliveries.map(({ Address, Status }) => [Address, Status]);
    await expect.poll(deliveries, ARRIVAL).toEqual([
      ['lead@acme.example', 'SENT'],
      [TOPIC, 'SENT'],
    ]);
    await call('SendStatement', { Number: number });
    expect(await deliveries()).toHaveLength(2);
    expect(mails).toHaveLength(1);
    const encoded = mails[0]!.replaceAll(/\r\n/g, '');
    expect(encoded).toContain((await file(number, 'PDF')).toString('base64'));
    expect(mails[0]).toContain(`filename=${number}-v1.csv`);
    expect(receiver.posts).toMatchObject([
      {
        facts: { type: 'statement', number, costCenter: 'CC-100' },
        attachments: [{ name: `${number}-v1.pdf`, contentType: 'application/pdf' }, { name: `${number}-v1.csv` }],
      },
    ]);
    const unnamed = await ofValue(PERIOD, '');
    await expect(call('SendStatement', { Number: unnamed.Number })).rejects.toThrow('nobody gets statement');
  });

  it('of a team are its lead’s to see and to decide on, and no other', async () => {
    const own = await ofValue(PERIOD, 'search');
    const other = await ofValue(PERIOD, 'data');
    const seen = await asLead<{ Statements: Statement[] }>('ListStatements', {});
    expect(numbersOf(seen.Statements)).toEqual([own.Number]);
    const denied = 'is not authorized to perform';
    await expect(asLead('ListStatements', { Scope: 'ALL' })).rejects.toThrow(denied);
    await expect(asLead('GetStatement', { Number: other.Number })).rejects.toThrow('there is no statement');
    await expect(asLead('ApproveStatement', { Number: other.Number })).rejects.toThrow('there is no statement');
    await expect(asLead('GetStatementFile', { Number: other.Number, Format: 'PDF' })).rejects.toThrow('no statement');
    await expect(asLead('VoidStatement', { Number: own.Number, Reason: 'no' })).rejects.toThrow();
    const Reason = 'the batch job was of the data team';
    const { State } = await asLead<{ State: State }>('DisputeStatement', { Number: own.Number, Version: 1, Reason });
    expect(State).toMatchObject({ Status: 'DISPUTED', NextSteps: ['RESOLVE', 'VOID'] });
    await expect(asLead('ApproveStatement', { Number: own.Number })).rejects.toThrow(
      'only one that is issued or resolved',
    );
    await call('ResolveDispute', { Number: own.Number, Reason: 'moved in the next month' });
    await asLead('ApproveStatement', { Number: own.Number });
    const { Events } = (await statement(own.Number)).State;
    expect(Events.map(({ Status }) => Status)).toEqual(['ISSUED', 'DISPUTED', 'RESOLVED', 'APPROVED']);
    expect(Events[1]).toMatchObject({ By: `arn:aws:iam::${ACCOUNT}:user/lea`, Reason });
    const { Events: audited } = await call<{ Events: { eventName: string }[] }>('LookupAuditEvents', {});
    expect(audited.map(({ eventName }) => eventName)).toEqual(
      expect.arrayContaining(['ApproveStatement', 'DisputeStatement']),
    );
  });

  it('that are issued anew have another version with what changed, and former ones stay', async () => {
    const none = await ofValue(PERIOD, '');
    const before = await statement(none.Number);
    await call('CreateCharge', { Type: 'Refund', AmountUsd: '1.005', Description: 'x', BillingPeriod: PERIOD });
    expect((await issue(PERIOD, { Anew: true })).Statements).toMatchObject([{ Number: none.Number, Version: 2 }]);
    await expectTheBill(PERIOD);
    const { Statement, Differences } = await statement(none.Number);
    expect(Statement.Version).toBe(2);
    expect(Differences).toMatchObject([{ Line: { Kind: 'refund' }, ChangeUsd: '-1.005' }]);
    const { Statement: former } = await statement(none.Number, { Version: 1 });
    expect(former).toEqual(before.Statement);
    await expect(call('ApproveStatement', { Number: none.Number, Version: 1 })).rejects.toThrow('has version `2` now');
  });

  it('correct earlier months by lines, and are whole after a kill in the middle', async () => {
    const search = await ofValue(PERIOD, 'search');
    await call('CreateCharge', { Type: 'Fee', AmountUsd: '3', Description: 'late', BillingPeriod: PERIOD });
    const caller = { ...moved(server.admin) };
    await spend(caller, [{ modelId: SONNET, inputTokens: 100_000, outputTokens: 0 }]);
    await server.stop();
    // The month is closed meanwhile, and rated at another price then: what differs is billed in the month that is open.
    await startAfter(37, { prices: [{ modelId: SONNET, meter: 'input', usdPerMillionTokens: '4' }] });
    await vi.waitFor(async () => {
      const { BillingPeriods } = await call<{ BillingPeriods: Record<string, string>[] }>('ListBillingPeriods', {});
      expect(BillingPeriods).toContainEqual(expect.objectContaining({ BillingPeriod: PERIOD, State: 'FINAL' }));
      expect(await billUsd(NEXT)).not.toBe('0');
    }, ARRIVAL);
    await call('RerateBillingPeriod', { BillingPeriod: PERIOD, Apply: true });
    const cutOff = issue(NEXT).catch(() => {});
    await server.kill();
    await cutOff;
    await startAfter(37);
    if ((await statements({ BillingPeriod: NEXT })).length === 0) await issue(NEXT);
    await expectTheBill(NEXT);
    const { Statement } = await statement((await ofValue(NEXT, 'search')).Number);
    // Its part of the late fee, with the statement that it corrects; and the tax that the close added is nobody's.
    const corrections = Statement.Lines.filter(({ Kind }) => Kind === 'earlier');
    expect(corrections).toMatchObject([{ OfPeriod: PERIOD, Corrects: search.Number }]);
    expect(parseCents(corrections[0]!.Amount)).toBeGreaterThan(0n);
    expect(Statement.Lines.filter(({ Kind }) => Kind === 'late')).toMatchObject([{ OfPeriod: PERIOD }]);
    const counting = (await statements()).filter(({ Status }) => Status !== 'VOIDED');
    const bills = (await Promise.all([PERIOD, NEXT].map(billUsd))).map((usd) => toCents(parsePicoUsd(usd)));
    expect(counting.reduce((sum, { TotalAmount }) => sum + parseCents(TotalAmount), 0n)).toBe(bills[0]! + bills[1]!);
    const ordinals = numbersOf(await statements()).map((number) => number.slice(-4));
    expect(ordinals).toEqual(ordinals.map((_, index) => String(index + 1).padStart(4, '0')));
    await expect(issue(PERIOD, { Anew: true })).rejects.toThrow(`only \`${NEXT}\` can be issued anew`);
  });

  it('have a balanced journal, in which what was superseded is booked back', async () => {
    const { Entries, Csv } = await call<{ Entries: Record<string, string>[]; Csv: string }>('GetJournalEntries', {
      DefinitionId: definitionId,
    });
    const sumOf = (side: string) =>
      Entries.filter(({ Side }) => Side === side).reduce((sum, { Amount }) => sum + parseCents(Amount!), 0n);
    expect(sumOf('DEBIT')).toBe(sumOf('CREDIT'));
    // What is left on the relieved account is what all statements say.
    const relieved = Entries.filter(({ Account }) => Account === '2400');
    const credited = relieved.reduce(
      (sum, { Side, Amount }) => sum + parseCents(Amount!) * (Side === 'CREDIT' ? 1n : -1n),
      0n,
    );
    const counting = (await statements()).filter(({ Status }) => Status !== 'VOIDED');
    expect(credited).toBe(counting.reduce((sum, { TotalAmount }) => sum + parseCents(TotalAmount), 0n));
    expect(Entries.some(({ Entry }) => Entry!.endsWith('/reversed'))).toBe(true);
    expect(Entries.find(({ Value }) => Value === 'data')).toMatchObject({ Account: '6401', CostCenter: 'CC-200' });
    expect(Csv.split('\r\n')[0]).toBe('date,entry,account,cost_center,debit,credit,currency,reference,memo');
    const Columns = [{ Name: 'Betrag', Field: 'signedAmount' }];
    const own = await call<{ Csv: string }>('GetJournalEntries', { DefinitionId: definitionId, Columns });
    expect(own.Csv.split('\r\n')[0]).toBe('Betrag');
  });
});
