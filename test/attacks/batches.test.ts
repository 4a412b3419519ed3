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

it('more long batches than run at once: another account’s is begun beside them, and the one put off goes on later', async () => {
  const jobOf = (jobId: string, accountId: string) => ({ jobId, accountId, region: 'us-east-1' });
  const jobs = ['a', 'b', 'c', 'd', 'e'].map((jobId) => jobOf(jobId, '1'));
  const running = new Map<string, () => void>();
  let tell = () => {};
  const parts = {
    pollSeconds: 3_600,
    clock: () => 0,
    onTrouble: () => {},
    jobs: {
      underWay: () => jobs,
      onChange: (callback: () => void) => {
        tell = callback;
      },
      change: (arn: string) => new Promise<void>((resolve) => running.set(arn, resolve)),
    },
  } as unknown as BatchesParts;
  const batches = new Batches(parts);
  batches.start();
  const turns = async () => {
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
  };
  await turns();
  expect([...running.keys()]).toEqual(jobs.slice(0, 4).map((job) => invocationJobArn(job)));
  const other = jobOf('f', '2');
  jobs.push(other);
  tell();
  await turns();
  // What runs ends when it is told to: here the test does that.
  running.get(invocationJobArn(jobs[3]!))!();
  await turns();
  expect(running.has(invocationJobArn(other))).toBe(true);
  for (const end of running.values()) end();
  await turns();
  for (const end of running.values()) end();
  await batches.stop();
});
