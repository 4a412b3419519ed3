import type {
  RerankCommandInput,
  RetrieveAndGenerateCommandInput,
  RetrieveAndGenerateStreamCommandInput,
  RetrieveCommandInput,
} from '@aws-sdk/client-bedrock-agent-runtime';
import { asJson, isJsonObject } from '../inference/json-value.ts';
import { generationSource, searchGuardrails } from '../inference/knowledge-base.ts';
import type { Json, JsonObject } from '../inference/model-call.ts';
import { type ModelScope, nativeKindOf } from '../inference/model-catalog.ts';
import type { NativeKind, NativePrompt } from '../inference/native-call.ts';
import { readRerank } from '../inference/reranking.ts';
import { Fault } from '../kernel/fault.ts';
import type { InferenceHandler, InferenceInput, InferenceSubject, InferenceTable } from '../paths/inference-handler.ts';
import { guardedNeeds, inferenceNeeds } from '../paths/inference-needs.ts';
import type { AccessNeed } from '../paths/operation-handler.ts';
import { KNOWLEDGE_BASES } from '../rating/billed-feature.ts';
import { generationEvents } from './bedrock-agent-runtime/generation-events.ts';

/** A call that is handed on in AWS's own words. */
function prompted(kind: NativeKind, input: object): InferenceInput {
  return { prompt: { kind, dialect: 'operation', body: asJson(input) }, tier: 'standard', requestMetadata: [] };
}

/** Members by which a search has further models run. */
const FURTHER_MODELS: ReadonlySet<string> = new Set(['rerankingConfiguration', 'implicitFilterConfiguration']);

/** Throws ValidationException where models would run that nobody has allowed and nobody would meter. */
function searched(kind: NativeKind, input: object): InferenceInput {
  const read = prompted(kind, input);
  const member = memberIn((read.prompt as NativePrompt).body, FURTHER_MODELS);
  if (member === undefined) return read;
  throw new Fault('ValidationException', `${member} is not supported: rerank what was found with Rerank.`);
}

function memberIn(value: Json, names: ReadonlySet<string>): string | undefined {
  if (Array.isArray(value)) return value.map((one) => memberIn(one, names)).find((name) => name !== undefined);
  if (!isJsonObject(value)) return undefined;
  const found = Object.keys(value).find((name) => names.has(name));
  return found ?? memberIn(Object.values(value), names);
}

const writeBody: InferenceHandler<unknown>['answer'] = { kind: 'native', write: ({ body }) => ({ output: body }) };

const rerank: InferenceHandler<RerankCommandInput> = {
  operation: 'Rerank',
  action: 'bedrock:Rerank',
  requestedModelId: modelOfReranking,
  subject: (input, scope, catalog) => {
    const model = catalog.resolve(modelOfReranking(input), scope);
    const needs = [{ action: 'bedrock:Rerank', resource: '*' }, ...inferenceNeeds('bedrock:InvokeModel', model)];
    return { model, needs };
  },
  forModel: (model) => {
    if (nativeKindOf(model) !== 'rerank') throw unsupportedModel(model.modelId);
    return undefined;
  },
  read: (input) => {
    const read = prompted('rerank', input);
    readRerank(read.prompt as Extract<InferenceInput['prompt'], { kind: NativeKind }>);
    return read;
  },
  answer: writeBody,
};

function modelOfReranking({ rerankingConfiguration }: RerankCommandInput): string {
  return rerankingConfiguration?.bedrockRerankingConfiguration?.modelConfiguration?.modelArn ?? '';
}

const retrieve: InferenceHandler<RetrieveCommandInput> = {
  operation: 'Retrieve',
  action: 'bedrock:Retrieve',
  requestedModelId: ({ knowledgeBaseId }) => knowledgeBaseId ?? '',
  subject: (input, scope) => {
    const { knowledgeBaseId = '' } = input;
    const arn = knowledgeBaseArn(knowledgeBaseId, scope);
    const model = {
      modelId: KNOWLEDGE_BASES,
      route: 'in_region',
      resourceArn: arn,
      foundationModelArn: arn,
    } as const;
    return { model, needs: withGuardrails([{ action: 'bedrock:Retrieve', resource: arn }], input, scope) };
  },
  read: (input) => searched('retrieval', input),
  answer: writeBody,
};

const retrieveAndGenerate: InferenceHandler<RetrieveAndGenerateCommandInput> = {
  operation: 'RetrieveAndGenerate',
  action: 'bedrock:RetrieveAndGenerate',
  requestedModelId: (input) => generationSource(asJson(input)).modelArn,
  subject: generationSubject('bedrock:InvokeModel'),
  forModel: (model) => {
    if (nativeKindOf(model)) throw unsupportedModel(model.modelId);
    return undefined;
  },
  read: (input) => searched('retrieval_and_generation', input),
  answer: writeBody,
};

/** The answer is complete before its first event: what is written is cited, and citations come last. */
const retrieveAndGenerateStream: InferenceHandler<RetrieveAndGenerateStreamCommandInput> = {
  ...retrieveAndGenerate,
  operation: 'RetrieveAndGenerateStream',
  subject: generationSubject('bedrock:InvokeModelWithResponseStream'),
  answer: {
    kind: 'native',
    write: ({ body }) => ({ output: { stream: generationEvents(body), sessionId: body.sessionId } }),
  },
};

/** Searching, and having a model write of what was found, are permissions of their own. */
function generationSubject(action: string): NonNullable<InferenceHandler<RetrieveAndGenerateCommandInput>['subject']> {
  return (input, scope, catalog): InferenceSubject => {
    const { knowledgeBaseId, modelArn } = generationSource(asJson(input) as JsonObject);
    const model = catalog.resolve(modelArn, scope);
    const bases = knowledgeBaseId === undefined ? [] : [knowledgeBaseArn(knowledgeBaseId, scope)];
    const needs = [
      { action: 'bedrock:RetrieveAndGenerate', resource: '*' },
      ...bases.map((resource) => ({ action: 'bedrock:Retrieve', resource })),
      ...inferenceNeeds(action, model),
    ];
    return { model, needs: withGuardrails(needs, input, scope) };
  };
}

function withGuardrails(needs: readonly AccessNeed[], input: object, scope: ModelScope): AccessNeed[] {
  const named = searchGuardrails(asJson(input));
  return named.reduce<AccessNeed[]>((all, guardrail) => guardedNeeds(all, guardrail, scope), [...needs]);
}

function knowledgeBaseArn(id: string, { region, accountId }: ModelScope): string {
  return `arn:aws:bedrock:${region}:${accountId}:knowledge-base/${id}`;
}

/** AWS's words are not published. */
function unsupportedModel(modelId: string): Fault {
  return new Fault('ValidationException', `The model ${modelId} does not support this operation.`);
}

/** The metered operations: all of them. */
export const BEDROCK_AGENT_RUNTIME_INFERENCE: InferenceTable = {
  Rerank: rerank,
  Retrieve: retrieve,
  RetrieveAndGenerate: retrieveAndGenerate,
  RetrieveAndGenerateStream: retrieveAndGenerateStream,
};
