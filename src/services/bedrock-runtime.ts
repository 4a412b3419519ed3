import type {
  ConverseCommandInput,
  ConverseStreamCommandInput,
  CountTokensCommandInput,
  InvokeModelCommandInput,
} from '@aws-sdk/client-bedrock-runtime';
import { type ConverseRequest, formatConverse, parseConverse } from '../inference/converse.ts';
import { guardrailOf, namedGuardrail } from '../inference/guardrail-headers.ts';
import type { ModelAnswer } from '../inference/model-backend.ts';
import type { BodyFormat, JsonObject, ModelPrompt } from '../inference/model-call.ts';
import { type FoundationModel, type ModelCatalog, nativeKindOf, profileFacts } from '../inference/model-catalog.ts';
import type { ModelRouter } from '../inference/model-router.ts';
import { formatNative, parseNative } from '../inference/native.ts';
import type { ModelKind } from '../inference/native-call.ts';
import { parseNativePrompt } from '../inference/native-prompt.ts';
import { converseMetadataPairs, headerMetadataPairs } from '../inference/request-metadata.ts';
import { tierContext, tierOf } from '../inference/service-tier.ts';
import { Fault } from '../kernel/fault.ts';
import type { AnswerFacts, InferenceHandler, InferenceInput, InferenceTable } from '../paths/inference-handler.ts';
import type { OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import { tokenCountHeaders } from '../paths/token-count-headers.ts';
import { WordedBody } from '../wire/encode.ts';
import { applyGuardrail } from './bedrock-runtime/apply-guardrail.ts';
import { converseEvents, nativeChunks } from './bedrock-runtime/event-streams.ts';
import { guardrailMembers } from './bedrock-runtime/inline-guardrail.ts';
import { resolvedTier, tierMembers } from './bedrock-runtime/service-tier.ts';

const INVOKE = 'bedrock:InvokeModel';
const INVOKE_STREAM = 'bedrock:InvokeModelWithResponseStream';

/** For rows that take only models which write; the words are AWS's as public reports quote them (2026-11). */
function refuseNative(message: string): (model: FoundationModel) => undefined {
  return (model) => {
    if (nativeKindOf(model)) throw new Fault('ValidationException', message);
    return undefined;
  };
}

const CHAT_ONLY = refuseNative(
  "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
);

const converse: InferenceHandler<ConverseCommandInput> = {
  operation: 'Converse',
  action: INVOKE,
  requestedModelId: ({ modelId }) => modelId ?? '',
  accessContext: ({ serviceTier }) => tierContext(serviceTier?.type),
  guardrail: ({ guardrailConfig = {} }) => namedGuardrail(guardrailConfig),
  forModel: CHAT_ONLY,
  read: (input, _modelId, json) => ({
    prompt: {
      ...parseConverse(input as ConverseRequest),
      ...(input.guardrailConfig && { guardrail: input.guardrailConfig as JsonObject }),
      original: { format: 'converse', body: json as JsonObject, headers: {} },
    },
    tier: tierOf(input.serviceTier?.type, input.performanceConfig?.latency),
    requestMetadata: converseMetadataPairs(input.requestMetadata),
  }),
  answer: {
    kind: 'whole',
    write: (answer, { read, timing }) => {
      const handedOn = handedOnBody(answer, 'converse');
      if (handedOn) return { output: new WordedBody(handedOn) };
      const metrics = { latencyMs: timing.latencyMs };
      return { output: { ...formatConverse(answer), metrics, ...resolvedTier(answer.upstream?.tier ?? read.tier) } };
    },
  },
};

/** The answer as an upstream worded it that speaks the caller's dialect; undefined where the words are to be found here. */
function handedOnBody({ original }: ModelAnswer, format: BodyFormat): Buffer | undefined {
  return original?.format === format ? original.bytes : undefined;
}

const converseStream: InferenceHandler<ConverseStreamCommandInput> = {
  ...converse,
  operation: 'ConverseStream',
  action: INVOKE_STREAM,
  answer: { kind: 'stream', write: (events, facts) => ({ output: { stream: converseEvents(events, facts) } }) },
};

const invokeModel: InferenceHandler<InvokeModelCommandInput> = {
  operation: 'InvokeModel',
  action: INVOKE,
  requestedModelId: ({ modelId }) => modelId ?? '',
  accessContext: ({ serviceTier }) => tierContext(serviceTier),
  guardrail: namedGuardrail,
  forModel: (model) => {
    const kind = nativeKindOf(model);
    return kind && invokeNative(kind);
  },
  read: (input, modelId) => ({
    prompt: nativePrompt(input, modelId),
    ...nativeFacts(input),
  }),
  answer: {
    kind: 'whole',
    write: (answer, facts) => ({
      output: {
        body: handedOnBody(answer, 'native') ?? nativeBody(answer, facts),
        contentType: 'application/json',
        ...tierMembers(answer.upstream?.tier ?? facts.read.tier),
      },
      headers: tokenCountHeaders(answer.usage, facts.timing.latencyMs),
    }),
  },
};

function nativeBody(answer: ModelAnswer, { requestId, modelId, admittedAtMs, read }: AnswerFacts): Buffer {
  const body = formatNative(modelId, answer, { requestId, modelId, createdAtMs: admittedAtMs });
  return Buffer.from(JSON.stringify({ ...body, ...guardrailMembers(read, answer) }));
}

/** The body with the headers that say how it is to be run, as they came. */
function nativePrompt(input: InvokeModelCommandInput, modelId: string): ModelPrompt {
  const { original, ...prompt } = parseNative(modelId, input.body as Buffer);
  const { trace, guardrailIdentifier, guardrailVersion, performanceConfigLatency, serviceTier, accept } = input;
  const headers = {
    ...(accept !== undefined && { accept }),
    ...(trace !== undefined && { 'x-amzn-bedrock-trace': trace }),
    ...(guardrailIdentifier !== undefined && { 'x-amzn-bedrock-guardrailidentifier': guardrailIdentifier }),
    ...(guardrailVersion !== undefined && { 'x-amzn-bedrock-guardrailversion': guardrailVersion }),
    ...(performanceConfigLatency !== undefined && {
      'x-amzn-bedrock-performanceconfig-latency': performanceConfigLatency,
    }),
    ...(serviceTier !== undefined && { 'x-amzn-bedrock-service-tier': serviceTier }),
  };
  return { ...prompt, ...guardrailOf(input), original: { ...original, headers } };
}

/** What InvokeModel's headers say beside the body. */
function nativeFacts(input: InvokeModelCommandInput): Omit<InferenceInput, 'prompt'> {
  return {
    tier: tierOf(input.serviceTier, input.performanceConfigLatency),
    requestMetadata: headerMetadataPairs(input.requestMetadata),
  };
}

/** InvokeModel of a model whose answer is no text. */
function invokeNative(kind: ModelKind): InferenceHandler<InvokeModelCommandInput> {
  return {
    ...invokeModel,
    read: (input, modelId) => ({
      prompt: { ...parseNativePrompt(kind, modelId, input.body as Buffer), ...guardrailOf(input) },
      ...nativeFacts(input),
    }),
    answer: {
      kind: 'native',
      write: ({ body, usage }, { read, timing }) => ({
        output: {
          body: Buffer.from(JSON.stringify(body)),
          contentType: 'application/json',
          ...tierMembers(read.tier),
        },
        headers: tokenCountHeaders(usage, timing.latencyMs),
      }),
    },
  };
}

const invokeModelWithResponseStream: InferenceHandler<InvokeModelCommandInput> = {
  ...invokeModel,
  operation: 'InvokeModelWithResponseStream',
  action: INVOKE_STREAM,
  forModel: refuseNative('The model is unsupported for streaming.'),
  answer: {
    kind: 'stream',
    write: (events, facts) => ({
      output: { body: nativeChunks(events, facts), contentType: 'application/json', ...tierMembers(facts.tier) },
    }),
  },
};

/** The metered operations. */
export const BEDROCK_RUNTIME_INFERENCE: InferenceTable = {
  ApplyGuardrail: applyGuardrail,
  Converse: converse,
  ConverseStream: converseStream,
  InvokeModel: invokeModel,
  InvokeModelWithResponseStream: invokeModelWithResponseStream,
};

/** The operations that cost nothing. */
export function bedrockRuntimeOperations(parts: {
  readonly catalog: ModelCatalog;
  readonly router: ModelRouter;
}): OperationTable {
  const countTokens: OperationHandler<CountTokensCommandInput, { inputTokens: number }> = {
    access: ({ input, region, caller }) => {
      const named = parts.router.firstModelOf(input.modelId ?? '');
      const model = parts.catalog.resolve(named, { region, accountId: caller.accountId });
      return [{ action: 'bedrock:CountTokens', resource: model.resourceArn }];
    },
    run: async ({ input, region, caller, requestId, request }) => {
      const named = parts.router.firstModelOf(input.modelId ?? '');
      const model = parts.catalog.resolve(named, { region, accountId: caller.accountId });
      const { modelId, route } = model;
      const { upstream, upstreamModelId } = parts.router.route(modelId);
      const native = input.input?.invokeModel;
      const prompt = native
        ? parseNative(modelId, native.body as Buffer)
        : parseConverse((input.input?.converse ?? {}) as ConverseRequest);
      const facts = { requestId, modelId, upstreamModelId, caller, region, route, tier: 'standard' } as const;
      const counted = { ...prompt, ...facts, ...profileFacts(model) };
      return { inputTokens: await upstream.countTokens(counted, caller.principalArn, request.client) };
    },
  };
  return { CountTokens: countTokens };
}
