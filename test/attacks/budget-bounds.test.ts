import { beforeEach, describe, expect, it } from 'vitest';
import type { SpendStop } from '../../src/admission/spend-stop.ts';
import type { InvocationJob } from '../../src/batches/invocation-job.ts';
import type { JsonObject, ModelPrompt } from '../../src/inference/model-call.ts';
import type { Fault } from '../../src/kernel/fault.ts';
import type { DelegatedJob } from '../../src/paths/batch-path/delegated-job.ts';
import { type JobSurveyParts, surveyJob } from '../../src/paths/batch-path/job-survey.ts';
import { caller, claim, ended, TestNode, testTime } from '../admission/node.ts';

/** Rows of docs/ATTACKS.md: each title stands there. */
const EMPTY: ModelPrompt = { messages: [], system: [], additionalFields: {} };
const who = caller('mallory');
let node: TestNode;

beforeEach(async () => {
  node = new TestNode(testTime(), { reservationMs: 60_000 });
  await node.budget({ name: 'tokens', unit: 'tokens', limit: '20000', window: { unit: 'day', timeZone: 'UTC' } });
});

const reserve = (prompt: ModelPrompt) => node.reserve({ ...claim(who, node.time.nowMs), prompt });
const native = (body: JsonObject): ModelPrompt => ({
  ...{ ...EMPTY, maxTokens: 1 },
  original: { format: 'native', body, headers: {} },
});

describe('to use more than is held', () => {
  it('two token limits in one body, a small one and a large one: the large one is held', async () => {
    await expect(reserve(native({ max_completion_tokens: 1, max_tokens: 30_000 }))).rejects.toThrow('no room');
    await expect(reserve(native({ inferenceConfig: { maxTokens: 1, max_new_tokens: 30_000 } }))).rejects.toThrow(
      'no room',
    );
    const fields = { ...EMPTY, maxTokens: 1, additionalFields: { max_tokens: 30_000 } };
    await expect(reserve(fields)).rejects.toThrow('no room');
    await expect(reserve({ ...native({ num_generations: 30 }), maxTokens: 1_000 })).rejects.toThrow('no room');
    await expect(reserve(native({ max_tokens: -5, n: -1 }))).resolves.toBeDefined();
  });

  it('a body that a further model reads as a longer request holds what that one may write', async () => {
    const hold = await reserve({ ...EMPTY, maxTokens: 1 });
    const further = { ...claim(who, node.time.nowMs), prompt: { ...EMPTY, maxTokens: 30_000 } };
    await expect(hold.cover(further)).rejects.toThrow('no room');
    hold.release();
  });

  it('films and files by their address, which have no bytes in the request, count as what they can cost', async () => {
    for (const kind of ['video_url', 'input_file', 'container_upload', 'audio_url']) {
      const messages = [{ role: 'user' as const, content: [{ [kind]: { url: 'https://example.com/a' } }] }];
      await expect(reserve({ ...EMPTY, maxTokens: 1, messages }), kind).rejects.toThrow('no room');
    }
  });

  it('a tier that is left to the vendor is held at the dearest that it may choose', async () => {
    await node.budget({ name: 'usd', unit: 'USD', limit: '1', window: { unit: 'day', timeZone: 'UTC' } });
    const ask = async (body: JsonObject) => {
      const original = { format: 'openai-chat', body, headers: {} } as const;
      const hold = await reserve({ ...EMPTY, maxTokens: 100, original });
      const held = node.used('usd');
      hold.release();
      return held;
    };
    // 100 tokens in and 100 out at a micro-dollar; as `priority` at two.
    expect(await ask({ service_tier: 'default' })).toBe(200_000_000n);
    expect(await ask({ service_tier: 'auto' })).toBe(400_000_000n);
  });

  it('a picture for a model that counts pictures many times over holds what it counts', async () => {
    const messages = [{ role: 'user' as const, content: [{ image: { source: { url: 'https://example.com/a' } } }] }];
    const call = { ...claim(who, node.time.nowMs), prompt: { ...EMPTY, maxTokens: 1, messages } };
    await expect(node.reserve(call)).resolves.toBeDefined();
    await expect(node.reserve({ ...call, modelId: 'gpt-4o-mini' })).rejects.toThrow('no room');
  });

  it('tools and modes that the vendor bills besides are refused where nothing unpriced may be called', async () => {
    const strict = new TestNode(testTime());
    const budget = { name: 'usd', unit: 'USD', limit: '100', window: { unit: 'day', timeZone: 'UTC' } } as const;
    await strict.budget({ ...budget, unpriced: 'refuse' });
    const ask = (additionalFields: JsonObject) =>
      strict.reserve({ ...claim(who, strict.time.nowMs), prompt: { ...EMPTY, maxTokens: 1, additionalFields } });
    await expect(ask({ tools: [{ type: 'web_search_20250305' }] })).rejects.toThrow('web_search_20250305 has none');
    await expect(ask({ mcp_servers: [{ url: 'https://example.com' }] })).rejects.toThrow('mcp_servers has none');
    await expect(ask({ speed: 'fast' })).rejects.toThrow('speed has none');
    await expect(ask({ inference_geo: 'us' })).rejects.toThrow('inference_geo has none');
    await expect(ask({ tools: [{ type: 'bash_20250124' }], speed: 'standard' })).resolves.toBeDefined();
  });

  it('a search whose model takes the question apart, as often as it likes: refused where a budget limits use', async () => {
    const base = { knowledgeBaseId: 'KB1', modelArn: 'cheap' };
    const ask = (knowledgeBaseConfiguration: JsonObject) => {
      const body = { retrieveAndGenerateConfiguration: { type: 'KNOWLEDGE_BASE', knowledgeBaseConfiguration } };
      const prompt = { kind: 'retrieval_and_generation', dialect: 'operation', body } as const;
      return open.reserve({ ...claim(who, open.time.nowMs), prompt });
    };
    const open = new TestNode(testTime());
    await open.budget({ name: 'requests', unit: 'requests', limit: '100', window: { unit: 'day', timeZone: 'UTC' } });
    const apart = { orchestrationConfiguration: { queryTransformationConfiguration: { type: 'QUERY_DECOMPOSITION' } } };
    await expect(ask({ ...base, ...apart })).resolves.toBeDefined();
    await open.budget({ name: 'tokens', unit: 'tokens', limit: '150000', window: { unit: 'day', timeZone: 'UTC' } });
    await expect(ask({ ...base, ...apart })).rejects.toThrow('orchestrationConfiguration has none');
    (await ask(base)).release();
    // What the answer may be at most is held, however deep it stands.
    const inferenceConfig = { textInferenceConfig: { maxTokens: 60_000 } };
    await expect(ask({ ...base, generationConfiguration: { inferenceConfig } })).rejects.toThrow('no room');
  });

  it('batch records with limits that are none, or below zero, make no room for the others', async () => {
    const records = [-1_000_000, 1.5, 1e300, '9', null, 30_000].map((max_tokens) => ({ modelInput: { max_tokens } }));
    const input = Buffer.from(records.map((record) => JSON.stringify(record)).join('\n'));
    const job = { submitter: who, input: { bucket: 'b', key: 'in.jsonl' }, region: 'us-east-1', modelId: 'cheap' };
    const model = { modelId: 'cheap', route: 'in_region' };
    const parts = {
      ...{ batchGate: node.gate, clock: () => node.time.nowMs, maxRecords: 10, inference: {}, operations: {} },
      storeOf: () => ({ open: async () => [input] }),
    } as unknown as JobSurveyParts;
    const bound = await surveyJob({ model } as DelegatedJob, job as unknown as InvocationJob, parts);
    expect(bound).toMatchObject({ records: 6, outputTokens: 5 * 1_000 + 30_000 });
  });
});

