import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelCatalog } from '../../src/inference/model-catalog.ts';
import { type DelegatedJobParts, delegatedJob } from '../../src/paths/batch-path/delegated-job.ts';
import { MODEL } from '../faults/raw-client.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';

/** Rows of docs/ATTACKS.md: each title stands there. */
const ARN = 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl';

let server: TestServer;

beforeAll(async () => {
  // Nobody listens there: it must not be asked.
  const upstreams = [{ name: 'elsewhere', type: 'openai', url: 'http://127.0.0.1:9/v1', models: { [MODEL]: 'm' } }];
  const heldModels = [{ arn: ARN, modelId: MODEL, from: '2026-01-01T00:00:00Z' }];
  server = await startServer({ config: { upstreams, heldModels } });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

it('a model that is paid for by the hour, at an upstream where its tokens cost: refused', async () => {
  const bedrock = new BedrockRuntimeClient(server.admin);
  const call = bedrock.send(
    new ConverseCommand({ modelId: ARN, messages: [{ role: 'user', content: [{ text: 'hello' }] }] }),
  );
  await expect(call).rejects.toThrow('the upstream `elsewhere` has no model that is paid for by the hour');
  bedrock.destroy();
});

it('a model that is paid for by the hour, in a batch that an upstream runs: asked for by its own name', () => {
  const model = {
    ...{ modelId: MODEL, route: 'in_region', resourceArn: ARN, foundationModelArn: ARN },
    heldModelArn: ARN,
  };
  const parts = {
    catalog: { resolve: () => model } as unknown as ModelCatalog,
    router: { route: () => ({ upstream: { backend: { batches: {} }, modelName: (modelId: string) => modelId } }) },
  } as unknown as DelegatedJobParts;
  const job = { jobId: 'j', accountId: '123456789012', region: 'us-east-1', modelId: ARN } as never;
  expect(delegatedJob(job, parts)?.facts).toMatchObject({ heldModelArn: ARN });
});
