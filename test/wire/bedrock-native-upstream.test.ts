import {
  BedrockAgentRuntimeClient,
  RerankCommand,
  RetrieveAndGenerateCommand,
  RetrieveCommand,
} from '@aws-sdk/client-bedrock-agent-runtime';
import {
  ApplyGuardrailCommand,
  BedrockRuntimeClient,
  ConverseCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { CreateServiceSpecificCredentialCommand, IAMClient } from '@aws-sdk/client-iam';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { AWS_ACCOUNT, startGateway } from './bedrock-upstream.ts';
import { ARRIVAL, ledger, ledgerEntry } from './ledger.ts';
import { allow, newUser } from './principals.ts';

const MODEL = 'anthropic.claude-sonnet-4-6';
const RERANKER = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.rerank-v1:0';

let aws: TestServer;
let gateway: TestServer;
let runtime: BedrockRuntimeClient;
let agents: BedrockAgentRuntimeClient;

beforeAll(async () => {
  const guardrails = { gr1: { deniedWords: ['dragon'], deniedTopics: [{ name: 'Shares', phrases: ['shares'] }] } };
  aws = await startServer({
    config: { account: { id: AWS_ACCOUNT }, upstreams: [{ name: 'simulated', type: 'simulated', guardrails }] },
  });
  const user = await newUser(aws.admin, 'gateway', { statements: [allow(['bedrock:*'])] });
  gateway = await startGateway(aws.url, user);
  runtime = new BedrockRuntimeClient(gateway.admin);
  agents = new BedrockAgentRuntimeClient(gateway.admin);
});
afterAll(async () => {
  runtime?.destroy();
  agents?.destroy();
  expect(await gateway.stop()).toBe(0);
  expect(await aws.stop()).toBe(0);
  removeFolders();
});

const invoke = (modelId: string, body: object) =>
  runtime.send(new InvokeModelCommand({ modelId, body: JSON.stringify(body) }));

/** What both sides have of one call: the gateway finds it by its id, AWS's side as the latest of its operation. */
async function onBothSides(requestId: string | undefined, operation: string, expected: object): Promise<void> {
  await expect.poll(() => ledgerEntry(gateway, requestId!), ARRIVAL).toMatchObject(expected);
  const there = async () => (await ledger(aws)).find((entry) => entry.Operation === operation);
  await expect.poll(there, ARRIVAL).toMatchObject(expected);
}

it('embeddings, images and rankings cost the same here and at AWS', async () => {
  const embedded = await invoke('amazon.titan-embed-text-v2:0', { inputText: 'a river under the bridge' });
  expect(JSON.parse(embedded.body.transformToString()).embedding).toHaveLength(1024);
  await onBothSides(embedded.$metadata.requestId, 'InvokeModel', {
    ...{ InputTokens: '5', OutputTokens: '0', CostUsd: '0.0000001', IsEstimated: false },
  });
  const drawn = await invoke('amazon.nova-canvas-v1:0', {
    ...{ taskType: 'TEXT_IMAGE', textToImageParams: { text: 'a bridge' } },
    imageGenerationConfig: { numberOfImages: 3, quality: 'standard' },
  });
  await onBothSides(drawn.$metadata.requestId, 'InvokeModel', { Units: { image_1024: '3' }, CostUsd: '0.12' });
  const ranked = await agents.send(
    new RerankCommand({
      queries: [{ type: 'TEXT', textQuery: { text: 'river' } }],
      sources: [
        { type: 'INLINE', inlineDocumentSource: { type: 'TEXT', textDocument: { text: 'hill' } } },
        { type: 'INLINE', inlineDocumentSource: { type: 'JSON', jsonDocument: { about: 'a river' } } },
      ],
      rerankingConfiguration: {
        type: 'BEDROCK_RERANKING_MODEL',
        bedrockRerankingConfiguration: { modelConfiguration: { modelArn: RERANKER } },
      },
    }),
  );
  expect(ranked.results?.map(({ index }) => index)).toEqual([1, 0]);
  await onBothSides(ranked.$metadata.requestId, 'Rerank', { Units: { query: '1' }, CostUsd: '0.001' });
});

it('guardrails cost the same, applied alone or in line', async () => {
  const applied = await runtime.send(
    new ApplyGuardrailCommand({
      ...{ guardrailIdentifier: 'gr1', guardrailVersion: 'DRAFT', source: 'OUTPUT' },
      content: [{ text: { text: 'a dragon' } }],
    }),
  );
  expect(applied.action).toBe('GUARDRAIL_INTERVENED');
  const Units = { topic_policy_unit: '1', word_policy_unit: '1' };
  await onBothSides(applied.$metadata.requestId, 'ApplyGuardrail', { Units, CostUsd: '0.00015' });
  const answer = await runtime.send(
    new ConverseCommand({
      modelId: MODEL,
      messages: [{ role: 'user', content: [{ text: 'a dragon' }] }],
      guardrailConfig: { guardrailIdentifier: 'gr1', guardrailVersion: 'DRAFT', trace: 'enabled' },
    }),
  );
  expect(answer.stopReason).toBe('guardrail_intervened');
  await onBothSides(answer.$metadata.requestId, 'Converse', { InputTokens: '0', Units, CostUsd: '0.00015' });
});

it('knowledge bases are searched at AWS; tokens that its answers do not name are counted and flagged', async () => {
  const found = await agents.send(
    new RetrieveCommand({ knowledgeBaseId: 'KB00000001', retrievalQuery: { text: 'paid holidays' } }),
  );
  expect(found.retrievalResults?.[0]?.content?.text).toContain('thirty days of paid holidays');
  await onBothSides(found.$metadata.requestId, 'Retrieve', { Units: { retrieval: '1' }, CostUsd: '0' });
  const answer = await agents.send(
    new RetrieveAndGenerateCommand({
      input: { text: 'How many paid holidays are there?' },
      retrieveAndGenerateConfiguration: {
        type: 'KNOWLEDGE_BASE',
        knowledgeBaseConfiguration: { knowledgeBaseId: 'KB00000001', modelArn: MODEL },
      },
    }),
  );
  expect(answer.output?.text).toMatch(/\.$/);
  await expect
    .poll(() => ledgerEntry(gateway, answer.$metadata.requestId!), ARRIVAL)
    .toMatchObject({
      ...{ Operation: 'RetrieveAndGenerate', ModelId: MODEL, IsEstimated: true, Units: { retrieval: '1' } },
      ...{ InputTokens: expect.stringMatching(/^[1-9]/), OutputTokens: expect.stringMatching(/^[1-9]/) },
    });
});

it("OpenAI's embeddings are put in the words of the model", async () => {
  const iam = new IAMClient(gateway.admin);
  await newUser(gateway.admin, 'embedder', { statements: [allow(['bedrock:*'])] });
  const { ServiceSpecificCredential } = await iam.send(
    new CreateServiceSpecificCredentialCommand({ UserName: 'embedder', ServiceName: 'bedrock.amazonaws.com' }),
  );
  iam.destroy();
  const apiKey = ServiceSpecificCredential!.ServiceCredentialSecret!;
  const client = new OpenAI({ baseURL: `${gateway.url}/openai/v1`, apiKey });
  const input = ['one', 'two', 'three'];
  const titan = await client.embeddings.create({ model: 'amazon.titan-embed-text-v2:0', input, dimensions: 256 });
  expect(titan.data.map(({ embedding }) => embedding.length)).toEqual([256, 256, 256]);
  expect(titan.usage.prompt_tokens).toBe(3);
  const cohere = await client.embeddings.create({ model: 'cohere.embed-english-v3', input });
  expect(cohere.data).toHaveLength(3);
});
