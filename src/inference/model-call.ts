/**
 * One inference in the shape of Bedrock's Converse API: the form into which every front door translates and which every
 * upstream understands. JSON only; blobs are base64 strings here.
 */
export interface ModelCall {
  readonly requestId: string;
  /** Foundation model id as the price book knows it. */
  readonly modelId: string;
  /** Name of the model at the upstream; equal to `modelId` unless the configuration maps it. */
  readonly upstreamModelId: string;
  readonly messages: readonly ModelMessage[];
  readonly system: readonly ContentBlock[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stopSequences?: readonly string[];
  /** Converse's `toolConfig`, as received. */
  readonly toolConfig?: JsonObject;
  /** Converse's `outputConfig` (structured output), as received. */
  readonly outputConfig?: JsonObject;
  /** Converse's `additionalModelRequestFields`, or the members of a native body that have no Converse name. */
  readonly additionalFields: JsonObject;
}

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface ModelMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly ContentBlock[];
}

/** A Converse content block, one member set: `{text}`, `{image}`, `{toolUse}`, `{toolResult}`, `{cachePoint}`, ... */
export type ContentBlock = JsonObject;

export type StopReason =
  | 'end_turn'
  | 'tool_use'
  | 'max_tokens'
  | 'stop_sequence'
  | 'guardrail_intervened'
  | 'content_filtered'
  | 'model_context_window_exceeded';

/** What the caller asked, before it is decided which model answers: what a front door reads from a request body. */
export type ModelPrompt = Omit<ModelCall, 'requestId' | 'modelId' | 'upstreamModelId'>;
