import { describe, expect, it } from 'vitest';
import { invocationJobArn } from './invocation-job.ts';
import { JobSlots } from './job-slots.ts';

const job = (accountId: string, jobId: string) => ({ accountId, jobId, region: 'us-east-1' });

/** Begins what has a turn, and says whose jobs they are and which were put off. */
function begun(slots: JobSlots, waiting: ReturnType<typeof job>[], putOff: string[] = []): string[] {
  const names: string[] = [];
  for (let next = slots.next(waiting); next; next = slots.next(waiting)) {
    const { jobId } = next;
    waiting.splice(waiting.indexOf(next), 1);
    slots.begin(next, 0, () => putOff.push(jobId));
    names.push(jobId);
  }
  return names;
}

describe('slots of batch jobs', () => {
  it('give every account with work one before any has a second', () => {
    const slots = new JobSlots(4, 600);
    const waiting = [job('1', 'a'), job('1', 'b'), job('1', 'c'), job('1', 'd'), job('2', 'e'), job('3', 'f')];
    expect(begun(slots, waiting)).toEqual(['a', 'e', 'f', 'b']);
  });

  it('put off the last job of the account that has the most when another account comes', () => {
    const slots = new JobSlots(2, 600);
    const putOff: string[] = [];
    begun(slots, [job('1', 'a'), job('1', 'b'), job('1', 'c')], putOff);
    slots.makeRoom([job('1', 'c')], 1_000);
    expect(putOff).toEqual([]);
    slots.makeRoom([job('1', 'c'), job('2', 'd')], 0);
    slots.makeRoom([job('1', 'c'), job('2', 'd')], 0);
    expect(putOff).toEqual(['b']);
    slots.end(invocationJobArn(job('1', 'b')));
    expect(slots.next([job('1', 'c'), job('2', 'd')])).toMatchObject({ jobId: 'd' });
  });

  it('take turns where more accounts have work than there are slots', () => {
    const slots = new JobSlots(2, 600);
    const putOff: string[] = [];
    begun(slots, [job('1', 'a'), job('2', 'b')], putOff);
    slots.makeRoom([job('3', 'c')], 599);
    expect(putOff).toEqual([]);
    slots.makeRoom([job('3', 'c')], 600);
    expect(putOff).toEqual(['a']);
  });
});
