import { expect, it } from 'vitest';
import { CALL_FACTS } from '../../src/inference/call-facts.fixture.ts';
import type { ModelBackend } from '../../src/inference/model-backend.ts';
import type { ModelCall } from '../../src/inference/model-call.ts';
import { Upstream } from '../../src/inference/upstream.ts';
import { ClientPresence } from '../../src/kernel/client-presence.ts';

/** Rows of docs/ATTACKS.md: each title stands there. */
it('very many counts of tokens, which cost nothing: they take their turns, and keep no call out', async () => {
  const counting = Promise.withResolvers<number>();
  const backend = { name: 'one', countTokens: () => counting.promise } as unknown as ModelBackend;
  const upstream = new Upstream({
    ...{ backend, models: 'all', clock: () => 0, wait: (_ms, until) => new Promise(unlessAborted(until)) },
    limits: {
      patience: { drainTimeoutMs: 0 },
      queue: { maxInFlight: 1, maxQueued: 10, maxQueuedPerCaller: 1, queueTimeoutMs: 1_000 },
      breaker: { consecutiveFailures: 5, errorRatePercent: 50, minCalls: 20, windowMs: 1_000, openMs: 1_000 },
    },
  });
  const client = new ClientPresence();
  const call: ModelCall = {
    ...CALL_FACTS,
    ...{ requestId: 'r', modelId: 'm', upstreamModelId: 'm' },
    messages: [],
    system: [],
    additionalFields: {},
  };
  const count = () => upstream.countTokens(call, 'mallory', client);
  const counts = [count(), count()];
  await expect(count()).rejects.toMatchObject({ code: 'ThrottlingException' });
  const turn = upstream.enter(call.modelId, 'ann', Number.POSITIVE_INFINITY, client);
  expect(upstream.status()).toMatchObject({ inFlight: 1, queued: 2 });
  counting.resolve(7);
  expect(await Promise.all(counts)).toEqual([7, 7]);
  (await turn).left();
  expect(upstream.status()).toMatchObject({ inFlight: 0, queued: 0 });
});

function unlessAborted(until: AbortSignal) {
  return (resolve: () => void) => until.addEventListener('abort', () => resolve(), { once: true });
}
