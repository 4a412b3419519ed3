import { Fault } from '../kernel/fault.ts';
import { checkConversation } from './converse/conversation.ts';
import { blobsAsBase64, blobsAsBuffers } from './converse/media-blobs.ts';
import { isJsonObject, isNestedTooDeep } from './json-value.ts';
import type { ModelAnswer, ModelEvent } from './model-backend.ts';
import type { ContentBlock, JsonObject, ModelMessage, ModelPrompt, StopReason } from './model-call.ts';
import { type TokenUsage, totalInputTokens } from './token-usage.ts';

/**
 * The members of a Converse, ConverseStream or CountTokens request that reach the model, as `wire/` decodes them: the
 * SDK's shapes, blobs as bytes. Blocks are `object` so that the SDK's own types fit without a cast.
 */
export interface ConverseRequest {
  readonly messages?:
    | readonly { readonly role?: string | undefined; readonly content?: readonly object[] | undefined }[]
    | undefined;
  readonly system?: readonly object[] | undefined;
  readonly inferenceConfig?:
    | {
        readonly maxTokens?: number | undefined;
        readonly temperature?: number | undefined;
        readonly topP?: number | undefined;
        readonly stopSequences?: readonly string[] | undefined;
      }
    | undefined;
  readonly toolConfig?: object | undefined;
  readonly outputConfig?: object | undefined;
  readonly additionalModelRequestFields?: unknown;
}

/** Throws ValidationException in AWS's words. */
export function parseConverse(request: ConverseRequest): ModelPrompt {
  const additionalFields = request.additionalModelRequestFields ?? {};
  if (!isJsonObject(additionalFields) || isNestedTooDeep(additionalFields)) {
    throw new Fault(
      'ValidationException',
      'The format of the additionalModelRequestFields field is invalid. Provide a json object for the field and try again.',
    );
  }
  if (isNestedTooDeep(request.toolConfig)) {
    throw new Fault(
      'ValidationException',
      'The format of the toolConfig field is invalid. Nest its schemas less deeply.',
    );
  }
  const messages = (request.messages ?? []) as readonly ModelMessage[];
  checkConversation(messages, request.toolConfig !== undefined);
  const { maxTokens, temperature, topP, stopSequences } = request.inferenceConfig ?? {};
  return {
    messages: messages.map(({ role, content }) => ({ role, content: content.map(blobsAsBase64) })),
    system: ((request.system ?? []) as readonly ContentBlock[]).map(blobsAsBase64),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(stopSequences !== undefined && { stopSequences }),
    ...(request.toolConfig !== undefined && { toolConfig: request.toolConfig as JsonObject }),
    ...(request.outputConfig !== undefined && { outputConfig: request.outputConfig as JsonObject }),
    additionalFields,
  };
}

/** Members of a Converse response that come from the model; blobs as bytes again. */
export interface ConverseAnswer {
  readonly output: { readonly message: { readonly role: 'assistant'; readonly content: readonly object[] } };
  readonly stopReason: StopReason;
  readonly usage: ConverseTokenUsage;
  readonly trace?: JsonObject;
}

export function formatConverse(answer: ModelAnswer): ConverseAnswer {
  return {
    output: { message: { role: 'assistant', content: answer.content.map(blobsAsBuffers) } },
    stopReason: answer.stopReason,
    usage: formatConverseUsage(answer.usage),
    ...(answer.trace && { trace: answer.trace }),
  };
}

/** Converse's TokenUsage. */
export interface ConverseTokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly cacheReadInputTokens?: number;
  readonly cacheWriteInputTokens?: number;
  readonly cacheDetails?: readonly { readonly ttl: '5m' | '1h'; readonly inputTokens: number }[];
}

/** Cache members are left out where the vendor reported none: absent is not zero. */
export function formatConverseUsage(usage: TokenUsage): ConverseTokenUsage {
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheWrite5mInputTokens, cacheWrite1hInputTokens } = usage;
  const hasWrites = cacheWrite5mInputTokens !== undefined || cacheWrite1hInputTokens !== undefined;
  const shortLived = cacheWrite5mInputTokens ?? 0;
  const longLived = cacheWrite1hInputTokens ?? 0;
  return {
    inputTokens,
    outputTokens,
    // With the cache classes, as observed; AWS does not document it for every model (checked 2026-11).
    totalTokens: totalInputTokens(usage) + outputTokens,
    ...(cacheReadInputTokens !== undefined && { cacheReadInputTokens }),
    ...(hasWrites && {
      cacheWriteInputTokens: shortLived + longLived,
      // AWS lists the longer lifetime first, and nothing where nothing was written.
      cacheDetails: [
        ...(longLived > 0 ? [{ ttl: '1h', inputTokens: longLived } as const] : []),
        ...(shortLived > 0 ? [{ ttl: '5m', inputTokens: shortLived } as const] : []),
      ],
    }),
  };
}

/** One member of the ConverseStreamOutput union. */
export type ConverseStreamEvent =
  | { readonly messageStart: { readonly role: 'assistant' } }
  | { readonly contentBlockStart: { readonly contentBlockIndex: number; readonly start: object } }
  | { readonly contentBlockDelta: { readonly contentBlockIndex: number; readonly delta: object } }
  | { readonly contentBlockStop: { readonly contentBlockIndex: number } }
  | { readonly messageStop: { readonly stopReason: StopReason } }
  | { readonly metadata: { readonly usage: ConverseTokenUsage; readonly metrics: { readonly latencyMs: number } } };

/** The event of ConverseStream for one of ours. After `end` the caller sends `converseMetadata`. */
export function formatConverseEvent(event: ModelEvent): ConverseStreamEvent {
  switch (event.type) {
    case 'start':
      return { messageStart: { role: 'assistant' } };
    case 'blockStart':
      return { contentBlockStart: { contentBlockIndex: event.index, start: event.start } };
    case 'blockDelta':
      return { contentBlockDelta: { contentBlockIndex: event.index, delta: blobsAsBuffers(event.delta) } };
    case 'blockStop':
      return { contentBlockStop: { contentBlockIndex: event.index } };
    case 'original':
      return event.data as unknown as ConverseStreamEvent;
    case 'end':
      return { messageStop: { stopReason: event.stopReason } };
  }
}

/** The last event of a ConverseStream; the caller adds trace, performanceConfig and serviceTier to its member. */
export function converseMetadata(
  usage: TokenUsage,
  latencyMs: number,
): Extract<ConverseStreamEvent, { readonly metadata: unknown }> {
  return { metadata: { usage: formatConverseUsage(usage), metrics: { latencyMs } } };
}
