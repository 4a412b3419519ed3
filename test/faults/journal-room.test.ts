import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, it } from 'vitest';
import { FileJournal } from '../../src/adapters/file-journal.ts';
import type { Admission } from '../../src/metering/usage-event.ts';
import { removeFolders, temporaryFolder } from '../server.ts';

const SEGMENT_BYTES = 64 * 1_024;

afterAll(removeFolders);

/** A request whose records take about so many bytes. */
function admission(requestId: string, bytes: number): Admission {
  return {
    requestId,
    admittedAtMs: 1_780_000_000_000,
    accountId: '123456789012',
    principalArn: 'arn:aws:iam::123456789012:user/alice',
    principalId: 'AIDAEXAMPLE',
    accessKeyId: 'AKIAEXAMPLE',
    sourceIdentity: '',
    principalTags: [['filler', 'x'.repeat(bytes)]],
    resourceTags: [],
    accountTags: [],
    operation: 'Converse',
    requestedModelId: 'anthropic.claude-sonnet-4-6',
    modelId: 'anthropic.claude-sonnet-4-6',
    resourceArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6',
    region: 'us-east-1',
    route: 'in_region',
    upstream: 'simulated',
    tier: 'standard',
    sourceIp: '127.0.0.1',
    userAgent: 'test',
    requestMetadata: [],
    isBatch: false,
    attemptOf: '',
    isRepeat: false,
    inputTokensEstimate: 10,
  };
}

describe('a journal that gets no new segment in time', () => {
  it('has room for the outcome of every request that it admitted, whatever their sizes and order', {
    timeout: 60_000,
  }, async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 12_000 }), { minLength: 20, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.infiniteStream(fc.nat()), async (requests, choices) => {
        const folder = temporaryFolder('room');
        const journal = await FileJournal.open({
          folder,
          durability: 'os',
          segmentBytes: SEGMENT_BYTES,
          onDurable: () => {},
        });
        // All in one turn: no segment can be made meanwhile, as on a disk that is full.
        const open: Admission[] = [];
        const admitted: Promise<void>[] = [];
        for (const [index, bytes] of requests.entries()) {
          const one = admission(`request-${index}`, bytes);
          const before = journal.openRequests;
          const promise = journal.admit(one);
          if (journal.openRequests > before) {
            open.push(one);
            admitted.push(promise);
          } else promise.catch(() => {});
        }
        const settled: Promise<void>[] = [];
        while (open.length > 0) {
          const [choice = 0] = choices;
          const [one] = open.splice(choice % open.length, 1) as [Admission];
          const usage = { inputTokens: 1, outputTokens: 2, isEstimated: false, raw: 'x'.repeat(2_000) };
          const event = {
            ...one,
            endedAtMs: one.admittedAtMs + 5,
            status: 'completed',
            errorCode: '',
            usage,
            upstreamRequestId: '',
            upstreamPrincipalArn: '',
            isGatewayPrincipal: false,
            clientGone: false,
          } as const;
          settled.push((async () => journal.settle(event))());
        }
        await Promise.all([...admitted, ...settled]);
        await journal.close();
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 60, seed: 20_261_122 },
    );
  });
});
