import type { NamedGuardrail } from '../inference/guardrail-headers.ts';
import type { ModelAnswer, ModelEvent, NativeAnswer } from '../inference/model-backend.ts';
import type { ModelPrompt } from '../inference/model-call.ts';
import type { FoundationModel, ModelCatalog, ModelScope, ResolvedModel } from '../inference/model-catalog.ts';
import type { NativePrompt } from '../inference/native-call.ts';
import type { InferenceOperation, Tier } from '../metering/usage-event.ts';
import type { DecodedRequest } from '../wire/decode.ts';
import type { AccessNeed } from './operation-handler.ts';

/** What a front door read from its input: the model's part, and what only metering needs. */
export interface InferenceInput {
  readonly prompt: ModelPrompt | NativePrompt;
  readonly tier: Tier;
  /** The client's annotations as pairs; empty when there are none. */
  readonly requestMetadata: readonly (readonly [string, string])[];
}

/** Times of one answer, in milliseconds. */
export interface AnswerTiming {
  readonly latencyMs: number;
  /** Until the first piece of content; absent when nothing was streamed. */
  readonly firstTokenMs?: number;
}

interface CallFacts {
  readonly read: InferenceInput;
  readonly requestId: string;
  /** The resolved foundation model: it decides native bodies. */
  readonly modelId: string;
  readonly admittedAtMs: number;
}

export interface AnswerFacts extends CallFacts {
  readonly timing: AnswerTiming;
}

export interface StreamFacts extends CallFacts {
  /** The tier that is used, as far as it is known when the answer begins. */
  readonly tier: Tier;
  /** Complete only when the last event has come. */
  readonly timing: () => AnswerTiming;
}

/** What a metered operation calls. */
export interface InferenceSubject {
  /** Of what is no model, the id that it is billed under. */
  readonly model: ResolvedModel;
  /** At least one; the first is what a gateway key is looked at for. */
  readonly needs: readonly AccessNeed[];
}

/** A wire answer: the operation's output, and headers that its model does not name (token counts). */
export interface InferenceOutput {
  readonly output: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One metered operation: how it reads its input and words its answer. That it is identified, authorized, journaled and
 * metered is the request path's doing and cannot be forgotten here.
 */
export interface InferenceHandler<Input> {
  readonly operation: InferenceOperation;
  /** IAM action, as in the service authorization reference for Amazon Bedrock. */
  readonly action: string;
  readonly requestedModelId: (input: Input) => string;
  /** What is called and the permissions that takes. Absent: the model of `requestedModelId`, with `action`. */
  readonly subject?: (input: Input, scope: ModelScope, catalog: ModelCatalog) => InferenceSubject;
  /** The guardrail that the model is to be run with. Absent or undefined: none. */
  readonly guardrail?: (input: Input) => NamedGuardrail | undefined;
  /** Condition keys that the input adds to the permission; names in any letter case. */
  readonly accessContext?: (input: Input) => ReadonlyMap<string, readonly string[]>;
  /** Throws ValidationException in AWS's words. `json` is what the input was decoded from, as it came. */
  readonly read: (input: Input, modelId: string, json: DecodedRequest['json']) => InferenceInput;
  readonly answer: WholeAnswer | StreamedAnswer | NativeAnswerWriter;
  /**
   * The row that reads and answers in place of this one, where that depends on the model; it asks for the same permission.
   * Undefined or absent: this one does. Throws ValidationException for a model that the operation does not take.
   */
  readonly forModel?: (model: FoundationModel) => InferenceHandler<Input> | undefined;
}

interface WholeAnswer {
  readonly kind: 'whole';
  readonly write: (answer: ModelAnswer, facts: AnswerFacts) => InferenceOutput;
}

/** For answers that are no text; `read` returns a native prompt. */
interface NativeAnswerWriter {
  readonly kind: 'native';
  readonly write: (answer: NativeAnswer, facts: AnswerFacts) => InferenceOutput;
}

interface StreamedAnswer {
  readonly kind: 'stream';
  readonly write: (events: AsyncIterable<ModelEvent>, facts: StreamFacts) => InferenceOutput;
}

/** A row, or how to choose one where the input says whether the answer is streamed. */
// biome-ignore lint/suspicious/noExplicitAny: each row is typed; a table of differently typed rows has no common input
export type InferenceRow = InferenceHandler<any> | ((input: any) => InferenceHandler<any>);

export type InferenceTable = Readonly<Record<string, InferenceRow>>;
