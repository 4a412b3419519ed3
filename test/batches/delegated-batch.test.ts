import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { BUCKET, DelegatedBatch, inputLine, outputLine, refused } from './delegated-batch.ts';

const DAY = { unit: 'day', timeZone: 'UTC' } as const;
let batch: DelegatedBatch;

beforeEach(async () => {
  batch = await DelegatedBatch.start();
});
afterEach(() => batch.close());

const both = [outputLine('a', 10, 5), outputLine('b', 10, 5)];
const honest = { inputTokens: 10, outputTokens: 5, isEstimated: false };

describe('a batch that an upstream runs, on hard budgets', () => {
  it('holds the most that all its records can use while it runs, and gives back what they did not', async () => {
    await batch.node.budget({ name: 'tokens', unit: 'tokens', limit: '20000', window: DAY });
    await batch.submit(['a', 'b'], 5_000);
    const held = batch.node.used('tokens');
    expect(held).toBe(BigInt(batch.job.handover!.bound.inputTokens + 10_000));
    await batch.look();
    expect(batch.node.used('tokens')).toBe(held);
    await batch.end(both);
    await batch.look();
    expect(batch.job.status).toBe('Completed');
    expect(batch.node.used('tokens')).toBe(30n);
  });

  it('takes a record without a limit for the longest answer of its model', async () => {
    await batch.node.budget({ name: 'tokens', unit: 'tokens', limit: '10000', window: DAY });
    await batch.submit(['a', 'b']);
    expect(batch.job.handover!.bound.outputTokens).toBe(2_000);
  });

  it('is refused where there is no room, before the upstream is asked', async () => {
    await batch.node.budget({ name: 'small', unit: 'requests', limit: '1', window: DAY });
    await batch.submit(['a', 'b'], 100);
    expect(batch.job).toMatchObject({
      status: 'Failed',
      message: expect.stringContaining('The hard budget small has no room'),
    });
    expect(batch.upstream.submitted).toEqual([]);
    expect(batch.node.used('small')).toBe(0n);
  });

  it('takes no guardrail in its records: nobody would have asked whether its submitter may apply it', async () => {
    const { put } = batch.store;
    batch.store.put = (bucket, key, content) => {
      return put.call(batch.store, bucket, key, content.replace('"prompt"', '"guardrailConfig":{},"prompt"'));
    };
    await batch.submit(['a'], 100);
    expect(batch.job).toMatchObject({ status: 'Failed', message: expect.stringContaining('Line 1 names a guardrail') });
    expect(batch.upstream.submitted).toEqual([]);
  });

  it('holds nothing any more when the upstream refuses it', async () => {
    await batch.node.budget({ name: 'tokens', unit: 'tokens', limit: '10000', window: DAY });
    batch.upstream.fault = refused('not this model');
    await batch.submit(['a', 'b'], 100);
    expect(batch.job).toMatchObject({ status: 'Failed', message: 'not this model' });
    expect(batch.node.used('tokens')).toBe(0n);
  });

  it('holds at the price for batches', async () => {
    await batch.node.budget({ name: 'usd', unit: 'USD', limit: '1', window: DAY });
    await batch.submit(['a'], 500);
    const { inputTokens, outputTokens } = batch.job.handover!.bound;
    expect(batch.node.used('usd')).toBe(BigInt(inputTokens + outputTokens) * 500_000n);
  });

  it('holds in the next window what is left of it, and on budgets that come later', async () => {
    await batch.node.budget({ name: 'tokens', unit: 'tokens', limit: '10000', window: DAY });
    await batch.submit(['a', 'b'], 500);
    const held = batch.node.used('tokens');
    batch.time.nowMs += DAY_MS;
    expect(batch.node.used('tokens')).toBe(0n);
    await batch.node.budget({ name: 'later', unit: 'tokens', limit: '1', window: DAY });
    batch.node.gate.expire(batch.time.nowMs);
    expect(batch.node.used('tokens')).toBe(held);
    expect(batch.node.used('later')).toBe(held);
  });

  it('holds the same after a restart, and is handed over again by its token, whatever the room is then', async () => {
    await batch.node.budget({ name: 'tokens', unit: 'tokens', limit: '3000', window: DAY });
    const { submit } = batch.upstream;
    batch.upstream.submit = async () => {
      throw new Error('killed');
    };
    await expect(batch.submit(['a', 'b'], 500)).rejects.toThrow('killed');
    const held = batch.node.used('tokens');
    expect(held).toBeGreaterThan(2_000n);
    batch.restart();
    // The counters of this process still have the first hold: the second is beside it, over the limit.
    expect(batch.node.used('tokens')).toBe(2n * held);
    batch.upstream.submit = submit;
    await batch.look();
    expect(batch.job).toMatchObject({ status: 'InProgress', upstream: { name: 'aws' } });
  });

  it('is stopped at its upstream when inference is stopped for its submitter', async () => {
    await batch.submit(['a', 'b'], 100);
    batch.node.stops.replace([
      {
        id: 's',
        scope: { principals: ['*:user/ann'] },
        reason: 'leak',
        cutsStreams: false,
        createdAtMs: 0,
        createdBy: 't',
      },
    ]);
    await batch.look();
    expect(batch.upstream.stops).toBe(1);
    expect(batch.job).toMatchObject({ status: 'Stopping', message: expect.stringContaining('leak') });
    batch.upstream.state = { status: 'underWay', message: '', isStopping: true };
    await batch.look();
    expect(batch.upstream.stops).toBe(1);
    await batch.end([outputLine('a', 10, 5)], { status: 'stopped', processed: 1, success: 1, manifest: {} });
    await batch.look();
    expect(batch.job.status).toBe('Stopped');
    expect(batch.usage()).toEqual([honest]);
  });

  it('is stopped, and not forgotten, when its role loses its permissions', async () => {
    await batch.submit(['a', 'b'], 100);
    await batch.dropRole();
    await batch.look();
    expect(batch.upstream.stops).toBe(1);
    expect(batch.job.status).toBe('Stopping');
  });

  it('goes on being followed when the upstream answers a question with a refusal, and counts at its bound if that lasts', async () => {
    await batch.submit(['a', 'b'], 100);
    batch.upstream.fault = refused('no such role');
    await expect(batch.look()).rejects.toThrow('no such role');
    expect(batch.job.status).toBe('InProgress');
    batch.time.nowMs += 49 * HOUR_MS;
    await batch.look();
    expect(batch.job.status).toBe('Failed');
    const { inputTokens, outputTokens } = batch.job.handover!.bound;
    expect(totals(batch)).toEqual({ inputTokens, outputTokens });
    expect(batch.events.every(({ usage }) => usage.isEstimated)).toBe(true);
  });
});

