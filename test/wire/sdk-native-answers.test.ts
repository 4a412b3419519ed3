import { BedrockRuntimeClient, ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledgerEntry } from './ledger.ts';

let server: TestServer;
let bedrock: BedrockRuntimeClient;

beforeAll(async () => {
  server = await startServer();
  bedrock = new BedrockRuntimeClient(server.admin);
});
afterAll(async () => {
  bedrock.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

async function invoke(modelId: string, body: object) {
  const answer = await bedrock.send(new InvokeModelCommand({ modelId, body: JSON.stringify(body) }));
  return { body: JSON.parse(answer.body.transformToString()), requestId: answer.$metadata.requestId! };
}

const length = (vector: number[]) => Math.hypot(...vector);

describe('embeddings through InvokeModel', () => {
  it('come in the words of Titan, as long as asked, the same for the same text', async () => {
    const modelId = 'amazon.titan-embed-text-v2:0';
    const body = { inputText: 'a river under the bridge', dimensions: 256, embeddingTypes: ['float', 'binary'] };
    const first = await invoke(modelId, body);
    expect(first.body).toEqual({
      embedding: expect.any(Array),
      embeddingsByType: { float: first.body.embedding, binary: expect.any(Array) },
      inputTextTokenCount: 5,
    });
    expect(first.body.embedding).toHaveLength(256);
    expect(length(first.body.embedding)).toBeCloseTo(1, 6);
    expect((await invoke(modelId, body)).body.embedding).toEqual(first.body.embedding);
    await expect
      .poll(() => ledgerEntry(server, first.requestId), ARRIVAL)
      .toMatchObject({
        ...{ Operation: 'InvokeModel', ModelId: modelId, Status: 'completed', IsEstimated: false, IsUnpriced: false },
        // 5 tokens at 0.02 USD a million.
        ...{ InputTokens: '5', OutputTokens: '0', CostUsd: '0.0000001' },
      });
  });

  it('come in the words of Cohere, one for each text, in the number types asked for', async () => {
    const texts = ['one', 'two'];
    const { body } = await invoke('cohere.embed-english-v3', { texts, input_type: 'search_document' });
    expect(body).toMatchObject({ response_type: 'embeddings_floats', texts });
    expect(body.embeddings.map((vector: number[]) => vector.length)).toEqual([1024, 1024]);
    const embedding_types = ['float', 'int8', 'uint8', 'binary', 'ubinary'];
    const typed = await invoke('cohere.embed-v4:0', { texts, input_type: 'classification', embedding_types });
    const { float, int8, ubinary, binary } = typed.body.embeddings;
    expect(float[0]).toHaveLength(1536);
    expect(int8[0]).toEqual(float[0].map((value: number) => Math.round(value * 127) + 0));
    expect(ubinary[1]).toHaveLength(1536 / 8);
    expect(binary[1]).toEqual(ubinary[1].map((byte: number) => byte - 128));
  });

  it('are refused with what is wrong, and cost nothing', async () => {
    await expect(invoke('amazon.titan-embed-text-v2:0', {})).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        'Malformed input request: #: required key [inputText] not found, please reformat your input and try again.',
    });
    await expect(invoke('cohere.embed-v4:0', { input_type: 'x', texts: [] })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('are not what Converse answers', async () => {
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    const command = new ConverseCommand({ modelId: 'amazon.titan-embed-text-v1', messages });
    await expect(bedrock.send(command)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Try again with a supported text or chat model.'),
    });
  });
});

describe('images through InvokeModel', () => {
  it('come as many as asked for, metered by size and quality', async () => {
    const imageGenerationConfig = { numberOfImages: 2, quality: 'premium', width: 2048, height: 1024 };
    const { body, requestId } = await invoke('amazon.nova-canvas-v1:0', {
      ...{ taskType: 'TEXT_IMAGE', textToImageParams: { text: 'a bridge' }, imageGenerationConfig },
    });
    expect(body.images).toHaveLength(2);
    for (const image of body.images) expect(Buffer.from(image, 'base64').subarray(1, 4).toString()).toBe('PNG');
    await expect
      .poll(() => ledgerEntry(server, requestId), ARRIVAL)
      .toMatchObject({ Units: { image_2048_premium: '2' }, CostUsd: '0.16', IsUnpriced: false, InputTokens: '0' });
  });

  it("come in Stability's words, one at a time", async () => {
    const { body, requestId } = await invoke('stability.stable-image-core-v1:1', { prompt: 'a bridge' });
    expect(body).toEqual({ seeds: [0], finish_reasons: [null], images: [expect.any(String)] });
    await expect
      .poll(() => ledgerEntry(server, requestId), ARRIVAL)
      .toMatchObject({ Units: { image: '1' }, CostUsd: '0.04' });
  });
});

it('reranking through InvokeModel is paid by the query', async () => {
  const documents = ['about mountains', 'about a river'];
  const { body, requestId } = await invoke('cohere.rerank-v3-5:0', { api_version: 2, query: 'river', documents });
  expect(body.results).toEqual([
    { index: 1, relevance_score: 1 },
    { index: 0, relevance_score: 0 },
  ]);
  await expect
    .poll(() => ledgerEntry(server, requestId), ARRIVAL)
    .toMatchObject({ ModelId: 'cohere.rerank-v3-5:0', Units: { query: '1' }, CostUsd: '0.002' });
});
