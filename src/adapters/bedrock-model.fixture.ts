import { CALL_FACTS } from '../inference/call-facts.fixture.ts';
import type { ModelEvent } from '../inference/model-backend.ts';
import type { ModelCall } from '../inference/model-call.ts';
import type { CallCredentials, UpstreamCredentials } from '../inference/upstream-credentials.ts';
import { BedrockModel, type BedrockModelOptions } from './bedrock-model.ts';
import { GptTokenCounter } from './gpt-token-counter.ts';

export const SONNET = 'anthropic.claude-sonnet-4-6';

export function modelCall(parts: Partial<ModelCall> = {}): ModelCall {
  const modelId = parts.modelId ?? SONNET;
  return {
    ...{ requestId: 'req-1', modelId, upstreamModelId: modelId },
    ...{ messages: [{ role: 'user', content: [{ text: 'Say hello.' }] }], system: [], additionalFields: {} },
    ...CALL_FACTS,
    ...parts,
  };
}

/** Credentials that a test hands out and can see refused. */
export class GivenCredentials implements UpstreamCredentials {
  given: CallCredentials = {
    ...{ accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG', sessionToken: 'session-token' },
    ...{ principalArn: 'arn:aws:sts::999999999999:assumed-role/BedrockRole/alice', isGatewayPrincipal: false },
  };
  readonly refusals: CallCredentials[] = [];

  async for(): Promise<CallCredentials> {
    return this.given;
  }

  /** What is given once it was refused; absent: the same. */
  next: CallCredentials | undefined;

  refused(credentials: CallCredentials): boolean {
    this.refusals.push(credentials);
    const hasNext = this.next !== undefined;
    this.given = this.next ?? this.given;
    this.next = undefined;
    return hasNext;
  }

  async close(): Promise<void> {}
}

export function bedrockModel(options: Partial<BedrockModelOptions> & { readonly endpoint: string }): BedrockModel {
  return new BedrockModel({
    ...{ name: 'bedrock', credentials: new GivenCredentials(), counter: new GptTokenCounter() },
    ...{ clock: () => Date.now(), onTrouble: () => {}, maxConnections: 4 },
    ...{ headersTimeoutMs: 2_000, idleTimeoutMs: 2_000 },
    ...options,
  });
}

export async function eventsOf(model: BedrockModel, call: ModelCall): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(call)) events.push(event);
  return events;
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );
}
