import type { CallFacts, SliceCell, UsageSlice } from '../../src/detection/usage-slice.ts';
import { BUCKET_MS, DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import {
  type Change,
  canBefall,
  HARMLESS,
  type HarmlessKind,
  harmlessChange,
  INCIDENTS,
  type IncidentKind,
  incidentChange,
  incidentLength,
} from './incidents.ts';
import { type Organisation, organisationOf, type Worker, workerOf } from './organisation.ts';
import { Random } from './random.ts';
import { AtWork, costOf, STEP_MS, type Work } from './work.ts';

/** A Monday. */
export const HISTORY_START_MS = Date.UTC(2026, 5, 1);
export const LEARNED_DAYS = 35;
export const JUDGED_DAYS = 7;
export const JUDGED_FROM_MS = HISTORY_START_MS + LEARNED_DAYS * DAY_MS;
const STEPS_A_DAY = DAY_MS / STEP_MS;
const FIRST_STEP = LEARNED_DAYS * STEPS_A_DAY;
const FIRST_BUCKET_STEP = (LEARNED_DAYS - 14) * STEPS_A_DAY;
const END_STEP = (LEARNED_DAYS + JUDGED_DAYS) * STEPS_A_DAY;
/** Of histories, those with an incident; of those without, those with a change that is harmless. */
const NEWCOMER_INDEX = 90;
const INCIDENT_PART = 0.6;
const HARMLESS_PART = 0.7;
/** Less extra spend than this part of an average day is nothing that anybody would want to be told of. */
const LEAST_EXTRA_PART = 0.03;

/** What really happened. */
export interface Label {
  readonly kind: IncidentKind;
  readonly arn: string;
  readonly team: string;
  /** From the first step that cost more for it to the last. */
  readonly startMs: number;
  readonly endMs: number;
}

export interface GeneratedHistory {
  readonly seed: number;
  readonly organisation: Organisation;
  readonly label?: Label;
  readonly harmless?: HarmlessKind;
  /** Days before the ones that are judged: hour by hour, and the last two weeks by buckets. */
  readonly learnedHours: readonly UsageSlice[];
  readonly learnedBuckets: readonly UsageSlice[];
  /** Every five minutes: the bucket before and the one under way as they are then. */
  readonly rounds: readonly Round[];
}

export interface Round {
  readonly nowMs: number;
  readonly slices: readonly UsageSlice[];
}

export function historyOf(seed: number): GeneratedHistory {
  const random = new Random(seed);
  const organisation = organisationOf(random, LEARNED_DAYS + JUDGED_DAYS);
  const isIncident = random.chance(INCIDENT_PART);
  const kind = random.pick(INCIDENTS);
  const harmless = !isIncident && random.chance(HARMLESS_PART) ? random.pick(HARMLESS) : undefined;
  const workSeed = random.whole(1, 2 ** 30);
  const leastUsd = LEAST_EXTRA_PART * averageStepUsd(organisation, workSeed) * STEPS_A_DAY;
  const planted = isIncident ? plantedIncident(kind, organisation, leastUsd, random) : undefined;
  const newcomers = planted?.newcomer ? [planted.newcomer] : [];
  const changes: Change[] = planted ? [planted.change] : [];
  if (harmless) {
    const fromStep = random.whole(FIRST_STEP + STEPS_A_DAY / 2, END_STEP - 2 * STEPS_A_DAY);
    if (harmless === 'newcomer') newcomers.push(newcomerOf(organisation, random));
    const worker = newcomers[0] ?? random.pick(organisation.workers);
    changes.push(harmlessChange(harmless, worker, fromStep, END_STEP, random));
  }
  const { extra, ...usage } = generate(organisation, newcomers, changes, workSeed);
  // Somebody who does not work while his cache is down has no incident.
  const label = planted && extra.usd >= leastUsd / 2 ? { ...labelOf(planted, kind), ...extra.times } : undefined;
  return { seed, organisation, ...usage, ...(label && { label }), ...(harmless && { harmless }) };
}

function labelOf({ change, worker }: { readonly change: Change; readonly worker: Worker }, kind: IncidentKind) {
  return { kind, arn: change.arn, team: worker.team };
}

/** All steps once. What one principal does is the same for a seed, whatever befalls another. */
function generate(
  { workers, ...organisation }: Organisation,
  newcomers: readonly Worker[],
  changes: readonly Change[],
  workSeed: number,
) {
  const all = [...workers, ...newcomers];
  const atWork = all.map((worker, index) => {
    return new AtWork(worker, { ...organisation, workers }, new Random(workSeed + 31 * index));
  });
  const hours = new SliceRow(HOUR_MS);
  const buckets = new SliceRow(BUCKET_MS);
  const judged = new SliceRow(BUCKET_MS);
  const rounds: Round[] = [];
  const extra = { usd: 0, times: { startMs: 0, endMs: 0 } };
  for (let step = 0; step < END_STEP; step += 1) {
    const startMs = HISTORY_START_MS + step * STEP_MS;
    const row = step < FIRST_BUCKET_STEP ? hours : step < FIRST_STEP ? buckets : judged;
    row.reach(startMs);
    for (const one of atWork) {
      const own = one.next(step);
      const usual = own && !newcomers.includes(one.worker) ? [own] : [];
      const change = changes.find(({ arn, fromStep, toStep }) => {
        return arn === one.worker.arn && step >= fromStep && step < toStep;
      });
      const done = (change ? change.alter(own, step) : usual).filter(({ calls }) => calls > 0);
      for (const work of done) row.add(one.worker, work);
      if (!change) continue;
      const addedUsd = sumUsd(done) - sumUsd(usual);
      if (addedUsd <= 0) continue;
      extra.usd += addedUsd;
      extra.times = { startMs: extra.times.startMs || startMs, endMs: startMs + STEP_MS };
    }
    // A moment before the step ends: its calls are in the store, and no other bucket has begun.
    if (step >= FIRST_STEP) rounds.push({ nowMs: startMs + STEP_MS - 1, slices: judged.latest() });
  }
  return { learnedHours: hours.all(), learnedBuckets: buckets.all(), rounds, extra };
}

function sumUsd(works: readonly Work[]): number {
  return works.reduce((sum, work) => sum + costOf(work), 0);
}

function averageStepUsd(organisation: Organisation, workSeed: number): number {
  const steps = 14 * STEPS_A_DAY;
  return organisation.workers.reduce((sum, worker, index) => {
    return sum + spentBy(new AtWork(worker, organisation, new Random(workSeed + 31 * index)), steps) / steps;
  }, 0);
}

function spentBy(atWork: AtWork, steps: number): number {
  let usd = 0;
  for (let step = 0; step < steps; step += 1) {
    const work = atWork.next(step);
    if (work) usd += costOf(work);
  }
  return usd;
}

/** An incident that costs something, as far as a rehearsal can tell; undefined where none can befall anybody. */
function plantedIncident(kind: IncidentKind, organisation: Organisation, leastUsd: number, random: Random) {
  const newcomer = kind === 'new_spender' ? newcomerOf(organisation, random) : undefined;
  const able = organisation.workers.filter((worker) => canBefall(kind, worker));
  for (let attempt = 0; attempt < 12 && (newcomer || able.length > 0); attempt += 1) {
    const worker = newcomer ?? random.pick(able);
    const length = incidentLength(kind, random);
    const fromStep = random.whole(FIRST_STEP + STEPS_A_DAY / 4, END_STEP - length);
    const stepUsd = leastUsd / LEAST_EXTRA_PART / STEPS_A_DAY;
    const change = incidentChange(kind, worker, fromStep, fromStep + length, stepUsd, random);
    if (rehearsedUsd(change, worker, organisation, random) >= leastUsd) return { change, worker, newcomer };
  }
  return undefined;
}

function rehearsedUsd(change: Change, worker: Worker, organisation: Organisation, random: Random): number {
  const atWork = new AtWork(worker, organisation, new Random(random.whole(1, 2 ** 30)));
  let usd = 0;
  for (let step = change.fromStep; step < change.toStep; step += 1) {
    const work = atWork.next(step);
    usd += sumUsd(change.alter(work, step)) - (work ? costOf(work) : 0);
  }
  return usd;
}

function newcomerOf({ workers }: Organisation, random: Random): Worker {
  const trade = random.pick(['service', 'person'] as const);
  return workerOf(random, NEWCOMER_INDEX, random.pick(workers).team, random.whole(5, 15), trade);
}

/** Slices of one length, one after the other; the last is under way. */
class SliceRow {
  readonly #lengthMs: number;
  readonly #closed: UsageSlice[] = [];
  #open: OpenSlice | undefined;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  reach(atMs: number): void {
    const startMs = Math.floor(atMs / this.#lengthMs) * this.#lengthMs;
    if (this.#open?.startMs === startMs) return;
    if (this.#open) this.#closed.push(this.#open.slice());
    this.#open = new OpenSlice(startMs);
  }

  add(worker: Worker, work: Work): void {
    this.#open!.add(worker, work);
  }

  /** The slice before the one under way, and that one. */
  latest(): UsageSlice[] {
    return [...this.#closed.slice(-1), this.#open!.slice()];
  }

  all(): UsageSlice[] {
    return [...this.#closed, this.#open!.slice()];
  }
}

type Sums = { -readonly [Member in keyof SliceCell]: SliceCell[Member] };
type Facts = { -readonly [Member in keyof Omit<CallFacts, 'networks'>]: CallFacts[Member] } & { networks: Set<string> };

/** One bucket while it fills. */
class OpenSlice {
  readonly startMs: number;
  readonly #cells = new Map<string, Sums>();
  readonly #facts = new Map<string, Facts>();

  constructor(startMs: number) {
    this.startMs = startMs;
  }

  add({ arn, team }: Worker, work: Work): void {
    const key = `${arn} ${work.model.id} ${work.region} ${work.client}`;
    const cell = this.#cells.get(key) ?? {
      ...{ principal: arn, model: work.model.id, region: work.region, client: work.client, tags: [team] },
      ...{ costUsd: 0, requests: 0, inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 },
    };
    this.#cells.set(key, cell);
    const input = work.calls * work.inputTokens;
    cell.costUsd += costOf(work);
    cell.requests += work.calls;
    cell.cacheReadTokens += input * work.cacheShare;
    cell.inputTokens += input * (1 - work.cacheShare);
    cell.outputTokens += work.calls * work.outputTokens * (1 - work.failedShare / 2);
    const facts: Facts = this.#facts.get(arn) ?? {
      principal: arn,
      calls: 0,
      failed: 0,
      repeats: 0,
      networks: new Set(),
    };
    this.#facts.set(arn, facts);
    facts.calls += work.calls;
    facts.failed += Math.round(work.calls * work.failedShare);
    facts.repeats += Math.round(work.calls * work.repeatShare);
    facts.networks.add(work.network);
    if (work.growth) facts.growth = { calls: work.calls, ...work.growth };
  }

  slice(): UsageSlice {
    return {
      startMs: this.startMs,
      cells: [...this.#cells.values()].map((cell) => ({ ...cell })),
      facts: [...this.#facts.values()].map(({ networks, ...facts }) => ({ ...facts, networks: [...networks] })),
    };
  }
}
