// A thread of the benchmark: makes histories, lets methods look at them, and answers what came of it.
import { parentPort } from 'node:worker_threads';
import { type GeneratedHistory, historyOf } from './history.ts';
import { dayUsd, detectorRun, type MethodRun, yesterdayRun, zScoreRun } from './methods.ts';
import { outcomeOf } from './score.ts';

export interface Method {
  readonly family: 'findings' | 'yesterday' | 'z-score';
  readonly name: string;
  /** Of the plain rules: the factor or the deviations, and the least excess as a part of the organisation's average day. */
  readonly limit: number;
  readonly leastPart: number;
}

/** Histories of some seeds, and what is to look at them. */
export interface Share {
  readonly from: number;
  readonly to: number;
  readonly methods: readonly Method[];
}

const LEAST_PARTS = [0.01, 0.03, 0.1, 0.3];

export const OTHERS: readonly Method[] = [
  ...[1.5, 2, 3, 5, 10].flatMap((limit) =>
    LEAST_PARTS.map((leastPart) => plain('yesterday', `${limit} times yesterday`, limit, leastPart)),
  ),
  ...[3, 4, 6, 8, 12].flatMap((limit) =>
    LEAST_PARTS.map((leastPart) => plain('z-score', `${limit} standard deviations`, limit, leastPart)),
  ),
];

export const METHODS: readonly Method[] = [{ family: 'findings', name: 'findings', limit: 0, leastPart: 0 }, ...OTHERS];

function plain(family: Method['family'], rule: string, limit: number, leastPart: number): Method {
  return { family, name: `${rule}, ${100 * leastPart} % of a day`, limit, leastPart };
}

function run(method: Method, history: GeneratedHistory, day: number): MethodRun {
  if (method.family === 'findings') return detectorRun(history);
  return (method.family === 'yesterday' ? yesterdayRun : zScoreRun)(history, method.limit, method.leastPart * day);
}

const port = parentPort;
port?.on('message', (share: Share | undefined) => {
  if (!share) return port.close();
  const outcomes = [];
  for (let seed = share.from; seed < share.to; seed += 1) {
    const history = historyOf(seed);
    const day = dayUsd(history);
    for (const method of share.methods)
      outcomes.push([method.name, outcomeOf(history, run(method, history, day))] as const);
  }
  port.postMessage(outcomes);
});
