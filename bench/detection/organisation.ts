import type { Random } from './random.ts';

/** USD for a million tokens of input and output; reading a cache costs a tenth of input, writing one a quarter more. */
export interface Model {
  readonly id: string;
  readonly inputUsd: number;
  readonly outputUsd: number;
}

export const MODELS: readonly Model[] = [
  { id: 'anthropic.claude-opus-4-6-v1', inputUsd: 5, outputUsd: 25 },
  { id: 'anthropic.claude-sonnet-4-6', inputUsd: 3, outputUsd: 15 },
  { id: 'anthropic.claude-haiku-4-5-20251001-v1:0', inputUsd: 1, outputUsd: 5 },
  { id: 'amazon.nova-pro-v1:0', inputUsd: 0.8, outputUsd: 3.2 },
  { id: 'meta.llama4-maverick-17b-instruct-v1:0', inputUsd: 0.24, outputUsd: 0.97 },
];
export const REGIONS = ['us-east-1', 'us-west-2', 'eu-central-1', 'ap-northeast-1'] as const;
export const CLIENTS = ['aws-sdk-js', 'Boto3', 'OpenAI/Python', 'claude-cli', 'langchain', 'curl'] as const;

export type Trade = 'service' | 'person' | 'nightly' | 'burst' | 'sparse' | 'check' | 'agent';

/** A principal and how it works: the truth that the detector is not told. */
export interface Worker {
  readonly arn: string;
  readonly team: string;
  readonly trade: Trade;
  readonly model: Model;
  readonly region: string;
  readonly client: string;
  readonly networks: readonly string[];
  /** Calls in five minutes when it works at its usual pace. */
  readonly pace: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of the input that is read from the cache. */
  readonly cacheShare: number;
  /** Standard deviation of the logarithm of its pace, and how much of that lasts from one step to the next. */
  readonly unrest: number;
  readonly inertia: number;
  /** Daily growth of its pace, as a factor. */
  readonly growth: number;
  /** First and last hour of its day, UTC, and where the middle is for those around the clock. */
  readonly hours: readonly [number, number];
  /** Part of the calls with its most frequent prompt, and part that fails. */
  readonly repeatShare: number;
  readonly failedShare: number;
  /** Part of its weekday pace that it has at weekends. */
  readonly weekend: number;
  /** Works more at the turn of the month: factor. */
  readonly monthEnd: number;
  /** Pace on a holiday. */
  readonly holiday: number;
}

export interface Organisation {
  readonly workers: readonly Worker[];
  readonly holidays: ReadonlySet<number>;
  /** Day of the month on which the history begins. */
  readonly monthDay: number;
}

const TRADES: readonly (readonly [Trade, number])[] = [
  ['service', 0.25],
  ['person', 0.3],
  ['nightly', 0.1],
  ['burst', 0.1],
  ['sparse', 0.1],
  ['check', 0.05],
  ['agent', 0.1],
];

const PACES: Readonly<Record<Trade, readonly [number, number]>> = {
  ...{ service: [2, 60], person: [0.4, 3], nightly: [15, 120], burst: [10, 150] },
  ...{ sparse: [0.5, 4], check: [0.5, 2], agent: [1, 8] },
};

/** 5 to 16 principals in two to four teams. */
export function organisationOf(random: Random, days: number): Organisation {
  const size = random.whole(5, 16);
  const teams = ['search', 'support', 'risk', 'mobile'].slice(0, random.whole(2, 4));
  const dayStart = random.whole(5, 15);
  const workers = Array.from({ length: size }, (_, index) => workerOf(random, index, random.pick(teams), dayStart));
  const holidays = new Set(Array.from({ length: random.whole(0, 2) }, () => random.whole(0, days - 1)));
  return { workers, holidays, monthDay: random.whole(0, 29) };
}

export function workerOf(random: Random, index: number, team: string, dayStart: number, only?: Trade): Worker {
  const trade = only ?? tradeOf(random);
  const isPerson = trade === 'person' || trade === 'sparse';
  const account = '123456789012';
  const arn = isPerson
    ? `arn:aws:sts::${account}:assumed-role/Staff/person-${index}@example.com`
    : `arn:aws:iam::${account}:user/${trade}-${index}`;
  const start = (dayStart + random.whole(-1, 2)) % 24;
  const isAgent = trade === 'agent';
  return {
    ...{ arn, team, trade, model: random.pick(MODELS), region: random.pick(REGIONS), client: random.pick(CLIENTS) },
    networks: Array.from({ length: isPerson ? random.whole(1, 3) : 1 }, () => networkOf(random)),
    pace: random.factor(...PACES[trade]),
    inputTokens: random.factor(isAgent ? 8_000 : 800, isAgent ? 30_000 : 12_000),
    outputTokens: random.factor(100, isAgent ? 900 : 1_500),
    cacheShare: random.chance(isAgent ? 0.9 : 0.4) ? random.between(0.3, 0.9) : 0,
    unrest: random.between(0.1, trade === 'service' ? 0.35 : 0.7),
    inertia: random.between(0.5, 0.97),
    growth: random.chance(0.3) ? random.between(1, 1.015) : 1,
    hours: [start, (start + random.whole(7, 11)) % 24],
    repeatShare: trade === 'check' ? random.between(0.7, 1) : random.chance(0.2) ? random.between(0.05, 0.3) : 0.02,
    failedShare: random.factor(0.001, 0.03),
    weekend: trade === 'service' ? random.between(0.3, 1) : isPerson ? random.between(0, 0.15) : 1,
    monthEnd: random.chance(0.15) ? random.between(1.5, 3.5) : 1,
    holiday: isPerson ? 0.05 : trade === 'service' ? random.between(0.3, 0.9) : 1,
  };
}

export function networkOf(random: Random): string {
  return `198.${random.whole(18, 200)}.${random.whole(0, 255)}.0/24`;
}

function tradeOf(random: Random): Trade {
  let left = random.between(0, 1);
  for (const [trade, part] of TRADES) {
    left -= part;
    if (left < 0) return trade;
  }
  return 'service';
}
