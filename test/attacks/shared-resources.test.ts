import { expect, it } from 'vitest';
import { loadCatalog } from '../../src/app/price-data.ts';
import { buildRouter } from '../../src/app/upstreams.ts';
import type { UpstreamConfig } from '../../src/config/upstream-config.ts';
import { CALL_FACTS } from '../../src/inference/call-facts.fixture.ts';
import type { ModelCall } from '../../src/inference/model-call.ts';
import type { NativeCall } from '../../src/inference/native-call.ts';
import { guardrailArn } from '../../src/paths/inference-needs.ts';
import { UPSTREAM_PARTS } from '../upstream-parts.ts';

/** Rows of docs/ATTACKS.md: each title stands there. */
const MODEL = 'anthropic.claude-sonnet-4-6';
const OWNER = '111122223333';
const OTHER = '444455556666';

const upstreams: readonly UpstreamConfig[] = [
  {
    type: 'bedrock',
    ...{ name: 'aws', endpoint: 'http://127.0.0.1:9', stsEndpoint: 'http://127.0.0.1:9' },
    ...{ accessKeyIdEnv: 'ID', secretAccessKeyEnv: 'SECRET', maxConnections: 4, connectTimeoutMs: 1_000 },
    ...{ headersTimeoutMs: 1_000, idleTimeoutMs: 1_000 },
    ...{ guardrails: { gr1: [OWNER], shared: ['*'] }, knowledgeBases: { KB1: [OWNER] } },
  },
];
const { backend } = buildRouter({ upstreams, aliases: {}, routes: {} }, loadCatalog([]), {
  ...UPSTREAM_PARTS,
  environment: { ID: 'AKIAEXAMPLE', SECRET: 'example' },
  isManagementAccount: (accountId) => accountId === '123456789012',
}).route(MODEL);

/** Nobody listens at the upstream: what is let through fails otherwise. */
async function refused(accountId: string, call: object): Promise<boolean> {
  const facts = { ...CALL_FACTS, requestId: 'r', modelId: MODEL, upstreamModelId: MODEL };
  const made = { ...facts, caller: { ...CALL_FACTS.caller, accountId }, ...call };
  const ended = await ask(made as unknown as ModelCall | NativeCall).catch((error: { code: string }) => error.code);
  return ended === 'AccessDeniedException';
}

async function ask(call: ModelCall | NativeCall): Promise<unknown> {
  if ('kind' in call) return backend.invoke!(call);
  const streamed = await readToEnd(backend.stream(call)).catch((error: { code: string }) => error.code);
  const whole = await backend.complete(call).catch((error: { code: string }) => error.code);
  expect(whole).toBe(streamed);
  throw { code: whole };
}

async function readToEnd(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

const conversation = (guardrailIdentifier: string) => ({
  ...{ messages: [], system: [], additionalFields: {} },
  guardrail: { guardrailIdentifier, guardrailVersion: '1' },
});
const operation = (kind: string, body: object) => ({ kind, dialect: 'operation', body });
const guardrailConfiguration = { guardrailId: 'gr1', guardrailVersion: '1' };
const generation = (knowledgeBaseConfiguration: object) =>
  operation('retrieval_and_generation', {
    retrieveAndGenerateConfiguration: { type: 'KNOWLEDGE_BASE', knowledgeBaseConfiguration },
  });

it.each([
  ['around a conversation', conversation('gr1')],
  ['by an ARN', conversation(`arn:aws:bedrock:us-east-1:${OTHER}:guardrail/gr1`)],
  ['applied alone', operation('guardrail', { guardrailIdentifier: 'gr1', guardrailVersion: '1', content: [] })],
  ['within a search', operation('retrieval', { knowledgeBaseId: 'shared', guardrailConfiguration })],
  ['within an answer of a knowledge base', generation({ generationConfiguration: { guardrailConfiguration } })],
  [
    'around an embedding',
    { kind: 'embedding', dialect: 'native', body: {}, guardrail: { guardrailIdentifier: 'gr1' } },
  ],
  ['a knowledge base, searched', operation('retrieval', { knowledgeBaseId: 'KB1' })],
  ['a knowledge base, answering', generation({ knowledgeBaseId: 'KB1' })],
  ['one that nobody has listed', conversation('gr2')],
])('a guardrail or knowledge base of another account at an upstream that all accounts share: %s', async (_, call) => {
  expect(await refused(OTHER, call)).toBe(true);
});

it('a guardrail that is shared, one’s own, and for the management account what nobody has listed, are used', async () => {
  expect(await refused(OTHER, conversation('shared'))).toBe(false);
  expect(await refused(OWNER, conversation('gr1'))).toBe(false);
  expect(await refused(OWNER, generation({ knowledgeBaseId: 'KB1' }))).toBe(false);
  expect(await refused('123456789012', conversation('gr2'))).toBe(false);
  expect(await refused('123456789012', conversation('gr1'))).toBe(true);
});

it('the ARN of another account’s guardrail: policies are asked about one of the caller’s own', () => {
  const scope = { region: 'us-east-1', accountId: OTHER };
  expect(guardrailArn(`arn:aws:bedrock:us-east-1:${OWNER}:guardrail/gr1`, scope)).toBe(guardrailArn('gr1', scope));
});
