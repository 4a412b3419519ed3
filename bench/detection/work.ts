import type { Model, Organisation, Worker } from './organisation.ts';
import type { Random } from './random.ts';

export const STEP_MS = 300_000;
const STEPS_AN_HOUR = 12;
const STEPS_A_DAY = 24 * STEPS_AN_HOUR;
const DAYS_A_MONTH = 30;

/** What somebody did in one step of five minutes, and how. Incidents and harmless changes alter it. */
export interface Work {
  calls: number;
  inputTokens: number;
  outputTokens: number;
  cacheShare: number;
  failedShare: number;
  repeatShare: number;
  model: Model;
  region: string;
  client: string;
  network: string;
  /** Input tokens of the first and last call where they grow from call to call. */
  growth: { readonly fromTokens: number; readonly toTokens: number; readonly risingShare: number } | undefined;
}

/** One principal at work, step by step. */
export class AtWork {
  readonly worker: Worker;
  readonly #random: Random;
  readonly #organisation: Organisation;
  #mood = 0;
  /** Steps that are left of a burst, and its pace. */
  #burst: { left: number; pace: number } = { left: 0, pace: 0 };
  #session = 0;

  constructor(worker: Worker, organisation: Organisation, random: Random) {
    this.worker = worker;
    this.#random = random;
    this.#organisation = organisation;
  }

  /** `step`: since the beginning, at midnight UTC of a Monday, 2026-06-01. */
  next(step: number): Work | undefined {
    const random = this.#random;
    const { worker } = this;
    const pace = this.#pace(step);
    if (pace <= 0) return undefined;
    this.#mood = worker.inertia * this.#mood + Math.sqrt(1 - worker.inertia ** 2) * random.normal();
    const calls = random.poisson(pace * Math.exp(worker.unrest * this.#mood));
    if (calls === 0) return undefined;
    const spread = 1 / Math.sqrt(calls);
    const isAgent = worker.trade === 'agent';
    if (isAgent) this.#session = random.chance(0.15) ? 0 : Math.min(this.#session + calls, 60);
    // The input of an agent's session grows with every turn, and begins small again.
    const length = isAgent ? 0.4 + this.#session / 30 : 1;
    return {
      calls,
      inputTokens: worker.inputTokens * length * random.lognormal(0.8 * spread + 0.05),
      outputTokens: worker.outputTokens * random.lognormal(spread + 0.05),
      cacheShare: Math.max(0, Math.min(0.98, worker.cacheShare + 0.08 * random.normal() * worker.cacheShare)),
      failedShare: worker.failedShare,
      repeatShare: Math.min(1, Math.max(worker.repeatShare * random.lognormal(0.3), 1 / calls)),
      ...{ model: worker.model, region: worker.region, client: worker.client, network: random.pick(worker.networks) },
      growth: isAgent
        ? {
            fromTokens: worker.inputTokens * Math.max(0.4, length - calls / 30),
            toTokens: worker.inputTokens * length,
            risingShare: random.between(0.6, 0.95),
          }
        : undefined,
    };
  }

  #pace(step: number): number {
    const random = this.#random;
    const { trade, hours, weekend, growth, monthEnd, holiday, pace } = this.worker;
    const day = Math.floor(step / STEPS_A_DAY);
    const hour = (step % STEPS_A_DAY) / STEPS_AN_HOUR;
    const isWeekend = day % 7 >= 5;
    const level =
      pace *
      growth ** day *
      (isWeekend ? weekend : 1) *
      (this.#organisation.holidays.has(day) ? holiday : 1) *
      ((day + this.#organisation.monthDay) % DAYS_A_MONTH >= DAYS_A_MONTH - 2 ? monthEnd : 1);
    if (trade === 'service') {
      // Around the clock with a peak in the middle of its day.
      const middle = (hours[0] + 5) % 24;
      return level * (0.55 + 0.45 * Math.cos(((hour - middle) / 12) * Math.PI));
    }
    if (trade === 'check') return level;
    if (trade === 'nightly') {
      const since = (hour - hours[0] + 24) % 24;
      if (since === 0) this.#burst = { left: Math.round(random.lognormal(0.35) * 15), pace: level };
    } else if (trade === 'burst') {
      // Jobs that somebody starts, a few in a week, of sizes without a typical one.
      if (this.#burst.left <= 0 && random.chance(4 / 7 / STEPS_A_DAY)) {
        this.#burst = { left: Math.min(150, Math.round(6 * random.pareto(1.3))), pace: level * random.lognormal(0.5) };
      }
    } else if (trade === 'sparse') {
      if (this.#burst.left <= 0 && isWithin(hour, hours) && random.chance(2 / 7 / 100)) {
        this.#burst = { left: random.whole(1, 8), pace: level };
      }
    } else {
      // People and agents work in stretches of their day, and now and then in the evening.
      const isLate = random.chance(0.0015);
      if (this.#burst.left <= 0 && (isLate || (isWithin(hour, hours) && random.chance(0.12)))) {
        this.#burst = { left: random.whole(2, 14), pace: level * random.lognormal(0.4) };
      }
    }
    this.#burst.left -= 1;
    return this.#burst.left >= 0 ? this.#burst.pace : 0;
  }
}

export function costOf({ calls, inputTokens, outputTokens, cacheShare, failedShare, model }: Work): number {
  // Input that is read from the cache was written there once in a while.
  const inputPrice = model.inputUsd * (1 - cacheShare + 0.1 * cacheShare + 0.06 * cacheShare);
  // A call that fails has read its input, and half of them have written something.
  return (calls * (inputTokens * inputPrice + outputTokens * (1 - failedShare / 2) * model.outputUsd)) / 1_000_000;
}

function isWithin(hour: number, [from, to]: readonly [number, number]): boolean {
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}
