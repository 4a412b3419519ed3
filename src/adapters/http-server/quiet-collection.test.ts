import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { collectYoung, QuietCollection } from './quiet-collection.ts';

it('collects once for every 32 requests, when the last of them has been answered', async () => {
  const { quiet, collections } = collection();
  for (let request = 1; request < 32; request++) quiet.answered();
  await turn();
  expect(collections()).toBe(0);
  quiet.answered();
  quiet.answered();
  await turn();
  expect(collections()).toBe(1);
  for (let request = 1; request < 32; request++) quiet.answered();
  await turn();
  expect(collections()).toBe(1);
});

it('waits while a request is being answered, also for one that came since', async () => {
  const { quiet, collections, state } = collection();
  state.inFlight = 1;
  for (let request = 0; request < 100; request++) quiet.answered();
  await turn();
  expect(collections()).toBe(0);
  state.inFlight = 0;
  quiet.answered();
  state.inFlight = 1;
  await turn();
  expect(collections()).toBe(0);
  state.inFlight = 0;
  quiet.answered();
  await turn();
  expect(collections()).toBe(1);
});

it('collects nothing, and does not fail, where Node was not started with --expose-gc', () => {
  expect(globalThis.gc).toBeUndefined();
  expect(() => collectYoung()).not.toThrow();
});

function collection() {
  const state = { inFlight: 0 };
  let collections = 0;
  const collect = () => {
    collections += 1;
  };
  return { state, quiet: new QuietCollection(collect, () => state.inFlight), collections: () => collections };
}
