import type { CallFacts, JsonObject, ModelCall } from './model-call.ts';

/** What is asked for where the answer is no conversation. */
export type NativeKind = ModelKind | 'retrieval' | 'retrieval_and_generation' | 'guardrail';

/** What models can be asked for with InvokeModel besides text. */
export type ModelKind = 'embedding' | 'image' | 'rerank';

/**
 * In whose words a body is. `native`: the model's own on InvokeModel. `openai`: OpenAI's API for this kind.
 * `operation`: the input of the AWS operation.
 */
export type NativeDialect = 'native' | 'openai' | 'operation';

/**
 * One call whose answer is no text. Its body stays as the caller wrote it; an upstream that speaks another dialect reads
 * it with this kind's reader (`embeddings.ts`) and answers in the call's dialect again.
 */
export interface NativeCall extends CallFacts {
  readonly kind: NativeKind;
  readonly dialect: NativeDialect;
  /** Checked by the kind's reader before the call is admitted. */
  readonly body: JsonObject;
  /** As in `ModelCall`. */
  readonly guardrail?: JsonObject;
}

/** What a front door reads, before it is decided who answers. */
export type NativePrompt = Omit<NativeCall, keyof CallFacts>;

export function isNativeCall(call: ModelCall | NativeCall): call is NativeCall {
  return 'kind' in call;
}
