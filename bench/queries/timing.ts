/** Not counted: they fill the caches of the file system. */
const WARM_UP_RUNS = 2;

/** Milliseconds of each run. */
export interface Times {
  readonly ours: readonly number[];
  readonly hand: readonly number[];
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await run();
  return performance.now() - from;
}

/** Runs both in turn, so that whatever else the machine does hits both. */
export async function inTurn(ours: () => Promise<unknown>, hand: () => Promise<unknown>, runs: number): Promise<Times> {
  const times = { ours: [] as number[], hand: [] as number[] };
  for (let run = 0; run < runs + WARM_UP_RUNS; run += 1) {
    const [mine, theirs] = [await timed(ours), await timed(hand)];
    if (run < WARM_UP_RUNS) continue;
    times.ours.push(mine);
    times.hand.push(theirs);
  }
  return times;
}

export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
}
