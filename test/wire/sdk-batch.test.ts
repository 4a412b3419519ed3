import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BedrockClient,
  CreateModelInvocationJobCommand,
  type CreateModelInvocationJobCommandInput,
  GetModelInvocationJobCommand,
  ListModelInvocationJobsCommand,
  StopModelInvocationJobCommand,
} from '@aws-sdk/client-bedrock';
import { DeleteUserPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { record } from './batch-record.ts';
import { tallyline } from './gateway-keys.ts';
import { ARRIVAL, type LedgerEntry, ledger } from './ledger.ts';
import { ACCOUNT, allow, newRole, newUser } from './principals.ts';

const MODEL = 'us.anthropic.claude-sonnet-4-6';
const BUCKET = 'batches';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/BatchRole`;
const CREATE = allow(['bedrock:*ModelInvocationJob*', 'iam:PassRole']);

describe('batch inference through the AWS SDK', () => {
  let server: TestServer;
  let bob: ClientConfig;

  beforeAll(async () => {
    server = await startServer({ config: { batches: { recordsAtOnce: 4, maxRecords: 50 } } });
    bob = await newUser(server.admin, 'bob', { statements: [CREATE], tags: { team: 'batch' } });
    await newRole(server.admin, 'BatchRole', {
      trust: [{ Effect: 'Allow', Principal: { Service: 'bedrock.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      statements: [allow(['s3:GetObject', 's3:PutObject'], `arn:aws:s3:::${BUCKET}/*`)],
    });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    removeFolders();
  });

  function put(key: string, lines: readonly unknown[]): void {
    const file = join(server.data, 'exports', BUCKET, key);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  }

  const outputs = (folder: string, jobArn: string) => {
    const path = join(server.data, 'exports', BUCKET, folder, jobArn.slice(jobArn.lastIndexOf('/') + 1));
    const names = readdirSync(path).filter((name) => !name.startsWith('.'));
    const textOf = (name: string) => readFileSync(join(path, name), 'utf8').trim().split('\n');
    return Object.fromEntries(names.sort().map((name) => [name, textOf(name).map((line) => JSON.parse(line))]));
  };

  const create = (client: BedrockClient, input: string, rest: Partial<CreateModelInvocationJobCommandInput> = {}) =>
    client.send(
      new CreateModelInvocationJobCommand({
        jobName: 'nightly',
        modelId: MODEL,
        roleArn: ROLE,
        inputDataConfig: { s3InputDataConfig: { s3Uri: `s3://${BUCKET}/${input}` } },
        outputDataConfig: { s3OutputDataConfig: { s3Uri: `s3://${BUCKET}/out/` } },
        ...rest,
      }),
    );

  async function ended(client: BedrockClient, jobArn: string) {
    for (;;) {
      const job = await client.send(new GetModelInvocationJobCommand({ jobIdentifier: jobArn }));
      if (job.endTime) return job;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function jobEntries(count: number, principal: string): Promise<LedgerEntry[]> {
    const of = async () =>
      (await ledger(server, { Principal: principal })).filter(({ Operation }) => Operation === 'ModelInvocationJob');
    await expect.poll(async () => (await of()).length, ARRIVAL).toBe(count);
    return of();
  }

  it('calls every record as its submitter, at half the price, and writes what AWS writes', async () => {
    put('in/first.jsonl', [record('a', 1_000, 200), record('b', 3_000, 400), { ...record('c', 0, 0), recordId: 'c' }]);
    const client = new BedrockClient(bob);
    const { jobArn } = await create(client, 'in/first.jsonl', { clientRequestToken: 'token-1' });
    expect(jobArn).toMatch(/^arn:aws:bedrock:us-east-1:123456789012:model-invocation-job\/[a-z0-9]{12}$/);
    const job = await ended(client, jobArn!);
    expect(job).toMatchObject({
      status: 'Completed',
      totalRecordCount: 3,
      processedRecordCount: 3,
      successRecordCount: 3,
      errorRecordCount: 0,
    });
    const written = outputs('out', jobArn!);
    expect(Object.keys(written)).toEqual(['first.jsonl.out', 'manifest.json.out']);
    expect(written['manifest.json.out']).toEqual([
      {
        totalRecordCount: 3,
        processedRecordCount: 3,
        successRecordCount: 3,
        errorRecordCount: 0,
        inputTokenCount: 4_000,
        outputTokenCount: 600,
      },
    ]);
    const lines = written['first.jsonl.out']!;
    expect(lines.map(({ recordId }) => recordId).sort()).toEqual(['a', 'b', 'c']);
    expect(lines.find(({ recordId }) => recordId === 'a')).toMatchObject({
      modelInput: { max_tokens: 100 },
      modelOutput: { type: 'message', usage: { input_tokens: 1_000, output_tokens: 200 } },
    });

    // Asked ten times, metered once each, for its submitter, at the batch price and never at zero (peers rows 41, 42).
    for (let asked = 0; asked < 10; asked += 1) await ended(client, jobArn!);
    const entries = await jobEntries(3, `arn:aws:iam::${ACCOUNT}:user/bob`);
    expect(entries.map(({ InputTokens, CostUsd }) => [InputTokens, CostUsd]).sort()).toEqual([
      ['0', '0'],
      // Sonnet 4.6 regional: 3.30 and 16.50 USD per million tokens, in a batch half of that.
      ['1000', String((1_000 * 1.65 + 200 * 8.25) / 1e6)],
      ['3000', String((3_000 * 1.65 + 400 * 8.25) / 1e6)],
    ]);
    expect(entries.every(({ Tags }) => Tags.team === 'batch')).toBe(true);

    // The same request again is the same job; another one under its token is refused.
    expect((await create(client, 'in/first.jsonl', { clientRequestToken: 'token-1' })).jobArn).toBe(jobArn);
    await expect(create(client, 'in/other.jsonl', { clientRequestToken: 'token-1' })).rejects.toMatchObject({
      name: 'ConflictException',
    });
  });

  it('takes Converse’s form and folders of files, and keeps the errors of single records', async () => {
    const converse = (text: string, simulate: object) => ({
      modelInput: {
        messages: [{ role: 'user', content: [{ text }] }],
        additionalModelRequestFields: { simulate },
      },
    });
    put('folder/one.jsonl', [converse('one', { inputTokens: 10, outputTokens: 5 })]);
    put('folder/two.jsonl', [
      converse('fails', { error: { name: 'ValidationException' } }),
      { recordId: 'no-messages', modelInput: { messages: 'none' } },
    ]);
    put('folder/readme.txt', ['not a record']);
    const client = new BedrockClient(bob);
    const { jobArn } = await create(client, 'folder/', { modelInvocationType: 'Converse', jobName: 'converse' });
    expect(await ended(client, jobArn!)).toMatchObject({
      status: 'Completed',
      successRecordCount: 1,
      errorRecordCount: 2,
    });
    const written = outputs('out', jobArn!);
    expect(written['one.jsonl.out']).toMatchObject([
      { recordId: 'RECORD1', modelOutput: { usage: { inputTokens: 10 } } },
    ]);
    const failed = written['two.jsonl.out']!.sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
    expect(failed).toMatchObject([
      { recordId: 'RECORD1', error: { errorCode: 400 } },
      { recordId: 'no-messages', error: { errorCode: 400 } },
    ]);
    const found = await client.send(new ListModelInvocationJobsCommand({ nameContains: 'converse' }));
    expect(found.invocationJobSummaries).toMatchObject([{ jobArn, status: 'Completed', jobName: 'converse' }]);
  });

  it('fails as a whole, before any call, where a line is no record', async () => {
    put('in/broken.jsonl', [record('a', 1, 1), '{"recordId": "b"']);
    const client = new BedrockClient(bob);
    const { jobArn } = await create(client, 'in/broken.jsonl');
    expect(await ended(client, jobArn!)).toMatchObject({ status: 'Failed', message: 'Line 2 is not valid JSON.' });
    put(
      'in/many.jsonl',
      Array.from({ length: 51 }, (_, i) => record(`r${i}`, 1, 1)),
    );
    const many = await create(client, 'in/many.jsonl');
    expect(await ended(client, many.jobArn!)).toMatchObject({
      status: 'Failed',
      message: 'A job may have 50 records at most.',
    });
    const none = await create(client, 'in/nowhere.jsonl');
    expect((await ended(client, none.jobArn!)).message).toBe(`There is no object s3://${BUCKET}/in/nowhere.jsonl.`);
  });

  it('needs a permission, a role that may be passed and that may read and write, and a bucket of the account', async () => {
    const nobody = new BedrockClient(await newUser(server.admin, 'nobody', { statements: [allow('bedrock:Invoke*')] }));
    await expect(create(nobody, 'in/first.jsonl')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const client = new BedrockClient(bob);
    const elsewhere = { s3OutputDataConfig: { s3Uri: 's3://elsewhere/out/' } };
    await expect(create(client, 'in/first.jsonl', { outputDataConfig: elsewhere })).rejects.toThrow(/s3:PutObject/);
    await expect(create(client, 'in/first.jsonl', { roleArn: `${ROLE}-none` })).rejects.toThrow(/does not exist/);
    const unpassed = await newUser(server.admin, 'unpassed', { statements: [allow('bedrock:*')] });
    await expect(create(new BedrockClient(unpassed), 'in/first.jsonl')).rejects.toThrow(/iam:PassRole/);
    await expect(
      nobody.send(new GetModelInvocationJobCommand({ jobIdentifier: 'abcdefghijkl' })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(
      client.send(new GetModelInvocationJobCommand({ jobIdentifier: 'abcdefghijkl' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('counts against hard budgets, record by record (peers row 75)', async () => {
    const budget = { Name: 'batch', Unit: 'tokens', Limit: '1', Window: { Unit: 'month', TimeZone: 'UTC' } };
    const Scope = { Tags: [{ Key: 'team', Value: 'batch' }] };
    await tallyline(server, 'CreateHardBudget', { ...budget, Scope });
    put('in/budget.jsonl', [record('a', 10, 10), record('b', 10, 10)]);
    const client = new BedrockClient(bob);
    const { jobArn } = await create(client, 'in/budget.jsonl');
    expect(await ended(client, jobArn!)).toMatchObject({ successRecordCount: 0, errorRecordCount: 2 });
    const errorMessage = expect.stringContaining('The hard budget batch has no room for this call.');
    expect(outputs('out', jobArn!)['budget.jsonl.out']).toMatchObject([
      { recordId: 'a', error: { errorCode: 403, errorMessage } },
      { recordId: 'b', error: { errorCode: 403, errorMessage } },
    ]);
    client.destroy();
    await tallyline(server, 'DeleteHardBudget', { Name: 'batch' });
  });

  it('stops, and goes on with what is left after the server was killed', async () => {
    const slow = (delayMs: number) =>
      Array.from({ length: 24 }, (_, i) => {
        const { recordId, modelInput } = record(`s${i}`, 7, 3);
        return { recordId, modelInput: { ...modelInput, simulate: { ...modelInput.simulate, delayMs } } };
      });
    // Twelve seconds' work, four at once: a stop arrives before its end however busy the machine is.
    put('in/slowest.jsonl', slow(2_000));
    put('in/slow.jsonl', slow(500));
    const carol = await newUser(server.admin, 'carol', { statements: [CREATE] });
    const isRunning = async (jobArn: string) =>
      (await client.send(new GetModelInvocationJobCommand({ jobIdentifier: jobArn }))).status === 'InProgress';
    let client = new BedrockClient(carol);
    const { jobArn: stopped } = await create(client, 'in/slowest.jsonl', { jobName: 'stopped' });
    await expect.poll(() => isRunning(stopped!), ARRIVAL).toBe(true);
    await client.send(new StopModelInvocationJobCommand({ jobIdentifier: stopped! }));
    const job = await ended(client, stopped!);
    expect(job.status).toBe('Stopped');
    expect(job.processedRecordCount).toBeLessThan(24);
    expect(outputs('out', stopped!)['slowest.jsonl.out']).toHaveLength(job.processedRecordCount!);
    await expect(client.send(new StopModelInvocationJobCommand({ jobIdentifier: stopped! }))).rejects.toMatchObject({
      name: 'ConflictException',
    });

    const { jobArn: killed } = await create(client, 'in/slow.jsonl', { jobName: 'killed' });
    await expect.poll(() => isRunning(killed!), ARRIVAL).toBe(true);
    await server.kill();
    server = await startServer({ data: server.data, config: { batches: { recordsAtOnce: 4, maxRecords: 50 } } });
    client = new BedrockClient({ ...carol, endpoint: server.url });
    expect(await ended(client, killed!)).toMatchObject({ status: 'Completed', successRecordCount: 24 });
    const ids = outputs('out', killed!)['slow.jsonl.out']!.map(({ recordId }) => recordId);
    expect(new Set(ids).size).toBe(24);
    expect(ids).toHaveLength(24);
  });

  it('calls no further record when the permission is taken away', async () => {
    const dave = await newUser(server.admin, 'dave', { statements: [CREATE] });
    // Twenty seconds of work, so that the permission is gone long before its end.
    const client = new BedrockClient({ ...dave, endpoint: server.url });
    put(
      'in/later.jsonl',
      Array.from({ length: 40 }, (_, i) => {
        const { recordId, modelInput } = record(`l${i}`, 1, 1);
        return {
          recordId,
          modelInput: { ...modelInput, simulate: { delayMs: 2_000, inputTokens: 1, outputTokens: 1 } },
        };
      }),
    );
    const { jobArn } = await create(client, 'in/later.jsonl');
    const principal = `arn:aws:iam::${ACCOUNT}:user/dave`;
    await expect.poll(async () => (await ledger(server, { Principal: principal })).length, ARRIVAL).toBeGreaterThan(0);
    const iam = new IAMClient({ ...server.admin, endpoint: server.url });
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'dave', PolicyName: 'test' }));
    const admin = new BedrockClient({ ...server.admin, endpoint: server.url });
    const job = await ended(admin, jobArn!);
    expect(job.status).toBe('Completed');
    expect(job.errorRecordCount).toBeGreaterThan(0);
    const refused = outputs('out', jobArn!)['later.jsonl.out']!.filter(({ error }) => error);
    expect(refused[0].error).toMatchObject({ errorCode: 403 });
  });
});
