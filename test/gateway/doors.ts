import Anthropic from '@anthropic-ai/sdk';
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import OpenAI from 'openai';
import type { TestServer } from '../server.ts';
import { longTermKey } from '../wire/bearer-keys.ts';
import { allow, INVOKE, newUser } from '../wire/principals.ts';

/** A front door as its own vendor's client uses it: always the same question. */
export interface Door {
  readonly name: string;
  /** Resolves when the whole answer has come; rejects when there is none. */
  readonly whole: (modelId: string) => Promise<unknown>;
  /** The words of a streamed answer as they come. */
  readonly words: (modelId: string, leaving: AbortSignal) => AsyncGenerator<string>;
  readonly close: () => void;
}

const QUESTION = 'Tell me a story.';

/** Bedrock's, OpenAI's and Anthropic's, with one user behind them. */
export async function openDoors(server: TestServer): Promise<Door[]> {
  const user = 'caller';
  const credentials = await newUser(server.admin, user, {
    statements: [INVOKE, allow('bedrock:CallWithBearerToken')],
  });
  const { key: apiKey } = await longTermKey(server.admin, user);
  const bedrock = new BedrockRuntimeClient({ ...credentials, maxAttempts: 1 });
  const openai = new OpenAI({ baseURL: `${server.url}/openai/v1`, apiKey, maxRetries: 0 });
  const anthropic = new Anthropic({ baseURL: `${server.url}/anthropic`, apiKey, maxRetries: 0 });
  const converse = (modelId: string) => ({
    modelId,
    messages: [{ role: 'user' as const, content: [{ text: QUESTION }] }],
  });
  const chat = (model: string) => ({ model, messages: [{ role: 'user' as const, content: QUESTION }] });
  return [
    {
      name: 'bedrock',
      whole: (modelId) => bedrock.send(new ConverseCommand(converse(modelId))),
      async *words(modelId, abortSignal) {
        const { stream } = await bedrock.send(new ConverseStreamCommand(converse(modelId)), { abortSignal });
        for await (const { contentBlockDelta } of stream!) {
          if (contentBlockDelta?.delta?.text) yield contentBlockDelta.delta.text;
        }
      },
      close: () => bedrock.destroy(),
    },
    {
      name: 'openai',
      whole: (modelId) => openai.chat.completions.create(chat(modelId)),
      async *words(modelId, signal) {
        const stream = await openai.chat.completions.create({ ...chat(modelId), stream: true }, { signal });
        for await (const { choices } of stream) if (choices[0]?.delta.content) yield choices[0].delta.content;
      },
      close: () => {},
    },
    {
      name: 'anthropic',
      whole: (modelId) => anthropic.messages.create({ ...chat(modelId), max_tokens: 100 }),
      async *words(modelId, signal) {
        const stream = await anthropic.messages.create({ ...chat(modelId), max_tokens: 100, stream: true }, { signal });
        for await (const event of stream) {
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
        }
      },
      close: () => {},
    },
  ];
}
