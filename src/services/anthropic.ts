import { anthropicMessages } from '../inference/anthropic-messages.ts';
import { namedGuardrail } from '../inference/guardrail-headers.ts';
import { nativeKindOf, profileFacts } from '../inference/model-catalog.ts';
import { tierContext } from '../inference/service-tier.ts';
import { Fault } from '../kernel/fault.ts';
import type { CallableModelParts } from '../paths/callable-models.ts';
import type { InferenceHandler, InferenceTable } from '../paths/inference-handler.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../paths/operation-handler.ts';
import { tokenCountHeaders } from '../paths/token-count-headers.ts';
import { messageOutput } from './anthropic/message-answer.ts';
import { messageEvents } from './anthropic/message-events.ts';
import { type MessagesInput, originalOf, readMessages, requestedModel, tierNamed } from './anthropic/messages-input.ts';
import { modelOperations } from './anthropic/models.ts';
import type { VendorAnswer } from './anthropic/vendor-answer.ts';

const whole: InferenceHandler<MessagesInput> = {
  operation: 'Messages',
  action: 'bedrock:InvokeModel',
  requestedModelId: requestedModel,
  accessContext: (input) => tierContext(tierNamed(input)),
  guardrail: namedGuardrail,
  forModel: (model) => {
    if (nativeKindOf(model)) throw new Fault('ValidationException', `\`${model.modelId}\` writes no messages`);
    return undefined;
  },
  read: readMessages,
  answer: {
    kind: 'whole',
    write: (answer, facts) => ({
      output: messageOutput(answer, facts),
      headers: { 'request-id': facts.requestId, ...tokenCountHeaders(answer.usage, facts.timing.latencyMs) },
    }),
  },
};

const streamed: InferenceHandler<MessagesInput> = {
  ...whole,
  action: 'bedrock:InvokeModelWithResponseStream',
  answer: {
    kind: 'stream',
    write: (events, facts) => ({ output: { body: messageEvents(events, facts), requestId: facts.requestId } }),
  },
};

/** The metered operations of Anthropic's API. */
export const ANTHROPIC_INFERENCE: InferenceTable = {
  Messages: ({ body }: MessagesInput) => (body.stream === true ? streamed : whole),
};

/** Its operations that cost nothing. */
export function anthropicOperations(parts: CallableModelParts): OperationTable {
  const countedModel = ({ input, region, caller }: OperationCall<MessagesInput>) =>
    parts.catalog.resolve(parts.router.firstModelOf(requestedModel(input)), { region, accountId: caller.accountId });

  const countMessageTokens: OperationHandler<MessagesInput, VendorAnswer> = {
    access: (call) => [{ action: 'bedrock:CountTokens', resource: countedModel(call).resourceArn }],
    run: async (call) => {
      const { input, region, caller, requestId, request } = call;
      const model = countedModel(call);
      const { modelId, route } = model;
      const { upstream, upstreamModelId } = parts.router.route(modelId);
      // A count has no answer, and so no limit of one.
      const prompt = anthropicMessages.parse({ max_tokens: 1, ...input.body });
      const facts = { requestId, modelId, upstreamModelId, caller, region, route, tier: 'standard' as const };
      const counted = {
        ...prompt,
        ...facts,
        ...profileFacts(model),
        original: originalOf(input),
      };
      const tokens = await upstream.countTokens(counted, caller.principalArn, request.client);
      return { body: { input_tokens: tokens }, requestId };
    },
  };
  return { CountMessageTokens: countMessageTokens, ...modelOperations(parts) };
}
