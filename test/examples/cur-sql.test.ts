import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BCMDataExportsClient,
  CreateExportCommand,
  type Export,
  GetExportCommand,
} from '@aws-sdk/client-bcm-data-exports';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activateTags } from '../../examples/demo/billing.ts';
import { runAnnouncement } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { type EmbeddedEngine, embeddedEngine, eventually } from '../store/embedded-engine.ts';
import { billedCalls } from '../wire/ledger.ts';
import { fencedBlocks, ROOT } from './guide.ts';

/** A model without a price, served by the simulated model as every other. */
const UNPRICED = 'acme.support-7b';
const PERSON = 'arn:aws:iam::123456789012:user/';
const SESSION = 'arn:aws:sts::123456789012:assumed-role/';

let server: TestServer;
let engine: EmbeddedEngine;
/** Answers of examples/cur.sql by the first word of the comment above each statement. */
let answers: Map<string, Record<string, unknown>[]>;

beforeAll(async () => {
  server = await startServer({ config: { models: [{ modelId: UNPRICED }] } });
  await runAnnouncement(server.admin, () => undefined);
  await callUnpricedModel();
  await eventually('all nine calls are billed', async () => (await billedCalls(server)) === 9);
  const now = new Date();
  await activateTags(server.admin, new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)));
  engine = await embeddedEngine();
  answers = await ask(await deliver());
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

async function callUnpricedModel(): Promise<void> {
  const bedrock = new BedrockRuntimeClient(server.admin);
  await bedrock.send(
    new ConverseCommand({
      modelId: UNPRICED,
      messages: [{ role: 'user', content: [{ text: 'Hello.' }] }],
      additionalModelRequestFields: { simulate: { inputTokens: 1_500, outputTokens: 250 } },
    }),
  );
  bedrock.destroy();
}

/** Creates the export that docs/FINOPS.md describes; answers the place of its files. */
async function deliver(): Promise<string> {
  const definition = JSON.parse(fencedBlocks('FINOPS.md', 'json')[0]!) as Export;
  const client = new BCMDataExportsClient(server.admin);
  const { ExportArn } = await client.send(new CreateExportCommand({ Export: definition }));
  await eventually('the export is delivered', async () => {
    const { ExportStatus: status } = await client.send(new GetExportCommand({ ExportArn }));
    return status?.LastRefreshedAt !== undefined;
  });
  client.destroy();
  const { S3Bucket: bucket, S3Prefix: prefix } = definition.DestinationConfigurations!.S3Destination!;
  return join(server.data, 'exports', bucket!, prefix!, definition.Name!, 'data/*/*.parquet');
}

async function ask(files: string): Promise<typeof answers> {
  const client = createClient({ ...(await engine.engine.connection()) });
  await client.command({ query: `CREATE VIEW cur AS SELECT * FROM file('${files}', Parquet)` });
  const found: typeof answers = new Map();
  for (const statement of readFileSync(join(ROOT, 'examples/cur.sql'), 'utf8').split(';')) {
    const [, title] = /^-- ([a-z ]+):/m.exec(statement) ?? [];
    if (!title) continue;
    const result = await client.query({ query: statement, format: 'JSONEachRow' });
    found.set(title, await result.json<Record<string, unknown>>());
  }
  await client.close();
  return found;
}

/** Quantities of AWS's announcement at list prices, as in test/wire/announcement.test.ts. */
describe('examples/cur.sql over the export of docs/FINOPS.md', () => {
  it('says who', () => {
    expect(answers.get('who')).toEqual([
      { principal: `${PERSON}user-2`, usd: 1.188 },
      { principal: `${PERSON}user-1`, usd: 0.2838 },
      { principal: `${SESSION}Role-1/session-123`, usd: 0.198 },
      { principal: `${SESSION}Role-2/session-456`, usd: 0.130992 },
      { principal: `${PERSON}admin`, usd: 0 },
    ]);
  });

  it('says which team and which role', () => {
    expect(answers.get('which team')).toEqual([
      { team: 'BedrockDataScience', usd: 1.4718 },
      { team: '(untagged)', usd: 0.328992 },
    ]);
    expect(answers.get('which role')).toEqual([
      { role_name: '', principals: 3, usd: 1.4718 },
      { role_name: 'Role-1', principals: 1, usd: 0.198 },
      { role_name: 'Role-2', principals: 1, usd: 0.130992 },
    ]);
  });

  it('says what and when', () => {
    expect(answers.get('what')?.[0]).toEqual({
      model: 'Claude Opus 4.6',
      kind: 'Output tokens',
      thousand_tokens: 42,
      usd: 1.155,
    });
    const days = answers.get('when')!;
    expect(days.reduce((sum, { usd }) => sum + Number(usd), 0)).toBeCloseTo(1.800792, 6);
  });

  it('finds what is unpriced', () => {
    expect(answers.get('unpriced')).toEqual([
      { usage_type: 'USE1-acme.support-7b-input-tokens', thousand_tokens: 1.5 },
      { usage_type: 'USE1-acme.support-7b-output-tokens', thousand_tokens: 0.25 },
    ]);
  });
});
