import {
  BedrockAgentRuntimeClient,
  RerankCommand,
  type RerankCommandInput,
  RetrieveAndGenerateCommand,
  RetrieveAndGenerateStreamCommand,
  RetrieveCommand,
} from '@aws-sdk/client-bedrock-agent-runtime';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledgerEntry } from './ledger.ts';

const REGION = 'us-east-1';
const MODEL = 'anthropic.claude-haiku-4-5-20251001-v1:0';
const RERANKER = `arn:aws:bedrock:${REGION}::foundation-model/amazon.rerank-v1:0`;

let server: TestServer;
let agents: BedrockAgentRuntimeClient;

beforeAll(async () => {
  server = await startServer({
    config: {
      upstreams: [
        {
          name: 'simulated',
          type: 'simulated',
          knowledgeBases: {
            KB00000001: { documents: [{ uri: 's3://wiki/rivers.txt', text: 'The Rhine is a river in Europe.' }] },
            KB00000002: { isStructured: true, documents: [{ uri: 's3://wiki/rivers.csv', text: 'Rhine' }] },
          },
        },
      ],
    },
  });
  agents = new BedrockAgentRuntimeClient(server.admin);
});
afterAll(async () => {
  agents.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function reranking(texts: readonly string[], modelArn = RERANKER): RerankCommandInput {
  return {
    queries: [{ type: 'TEXT', textQuery: { text: 'rivers in Europe' } }],
    sources: texts.map((text) => ({
      type: 'INLINE' as const,
      inlineDocumentSource: { type: 'TEXT' as const, textDocument: { text } },
    })),
    rerankingConfiguration: {
      type: 'BEDROCK_RERANKING_MODEL',
      bedrockRerankingConfiguration: { modelConfiguration: { modelArn }, numberOfResults: 2 },
    },
  };
}

const asked = (knowledgeBaseId: string, modelArn = MODEL) => ({
  input: { text: 'Which river is in Europe?' },
  retrieveAndGenerateConfiguration: {
    type: 'KNOWLEDGE_BASE' as const,
    knowledgeBaseConfiguration: { knowledgeBaseId, modelArn },
  },
});

describe('Rerank', () => {
  it('puts documents in order and pays one query for up to 100 of them', async () => {
    const texts = ['Mountains of Asia', 'The rivers of Europe', 'rivers', ...Array.from({ length: 98 }, () => 'x')];
    const { results, $metadata } = await agents.send(new RerankCommand(reranking(texts)));
    expect(results).toMatchObject([
      { index: 1, relevanceScore: 2 / 3, document: { type: 'TEXT', textDocument: { text: 'The rivers of Europe' } } },
      { index: 2, relevanceScore: 1 / 3 },
    ]);
    await expect
      .poll(() => ledgerEntry(server, $metadata.requestId!), ARRIVAL)
      .toMatchObject({
        ...{ Operation: 'Rerank', ModelId: 'amazon.rerank-v1:0', ResourceArn: RERANKER, Units: { query: '2' } },
        ...{ InputTokens: '0', CostUsd: '0.002', IsUnpriced: false, Status: 'completed' },
      });
  });

  it('takes rerankers alone', async () => {
    const chat = agents.send(
      new RerankCommand(reranking(['a'], `arn:aws:bedrock:${REGION}::foundation-model/${MODEL}`)),
    );
    await expect(chat).rejects.toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
  });
});

describe('Retrieve', () => {
  it('finds what the knowledge base holds, and is metered as one search', async () => {
    const command = new RetrieveCommand({ knowledgeBaseId: 'KB00000001', retrievalQuery: { text: 'a river' } });
    const { retrievalResults, $metadata } = await agents.send(command);
    expect(retrievalResults).toEqual([
      {
        content: { type: 'TEXT', text: 'The Rhine is a river in Europe.' },
        location: { type: 'S3', s3Location: { uri: 's3://wiki/rivers.txt' } },
        score: 1,
      },
    ]);
    await expect
      .poll(() => ledgerEntry(server, $metadata.requestId!), ARRIVAL)
      .toMatchObject({
        ...{ Operation: 'Retrieve', ModelId: 'bedrock.knowledge-bases', Units: { retrieval: '1' }, CostUsd: '0' },
        ResourceArn: `arn:aws:bedrock:${REGION}:123456789012:knowledge-base/KB00000001`,
        IsUnpriced: false,
      });
  });

  it('pays for searches of structured data', async () => {
    const command = new RetrieveCommand({ knowledgeBaseId: 'KB00000002', retrievalQuery: { text: 'Rhine' } });
    const { $metadata } = await agents.send(command);
    await expect
      .poll(() => ledgerEntry(server, $metadata.requestId!), ARRIVAL)
      .toMatchObject({ Units: { structured_retrieval: '1' }, CostUsd: '0.002' });
  });
});

describe('RetrieveAndGenerate', () => {
  it('answers with citations; the tokens are those of the model, the search is beside them', async () => {
    const { output, citations, sessionId, $metadata } = await agents.send(
      new RetrieveAndGenerateCommand(asked('KB00000001')),
    );
    expect(output?.text).toMatch(/^[A-Z].*\.$/);
    expect(sessionId).toBeDefined();
    expect(citations?.[0]?.retrievedReferences?.[0]?.location?.s3Location?.uri).toBe('s3://wiki/rivers.txt');
    await expect
      .poll(() => ledgerEntry(server, $metadata.requestId!), ARRIVAL)
      .toMatchObject({
        ...{ Operation: 'RetrieveAndGenerate', ModelId: MODEL, Units: { retrieval: '1' }, IsUnpriced: false },
        ...{ InputTokens: expect.stringMatching(/^[1-9]/), OutputTokens: expect.stringMatching(/^[1-9]/) },
        CostUsd: expect.stringMatching(/^0\.00/),
      });
  });

  it('streams the same', async () => {
    const answer = await agents.send(new RetrieveAndGenerateStreamCommand(asked('KB00000001')));
    const events = [];
    for await (const event of answer.stream!) events.push(event);
    expect(answer.sessionId).toBeDefined();
    expect(events).toMatchObject([
      { output: { text: expect.stringMatching(/\.$/) } },
      { citation: { retrievedReferences: [{ content: { type: 'TEXT' } }] } },
    ]);
    await expect
      .poll(() => ledgerEntry(server, answer.$metadata.requestId!), ARRIVAL)
      .toMatchObject({ Operation: 'RetrieveAndGenerateStream', Status: 'completed' });
  });

  it('takes the permissions to search and to invoke the model besides its own', async () => {
    const iam = new IAMClient({ ...server.admin, region: REGION });
    await iam.send(new CreateUserCommand({ UserName: 'searcher' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'searcher' }));
    const client = new BedrockAgentRuntimeClient({
      ...server.admin,
      credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
    });
    const allow = (...actions: string[]) =>
      iam.send(
        new PutUserPolicyCommand({
          UserName: 'searcher',
          PolicyName: 'search',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
          }),
        }),
      );
    const outcome = () =>
      client.send(new RetrieveAndGenerateCommand(asked('KB00000001'))).then(
        () => 'answered',
        (error: Error) => /bedrock:\w+/.exec(error.message)?.[0],
      );
    await allow('bedrock:RetrieveAndGenerate');
    expect(await outcome()).toBe('bedrock:Retrieve');
    await allow('bedrock:RetrieveAndGenerate', 'bedrock:Retrieve');
    expect(await outcome()).toBe('bedrock:InvokeModel');
    await allow('bedrock:RetrieveAndGenerate', 'bedrock:Retrieve', 'bedrock:InvokeModel');
    expect(await outcome()).toBe('answered');
    client.destroy();
    iam.destroy();
  });
});