const stop = { id: 's', scope: {}, reason: 'leak', cutsStreams: true } as unknown as SpendStop;

describe('to have spent what is not counted', () => {
  it('what a batch has used by its end counts also where there is no room for it, or inference is stopped', async () => {
    node.stops.replace([stop]);
    await expect(reserve(EMPTY)).rejects.toThrow('leak');
    const bound = { calls: 2, inputTokens: 0n, outputTokens: 0n, costPicoUsd: 0n, isUnpriced: false };
    const hold = node.gate.resumeBatch({ caller: who, modelId: 'cheap', bound });
    for (const requestId of ['a', 'b']) {
      const record = claim(who, node.time.nowMs, { requestId });
      hold.settle(ended(record, { inputTokens: 15_000, outputTokens: 0 }));
    }
    hold.release();
    expect(node.used('tokens')).toBe(30_000n);
  });
});

describe('to go on after a stop', () => {
  it('a stream that waited for its upstream when the stop came is cut as it begins', async () => {
    const hold = await reserve({ ...EMPTY, maxTokens: 1 });
    node.gate.cut(stop);
    const cuts: Fault[] = [];
    hold.onCut((reason) => cuts.push(reason));
    expect(cuts.map(({ message }) => message)).toEqual([expect.stringContaining('leak')]);
  });

  it('a stream that outlives its reservation is cut as any other', async () => {
    const hold = await reserve({ ...EMPTY, maxTokens: 1 });
    const cuts: Fault[] = [];
    hold.onCut((reason) => cuts.push(reason));
    node.gate.expire(node.time.nowMs + 60_000);
    expect(node.used('tokens')).toBe(0n);
    node.gate.cut(stop);
    expect(cuts).toHaveLength(1);
    hold.release();
    node.gate.cut(stop);
    expect(cuts).toHaveLength(1);
  });
});
