import { RecentMap } from '../kernel/recent-map.ts';
import { MINUTE_MS } from '../kernel/time.ts';
import { promptDigest } from './prompt-digest.ts';
import type { SpendClaim } from './spend-gate.ts';

/** What is out of the ordinary; an absent member is not looked at. */
export interface RunawayRules {
  /** Of one caller. */
  readonly requestsPerMinute?: number;
  /** The same prompt of one caller again and again. */
  readonly repeatedPrompts?: { readonly count: number; readonly windowMs: number };
  /** Spend of five minutes against what the caller spends in five minutes of work otherwise. */
  readonly spendRate?: { readonly factor: number; readonly minUsd: number };
}

export interface RunawayFinding {
  readonly kind: 'requests' | 'repetition' | 'spend';
  readonly principalArn: string;
  /** One sentence: the reason of a stop. */
  readonly text: string;
}

/** What is known of one caller. */
interface CallerRecord {
  minute: number;
  requests: number;
  promptsSinceMs: number;
  readonly prompts: Map<string, number>;
  interval: number;
  /** USD of the interval that runs. */
  spentUsd: number;
  /** Exponentially weighted mean of the intervals in which the caller spent something, and how many there were. */
  meanUsd: number;
  samples: number;
}

/** Callers that are watched: the longest unused is forgotten. */
const CALLERS_MAX = 20_000;
/** Prompts that are told apart in one window; of more, the oldest are forgotten. */
const PROMPTS_MAX = 100;
const INTERVAL_MS = 5 * MINUTE_MS;
/** Two hours of work: before, what is usual is not known. */
const WARM_UP_SAMPLES = 24;
const WEIGHT = 0.1;

/** Notices callers that run away. It counts on its own node, and forgets what it knows with the process. */
export class RunawayGuard {
  readonly #rules: RunawayRules;
  readonly #callers = new RecentMap<string, CallerRecord>(CALLERS_MAX);
  readonly #onFinding: (finding: RunawayFinding) => void;

  /** `onFinding` may be told of the same caller again with every call. */
  constructor(rules: RunawayRules, onFinding: (finding: RunawayFinding) => void) {
    this.#rules = rules;
    this.#onFinding = onFinding;
  }

  noteCall(claim: SpendClaim): void {
    const { caller, nowMs } = claim;
    const { requestsPerMinute, repeatedPrompts } = this.#rules;
    const record = this.#recordOf(caller.arn);
    if (requestsPerMinute !== undefined) {
      const minute = Math.floor(nowMs / MINUTE_MS);
      if (record.minute !== minute) Object.assign(record, { minute, requests: 0 });
      record.requests += 1;
      if (record.requests > requestsPerMinute) {
        this.#find('requests', caller.arn, `more than ${requestsPerMinute} requests in a minute`);
      }
    }
    if (!repeatedPrompts) return;
    if (nowMs - record.promptsSinceMs >= repeatedPrompts.windowMs) {
      record.promptsSinceMs = nowMs;
      record.prompts.clear();
    }
    const digest = promptDigest(claim);
    const times = (record.prompts.get(digest) ?? 0) + 1;
    record.prompts.set(digest, times);
    if (record.prompts.size > PROMPTS_MAX) record.prompts.delete(record.prompts.keys().next().value!);
    if (times > repeatedPrompts.count) {
      this.#find('repetition', caller.arn, `the same prompt more than ${repeatedPrompts.count} times`);
    }
  }

  noteSpend(principalArn: string, usd: number, nowMs: number): void {
    const { spendRate } = this.#rules;
    if (!spendRate || usd === 0) return;
    const record = this.#recordOf(principalArn);
    const interval = Math.floor(nowMs / INTERVAL_MS);
    if (record.interval !== interval) {
      if (record.spentUsd > 0) learn(record, spendRate.factor);
      record.interval = interval;
      record.spentUsd = 0;
    }
    record.spentUsd += usd;
    if (record.samples < WARM_UP_SAMPLES || record.spentUsd < spendRate.minUsd) return;
    if (record.spentUsd > spendRate.factor * record.meanUsd) {
      const usual = `${record.meanUsd.toFixed(4)} USD`;
      this.#find('spend', principalArn, `${record.spentUsd.toFixed(4)} USD in five minutes, where ${usual} is usual`);
    }
  }

  #find(kind: RunawayFinding['kind'], principalArn: string, text: string): void {
    this.#onFinding({ kind, principalArn, text });
  }

  #recordOf(principalArn: string): CallerRecord {
    let record = this.#callers.get(principalArn);
    if (!record) {
      record = {
        ...{ minute: 0, requests: 0, promptsSinceMs: 0, prompts: new Map<string, number>() },
        ...{ interval: 0, spentUsd: 0, meanUsd: 0, samples: 0 },
      };
      this.#callers.set(principalArn, record);
    }
    return record;
  }
}

/** What ran away does not become what is usual. */
function learn(record: CallerRecord, factor: number): void {
  const { spentUsd, meanUsd, samples } = record;
  const counted = samples < WARM_UP_SAMPLES ? spentUsd : Math.min(spentUsd, factor * meanUsd);
  record.meanUsd = samples === 0 ? counted : meanUsd + WEIGHT * (counted - meanUsd);
  record.samples += 1;
}
