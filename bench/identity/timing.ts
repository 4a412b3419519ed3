import { median } from '../../src/reports/anomaly-detection/baseline.ts';

/** Nanoseconds of single runs, and what is said about many of them. */
export class Timings {
  readonly #ns: number[] = [];

  /** Runs and notes how long it took. */
  time<Result>(run: () => Result): Result {
    const from = process.hrtime.bigint();
    const result = run();
    this.#ns.push(Number(process.hrtime.bigint() - from));
    return result;
  }

  /** Adds time that belongs to the last run. */
  extend<Result>(run: () => Result): Result {
    const from = process.hrtime.bigint();
    const result = run();
    this.#ns[this.#ns.length - 1]! += Number(process.hrtime.bigint() - from);
    return result;
  }

  microseconds(share: number): number {
    const sorted = Float64Array.from(this.#ns).sort();
    return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) / 1_000;
  }

  get count(): number {
    return this.#ns.length;
  }
}

/** Microseconds a run, by CPU time: the median of rounds. What else the machine does counts little in it. */
export function cpuMicroseconds(run: (index: number) => unknown, rounds = 7, runs = 20_000): number {
  for (let index = 0; index < runs; index++) run(index);
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = process.cpuUsage();
    for (let index = 0; index < runs; index++) run(index);
    const { user, system } = process.cpuUsage(from);
    costs.push((user + system) / runs);
  }
  return median(costs);
}

/** The same for what answers later. */
export async function cpuMicrosecondsOf(run: () => Promise<unknown>, rounds = 5, runs = 5_000): Promise<number> {
  for (let index = 0; index < runs; index++) await run();
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = process.cpuUsage();
    for (let index = 0; index < runs; index++) await run();
    const { user, system } = process.cpuUsage(from);
    costs.push((user + system) / runs);
  }
  return median(costs);
}
