import { BedrockClient, CreateModelInvocationJobCommand, GetModelInvocationJobCommand } from '@aws-sdk/client-bedrock';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { S3_CREDENTIALS } from '../s3/s3-credentials.ts';
import { S3Server } from '../s3/s3-server.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { record } from '../wire/batch-record.ts';
import { ARRIVAL, type LedgerEntry, ledger } from '../wire/ledger.ts';
import { ACCOUNT, allow, newRole, newUser, trust } from '../wire/principals.ts';

const MODEL = 'us.anthropic.claude-sonnet-4-6';
const GATEWAY_ACCOUNT = '111122223333';
const SERVICE = { Effect: 'Allow', Principal: { Service: 'bedrock.amazonaws.com' }, Action: 'sts:AssumeRole' };
const FILES = allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::batches/*');
const WORK_FILES = allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::private/*');
const BATCH = allow(['bedrock:*ModelInvocationJob*', 'bedrock:Invoke*', 'iam:PassRole']);

let s3: S3Server;
let aws: TestServer;
let gateway: TestServer;

beforeAll(async () => {
  s3 = await S3Server.start('batches', 'private');
  const bucketOf = (...accounts: readonly string[]) => ({
    ...{ type: 's3', endpoint: s3.url, accounts },
    ...{ accessKeyIdEnv: 'BATCH_KEY_ID', secretAccessKeyEnv: 'BATCH_SECRET' },
  });
  const environment = { BATCH_KEY_ID: S3_CREDENTIALS.accessKeyId, BATCH_SECRET: S3_CREDENTIALS.secretAccessKey };
  aws = await startServer({ config: { exports: { buckets: { private: bucketOf(ACCOUNT) } } }, environment });
  const roleArn = await newRole(aws.admin, 'AwsBatchRole', { trust: [SERVICE], statements: [WORK_FILES] });
  const operator = await newUser(aws.admin, 'gateway', { statements: [allow(['sts:AssumeRole', 'sts:TagSession'])] });
  await newRole(aws.admin, 'BedrockRole', {
    trust: [trust(`arn:aws:iam::${ACCOUNT}:user/gateway`, ['sts:AssumeRole', 'sts:TagSession'])],
    statements: [BATCH],
  });
  gateway = await startServer({
    config: {
      account: { id: GATEWAY_ACCOUNT },
      exports: { buckets: { batches: bucketOf(GATEWAY_ACCOUNT), private: bucketOf() } },
      batches: { pollSeconds: 0.1 },
      upstreams: [
        {
          ...{ name: 'aws', type: 'bedrock', endpoint: aws.url, stsEndpoint: aws.url },
          ...{ accessKeyIdEnv: 'NODE_UPSTREAM_KEY_ID', secretAccessKeyEnv: 'UPSTREAM_SECRET' },
          session: { role: `arn:aws:iam::${ACCOUNT}:role/BedrockRole` },
          batch: { roleArn, endpoint: aws.url, workFolder: 's3://private/jobs/' },
        },
      ],
    },
    environment: {
      ...environment,
      // No secret, and known at AWS: not looked for by the scan of data folders.
      NODE_UPSTREAM_KEY_ID: operator.credentials.accessKeyId,
      UPSTREAM_SECRET: operator.credentials.secretAccessKey,
    },
  });
  await newRole(gateway.admin, 'BatchRole', { trust: [SERVICE], statements: [FILES] });
}, 60_000);
afterAll(async () => {
  for (const server of [gateway, aws]) expect(await server.stop()).toBe(0);
  await s3.close();
  removeFolders();
});

async function batchEntries(server: TestServer, count: number): Promise<LedgerEntry[]> {
  const found = async () => (await ledger(server)).filter(({ Operation }) => Operation === 'ModelInvocationJob');
  await expect.poll(async () => (await found()).length, ARRIVAL).toBe(count);
  return found();
}

it('hands a job over to Amazon Bedrock as its submitter, and meters its records once, as AWS bills them', async () => {
  const bob = await newUser(gateway.admin, 'bob', { statements: [BATCH], tags: { team: 'batch' } });
  const store = new S3Client({
    ...{ endpoint: s3.url, region: 'us-east-1', forcePathStyle: true, credentials: S3_CREDENTIALS },
  });
  const lines = [record('a', 1_000, 200), record('b', 3_000, 400), { recordId: 'c', modelInput: { messages: 'none' } }];
  const Body = lines.map((line) => JSON.stringify(line)).join('\n');
  await store.send(new PutObjectCommand({ Bucket: 'batches', Key: 'in/a.jsonl', Body }));
  store.destroy();

  const client = new BedrockClient(bob);
  const { jobArn } = await client.send(
    new CreateModelInvocationJobCommand({
      jobName: 'nightly',
      modelId: MODEL,
      roleArn: `arn:aws:iam::${GATEWAY_ACCOUNT}:role/BatchRole`,
      inputDataConfig: { s3InputDataConfig: { s3Uri: 's3://batches/in/a.jsonl' } },
      outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://batches/out/' } },
    }),
  );
  await expect
    .poll(async () => {
      const job = await client.send(new GetModelInvocationJobCommand({ jobIdentifier: jobArn! }));
      return [job.status, job.processedRecordCount, job.successRecordCount, job.errorRecordCount];
    }, ARRIVAL)
    .toEqual(['Completed', 3, 2, 1]);
  client.destroy();
  // The submitter's bucket has the output, the upstream's nothing any more.
  const jobId = jobArn!.slice(jobArn!.lastIndexOf('/') + 1);
  const written = [`out/${jobId}/a.jsonl.out`, `out/${jobId}/manifest.json.out`];
  expect(s3.keys('batches')).toEqual(['in/a.jsonl', ...written]);
  expect(s3.object('batches', written[0]!).toString().trim().split('\n')).toHaveLength(3);
  await expect.poll(() => s3.keys('private'), ARRIVAL).toEqual([]);

  const factsOf = ({ InputTokens, OutputTokens, CostUsd, ModelId }: LedgerEntry) => [
    ...[InputTokens, OutputTokens, CostUsd, ModelId],
  ];
  const ours = await batchEntries(gateway, 2);
  const theirs = (await batchEntries(aws, 2)).map(factsOf).sort();
  expect(ours.map(factsOf).sort()).toEqual(theirs);
  expect(theirs.map(([, , cost]) => cost)).toEqual(['0.0033', '0.00825']);
  expect(ours.every(({ Principal, Tags }) => Principal.endsWith(':user/bob') && Tags.team === 'batch')).toBe(true);
  const atAws = await ledger(aws);
  expect(atAws.every(({ Principal }) => Principal === `arn:aws:sts::${ACCOUNT}:assumed-role/BedrockRole/bob`)).toBe(
    true,
  );
});
