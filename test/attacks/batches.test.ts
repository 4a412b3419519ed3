import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Batches, type BatchesParts } from '../../src/app/batches.ts';
import { invocationJobArn } from '../../src/batches/invocation-job.ts';

/** Rows of docs/ATTACKS.md: each title stands there. */
it('more jobs that wait for an upstream than run at once: each is looked at once a round, and none is passed over', async () => {
  const jobs = ['a', 'b', 'c', 'd', 'e', 'f'].map((jobId) => ({ jobId, accountId: '1', region: 'us-east-1' }));
  const looks: string[] = [];
  const parts = {
    pollSeconds: 3_600,
    clock: () => 0,
    onTrouble: () => {},
    jobs: {
      underWay: () => jobs,
      onChange: () => {},
      change: async (arn: string) => {
        looks.push(arn);
      },
    },
  } as unknown as BatchesParts;
  const batches = new Batches(parts);
  batches.start();
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
  await batches.stop();
  expect(looks).toEqual(jobs.map((job) => invocationJobArn(job)));
});
