import {
  BedrockAgentRuntimeClient,
  RetrieveAndGenerateCommand,
  RetrieveCommand,
} from '@aws-sdk/client-bedrock-agent-runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL } from '../faults/raw-client.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';

/** Rows of docs/ATTACKS.md: each title stands there. */
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

describe('models behind a search', () => {
  it('a reranker or a filter model within a search of a knowledge base: refused, it would run unmetered', async () => {
    const agents = new BedrockAgentRuntimeClient(server.admin);
    const modelArn = 'arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0';
    const vectorSearchConfiguration = {
      rerankingConfiguration: {
        type: 'BEDROCK_RERANKING_MODEL' as const,
        bedrockRerankingConfiguration: { modelConfiguration: { modelArn } },
      },
    };
    const retrieve = new RetrieveCommand({
      ...{ knowledgeBaseId: 'KB00000001', retrievalQuery: { text: 'a' } },
      retrievalConfiguration: { vectorSearchConfiguration },
    });
    const generate = new RetrieveAndGenerateCommand({
      input: { text: 'a' },
      retrieveAndGenerateConfiguration: {
        type: 'KNOWLEDGE_BASE',
        knowledgeBaseConfiguration: {
          ...{ knowledgeBaseId: 'KB00000001', modelArn: MODEL },
          retrievalConfiguration: {
            vectorSearchConfiguration: {
              implicitFilterConfiguration: {
                modelArn,
                metadataAttributes: [{ key: 'a', type: 'STRING', description: 'b' }],
              },
            },
          },
        },
      },
    });
    await expect(agents.send(retrieve)).rejects.toThrow('rerankingConfiguration is not supported');
    await expect(agents.send(generate)).rejects.toThrow('implicitFilterConfiguration is not supported');
    agents.destroy();
  });
});
