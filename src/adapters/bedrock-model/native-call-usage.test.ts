import { describe, expect, it } from 'vitest';
import { CALL_FACTS } from '../../inference/call-facts.fixture.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import { SONNET } from '../bedrock-model.fixture.ts';
import { GptTokenCounter } from '../gpt-token-counter.ts';
import { nativeCallUsage } from './native-call-usage.ts';

const GUARDRAIL = { guardrailId: 'gr1', guardrailVersion: '1' };
const QUESTION = 'q'.repeat(1_001);
const PASSAGE = 'p'.repeat(3_000);

const usageOf = (kind: 'retrieval' | 'retrieval_and_generation', body: JsonObject, answer: JsonObject) => {
  const facts = { ...CALL_FACTS, requestId: 'r', modelId: SONNET, upstreamModelId: SONNET };
  const call: NativeCall = { ...facts, kind, dialect: 'operation', body };
  return nativeCallUsage(call, answer, {}, new GptTokenCounter());
};

const generation = (configuration: JsonObject) => ({
  input: { text: QUESTION },
  retrieveAndGenerateConfiguration: {
    type: 'KNOWLEDGE_BASE',
    knowledgeBaseConfiguration: { knowledgeBaseId: 'KB1', modelArn: SONNET, ...configuration },
  },
});
const ANSWER = {
  output: { text: 'a'.repeat(999) },
  citations: [{ retrievedReferences: [{ content: { type: 'TEXT', text: PASSAGE } }] }],
};

describe('what a search of a knowledge base used', () => {
  it('has the text units of its guardrail, 1,000 characters each, of every policy, flagged', async () => {
    const guarded = { generationConfiguration: { guardrailConfiguration: GUARDRAIL } };
    const { units, isEstimated } = await usageOf('retrieval_and_generation', generation(guarded), ANSWER);
    // Two of the question and one of the answer; grounded in the passage, all 5,000 characters together.
    expect(units).toEqual({
      retrieval: 1,
      content_policy_unit: 3,
      topic_policy_unit: 3,
      sensitive_information_policy_unit: 3,
      contextual_grounding_policy_unit: 5,
    });
    expect(isEstimated).toBe(true);
    const plain = await usageOf('retrieval_and_generation', generation({}), ANSWER);
    expect(plain.units).toEqual({ retrieval: 1 });
  });

  it('counts a guardrail of a search alone over its question', async () => {
    const body = { knowledgeBaseId: 'KB1', retrievalQuery: { text: QUESTION } };
    const found = { retrievalResults: [{ content: { type: 'TEXT', text: PASSAGE } }] };
    expect(await usageOf('retrieval', { ...body, guardrailConfiguration: GUARDRAIL }, found)).toMatchObject({
      units: { retrieval: 1, content_policy_unit: 2 },
      isEstimated: true,
    });
    expect(await usageOf('retrieval', body, found)).toMatchObject({ units: { retrieval: 1 }, isEstimated: false });
  });

  it('counts the question twice where the model takes it apart first', async () => {
    const orchestrationConfiguration = { queryTransformationConfiguration: { type: 'QUERY_DECOMPOSITION' } };
    const plain = await usageOf('retrieval_and_generation', generation({}), ANSWER);
    const apart = await usageOf('retrieval_and_generation', generation({ orchestrationConfiguration }), ANSWER);
    const once = await new GptTokenCounter().count([QUESTION]);
    expect(apart.inputTokens - plain.inputTokens).toBeGreaterThanOrEqual(once - 1);
  });
});
