import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import type { ClientConfig } from '../../examples/demo/organisation.ts';

export interface InferenceCall {
  readonly modelId: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Default: not. */
  readonly isStreamed?: boolean;
  /** Default: the caller's. */
  readonly region?: string;
}

/** Makes the calls one after the other; the simulated model reports the tokens that they name. */
export async function spend(caller: ClientConfig, calls: readonly InferenceCall[]): Promise<void> {
  for (const { modelId, isStreamed = false, region = caller.region, ...simulate } of calls) {
    const bedrock = new BedrockRuntimeClient({ ...caller, region });
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    const input = { modelId, messages, additionalModelRequestFields: { simulate } };
    if (isStreamed) {
      const { stream } = await bedrock.send(new ConverseStreamCommand(input));
      await collected(stream);
    } else {
      await bedrock.send(new ConverseCommand(input));
    }
    bedrock.destroy();
  }
}

/** All events of an answer's stream. */
export async function collected<Event>(stream: AsyncIterable<Event> | undefined): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream!) events.push(event);
  return events;
}
