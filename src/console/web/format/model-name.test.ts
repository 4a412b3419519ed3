import { expect, it } from 'vitest';
import { shortModel } from './model-name.ts';

it.each([
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 'claude-haiku-4-5'],
  ['anthropic.claude-sonnet-4-6', 'claude-sonnet-4-6'],
  ['anthropic.claude-opus-4-6-v1', 'claude-opus-4-6'],
  ['meta.llama3-3-70b-instruct-v1:0', 'llama3-3-70b-instruct'],
  ['openai.gpt-oss-120b-1:0', 'gpt-oss-120b-1'],
  ['bedrock.guardrails', 'guardrails'],
  ['own-model', 'own-model'],
])('shows %s as %s', (modelId, name) => {
  expect(shortModel(modelId)).toBe(name);
});
