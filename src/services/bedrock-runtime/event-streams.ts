import { converseMetadata, formatConverseEvent } from '../../inference/converse.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import { formatNativeStream } from '../../inference/native.ts';
import type { StreamFacts } from '../../paths/inference-handler.ts';
import { guardrailMembers } from './inline-guardrail.ts';
import { resolvedTier } from './service-tier.ts';

/** The union events of ConverseStream; `metadata` comes last and alone carries usage. */
export async function* converseEvents(
  events: AsyncIterable<ModelEvent>,
  { timing, read }: StreamFacts,
): AsyncGenerator<object> {
  for await (const event of events) {
    const handedOn = handedOnFrames(event);
    if (handedOn) {
      yield* handedOn;
      continue;
    }
    yield formatConverseEvent(event);
    if (event.type !== 'end') continue;
    const { metadata } = converseMetadata(event.usage, timing().latencyMs);
    const { trace, upstream } = event;
    yield { metadata: { ...metadata, ...(trace && { trace }), ...resolvedTier(upstream?.tier ?? read.tier) } };
  }
}

/** The chunks of InvokeModelWithResponseStream: the vendor's own events as JSON, the last with Bedrock's metrics. */
export async function* nativeChunks(events: AsyncIterable<ModelEvent>, facts: StreamFacts): AsyncGenerator<object> {
  const { requestId, modelId, admittedAtMs, timing } = facts;
  const latency = () => {
    const { latencyMs, firstTokenMs } = timing();
    return { invocationLatencyMs: latencyMs, firstByteLatencyMs: firstTokenMs ?? latencyMs };
  };
  // Made only where it is needed: not every model's words are known here.
  let format: ReturnType<typeof formatNativeStream> | undefined;
  for await (const event of events) {
    const handedOn = handedOnFrames(event);
    if (handedOn) {
      yield* handedOn;
      continue;
    }
    format ??= formatNativeStream(modelId, { requestId, modelId, createdAtMs: admittedAtMs, latency });
    const chunks = format(event);
    for (const [index, chunk] of chunks.entries()) {
      const isLast = event.type === 'end' && index === chunks.length - 1;
      const whole = isLast ? { ...chunk, ...guardrailMembers(facts.read, event) } : chunk;
      yield { chunk: { bytes: Buffer.from(JSON.stringify(whole)) } };
    }
  }
}

/** Frames of an upstream that streams in the caller's own dialect; undefined for an event that is to be worded here. */
function handedOnFrames(event: ModelEvent): readonly Buffer[] | undefined {
  if (event.type === 'start' || event.type === 'end') return event.original;
  return event.type === 'original' && event.bytes ? [event.bytes] : undefined;
}