function totals({ events }: DelegatedBatch) {
  const sum = (member: 'inputTokens' | 'outputTokens') => events.reduce((all, { usage }) => all + usage[member], 0);
  return { inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens') };
}

describe('the output of a batch that an upstream runs', () => {
  it('is metered record by record where it agrees with what is known', async () => {
    await batch.submit(['a', 'b'], 100);
    await batch.end(both);
    await batch.look();
    expect(batch.usage()).toEqual([honest, honest]);
    expect(batch.job).toMatchObject({ status: 'Completed', message: '', counts: { total: 2, success: 2, error: 0 } });
    expect(batch.troubles).toEqual([]);
  });

  it('with lower counts than the manifest has: what is missing is metered besides', async () => {
    await batch.submit(['a', 'b'], 100);
    await batch.end([outputLine('a', 1, 1), outputLine('b', 10, 5)]);
    await batch.look();
    expect(totals(batch)).toEqual({ inputTokens: 20, outputTokens: 10 });
    expect(batch.events.filter(({ usage }) => usage.isEstimated).map(({ isRepeat }) => isRepeat)).not.toContain(false);
    expect(batch.job.message).toContain('manifest.json.out counts more tokens');
    expect(batch.troubles).toEqual([expect.stringContaining('is not what the upstream reports')]);
  });

  const failed = { recordId: 'b', modelInput: {}, error: { errorCode: 400 } };
  it.each([
    ['a record left out', [outputLine('a', 10, 5)], '1 records are in the output, reported are 2'],
    ['an answer made a failure', [outputLine('a', 10, 5), failed], '1 records have an answer, reported are 2'],
    ['one record twice', [outputLine('a', 10, 5), outputLine('a', 10, 5)], 'the record ids are not those of the input'],
    ['a line that is no record', [...both, 'nothing'], '1 lines are no records'],
  ])('with %s: metered at its bound, flagged, and said', async (_, lines, complaint) => {
    await batch.submit(['a', 'b'], 100);
    await batch.end(lines as object[]);
    await batch.look();
    const { inputTokens, outputTokens } = batch.job.handover!.bound;
    expect(totals(batch)).toEqual({ inputTokens, outputTokens });
    expect(batch.job).toMatchObject({ status: 'Completed', message: expect.stringContaining(complaint) });
    expect(batch.troubles).toEqual([expect.stringContaining(complaint)]);
  });

  it('without its manifest, or written after the job had ended: metered at its bound', async () => {
    await batch.submit(['a', 'b'], 100);
    await batch.end(both, { endedAtMs: Date.now() - HOUR_MS });
    await batch.store.remove(BUCKET, 'out/upstreamjob1/manifest.json.out');
    await batch.look();
    expect(batch.job.message).toContain('there is no manifest.json.out');
    expect(batch.job.message).toContain('out/upstreamjob1/a.jsonl.out was written after the job had ended');
    expect(totals(batch)).toEqual({
      inputTokens: batch.job.handover!.bound.inputTokens,
      outputTokens: batch.job.handover!.bound.outputTokens,
    });
  });

  it('is metered once, also when the process dies between the ledger and the end of the job', async () => {
    await batch.submit(['a', 'b'], 100);
    await batch.end([outputLine('a', 10, 5)]);
    const { jobs } = batch;
    const change = jobs.change.bind(jobs);
    jobs.change = async (arn, changed, nowMs) => {
      if (changed(batch.job).status === 'Completed') throw new Error('killed');
      return change(arn, changed, nowMs);
    };
    await expect(batch.look()).rejects.toThrow('killed');
    jobs.change = change;
    const once = totals(batch);
    batch.restart();
    await batch.look();
    expect(batch.job.status).toBe('Completed');
    expect(totals(batch)).toEqual(once);
  });
});

describe('a folder that submitters cannot write', () => {
  it('has the files while the upstream works on them: what the submitter changes counts for nothing', async () => {
    batch.upstream.workFolder = 's3://batches/private/';
    await batch.submit(['a', 'b'], 100);
    const own = 'private/123456789012-abcdefghijkl/';
    expect(batch.upstream.submitted).toMatchObject([
      { inputUri: `s3://batches/${own}in/a.jsonl`, outputUri: `s3://batches/${own}out/` },
    ]);
    await batch.store.put(BUCKET, 'in/a.jsonl', inputLine('other', 1_000_000));
    await batch.store.put(BUCKET, 'out/upstreamjob1/a.jsonl.out', 'forged');
    await batch.end(both, {}, `${own}out/upstreamjob1/`);
    await batch.look();
    expect(batch.usage()).toEqual([honest, honest]);
    const written = await batch.store.read(BUCKET, 'out/abcdefghijkl/a.jsonl.out');
    expect(written).toBe(both.map((line) => JSON.stringify(line)).join('\n'));
    expect(await batch.store.read(BUCKET, 'out/abcdefghijkl/manifest.json.out')).toBeDefined();
    expect(await batch.store.list(BUCKET, 'private/')).toEqual([]);
  });
});
