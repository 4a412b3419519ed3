import { isJsonObject } from '../json-value.ts';
import type { ModelEvent } from '../model-backend.ts';
import type { JsonObject, ModelMessage, ModelPrompt } from '../model-call.ts';
import { type TokenUsage, totalInputTokens } from '../token-usage.ts';
import { checkFields, objectsOf, stringsOf } from './malformed-input.ts';
import { cacheWriteInputTokens, invocationMetrics, type NativeFormat } from './native-format.ts';

/** Amazon Nova (`schemaVersion: messages-v1`): Converse's blocks with blobs as base64, so they pass as they are. */
export const novaMessages: NativeFormat = {
  parse: parseNova,
  format: ({ content, stopReason, usage }) => ({
    output: { message: { content, role: 'assistant' } },
    stopReason,
    usage: novaUsage(usage),
  }),
  formatStream: (facts) => (event) => {
    const chunk = novaChunk(event);
    if (event.type !== 'end') return chunk ? [chunk] : [];
    const metadata = { usage: novaUsage(event.usage), metrics: {}, trace: {} };
    return [{ messageStop: { stopReason: event.stopReason } }, { metadata, ...invocationMetrics(event.usage, facts) }];
  },
};

function parseNova(body: JsonObject): ModelPrompt {
  checkFields(body, {
    schemaVersion: { types: ['String'], values: ['messages-v1'] },
    messages: { types: ['JSONArray'], isRequired: true },
    system: { types: ['JSONArray'] },
    inferenceConfig: { types: ['JSONObject'] },
    toolConfig: { types: ['JSONObject'] },
  });
  const { schemaVersion: _, messages, system, inferenceConfig, toolConfig, ...others } = body;
  return {
    messages: objectsOf(messages, '#/messages').map(parseMessage),
    system: objectsOf(system, '#/system'),
    ...(isJsonObject(toolConfig) && { toolConfig }),
    ...parseInferenceConfig(isJsonObject(inferenceConfig) ? inferenceConfig : {}, others),
  };
}

function parseMessage(message: JsonObject, index: number): ModelMessage {
  const place = `#/messages/${index}`;
  checkFields(
    message,
    {
      role: { types: ['String'], isRequired: true, values: ['user', 'assistant'] },
      content: { types: ['JSONArray'], isRequired: true },
    },
    place,
  );
  return { role: message.role as ModelMessage['role'], content: objectsOf(message.content, `${place}/content`) };
}

/** Nova took `max_new_tokens` and `top_p` before Converse's names; both are still sent by clients. */
function parseInferenceConfig(
  config: JsonObject,
  others: JsonObject,
): Pick<ModelPrompt, 'maxTokens' | 'temperature' | 'topP' | 'stopSequences' | 'additionalFields'> {
  checkFields(
    config,
    {
      maxTokens: { types: ['Integer'], min: 1 },
      max_new_tokens: { types: ['Integer'], min: 1 },
      temperature: { types: ['Number'], min: 0, max: 1 },
      topP: { types: ['Number'], min: 0, max: 1 },
      top_p: { types: ['Number'], min: 0, max: 1 },
      stopSequences: { types: ['JSONArray'] },
    },
    '#/inferenceConfig',
  );
  const { maxTokens, max_new_tokens, temperature, topP, top_p, stopSequences, ...further } = config;
  const limit = maxTokens ?? max_new_tokens;
  const nucleus = topP ?? top_p;
  return {
    ...(limit !== undefined && { maxTokens: limit as number }),
    ...(temperature !== undefined && { temperature: temperature as number }),
    ...(nucleus !== undefined && { topP: nucleus as number }),
    ...(stopSequences !== undefined && { stopSequences: stringsOf(stopSequences, '#/inferenceConfig/stopSequences') }),
    // `topK` and the like go back to Nova as Converse's additional fields do: under `inferenceConfig`.
    additionalFields: Object.keys(further).length === 0 ? others : { ...others, inferenceConfig: further },
  };
}

function novaChunk(event: ModelEvent): JsonObject | undefined {
  switch (event.type) {
    case 'start':
      return { messageStart: { role: 'assistant' } };
    case 'blockStart':
      return { contentBlockStart: { start: event.start, contentBlockIndex: event.index } };
    case 'blockDelta':
      return { contentBlockDelta: { delta: event.delta, contentBlockIndex: event.index } };
    case 'blockStop':
      return { contentBlockStop: { contentBlockIndex: event.index } };
    case 'end':
      return undefined;
  }
}

function novaUsage(usage: TokenUsage): JsonObject {
  const cacheWrite = cacheWriteInputTokens(usage);
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    totalTokens: totalInputTokens(usage) + usage.outputTokens,
    ...(usage.cacheReadInputTokens !== undefined && { cacheReadInputTokenCount: usage.cacheReadInputTokens }),
    ...(cacheWrite !== undefined && { cacheWriteInputTokenCount: cacheWrite }),
  };
}
