import { CLIENTS, MODELS, networkOf, REGIONS, type Worker } from './organisation.ts';
import type { Random } from './random.ts';
import type { Work } from './work.ts';

export const INCIDENTS = [
  'spend_spike',
  'sustained_rise',
  'runaway_loop',
  'growing_context',
  'unfamiliar_use',
  'cache_collapse',
  'longer_output',
  'error_storm',
  'new_spender',
] as const;
export type IncidentKind = (typeof INCIDENTS)[number];

/** Changes that nobody should be told of. */
export const HARMLESS = [
  'deployment',
  'new model',
  'new client',
  'new network',
  'newcomer',
  'busy day',
  'repeating job',
  'level falls',
] as const;
export type HarmlessKind = (typeof HARMLESS)[number];

/** Alters the work of one principal from a step on. */
export interface Change {
  readonly arn: string;
  readonly fromStep: number;
  readonly toStep: number;
  /** What it does in a step, given what it would have done: both, where that is something beside its own work. */
  readonly alter: (work: Work | undefined, step: number) => readonly Work[];
}

const HOUR = 12;

/** Steps that an incident takes, at least and at most. */
const LENGTHS: Readonly<Record<IncidentKind, readonly [number, number]>> = {
  spend_spike: [HOUR / 2, 4 * HOUR],
  sustained_rise: [48 * HOUR, 72 * HOUR],
  runaway_loop: [HOUR, 12 * HOUR],
  growing_context: [HOUR, 4 * HOUR],
  unfamiliar_use: [2 * HOUR, 12 * HOUR],
  cache_collapse: [6 * HOUR, 48 * HOUR],
  longer_output: [3 * HOUR, 48 * HOUR],
  error_storm: [HOUR / 2, 6 * HOUR],
  new_spender: [24 * HOUR, 48 * HOUR],
};

export function incidentLength(kind: IncidentKind, random: Random): number {
  return Math.round(random.factor(...LENGTHS[kind]));
}

/** Whether an incident of this kind can befall a principal: caches collapse where there are any. */
export function canBefall(kind: IncidentKind, { trade, cacheShare }: Worker): boolean {
  if (kind === 'cache_collapse') return cacheShare >= 0.3 && trade !== 'sparse';
  if (kind === 'longer_output' || kind === 'error_storm') return trade !== 'sparse' && trade !== 'check';
  if (kind === 'sustained_rise') return trade === 'service' || trade === 'person' || trade === 'agent';
  return trade !== 'burst';
}

/** What an incident does. `stepUsd`: what the whole organisation spends in a step on average. */
export function incidentChange(
  kind: IncidentKind,
  worker: Worker,
  fromStep: number,
  toStep: number,
  stepUsd: number,
  random: Random,
): Change {
  const about = { arn: worker.arn, fromStep, toStep };
  const callUsd = (model: typeof worker.model, input: number, output: number) =>
    (input * model.inputUsd + output * model.outputUsd) / 1_000_000;
  /** Calls in a step that cost this part of what everybody does. */
  const callsFor = (part: number, usd: number) => Math.max(1, Math.round((part * stepUsd) / Math.max(usd, 1e-9)));
  const own = callUsd(worker.model, worker.inputTokens * (1 - 0.85 * worker.cacheShare), worker.outputTokens);
  if (kind === 'spend_spike') {
    const calls = Math.max(callsFor(random.factor(0.5, 4), own), Math.round(worker.pace * random.between(2, 5)));
    return { ...about, alter: (work) => [...some(work), plain(worker, random.poisson(calls), random)] };
  }
  if (kind === 'sustained_rise') {
    const factor = random.between(1.8, 4);
    return { ...about, alter: (work) => (work ? [{ ...work, calls: Math.round(work.calls * factor) }] : []) };
  }
  if (kind === 'runaway_loop') {
    // Most loops send the same words; some send them in other words each time.
    const repeatShare = random.chance(0.75) ? random.between(0.6, 1) : 0.05;
    const calls = Math.max(20, callsFor(random.factor(0.3, 3), own));
    return {
      ...about,
      alter: (work) => [...some(work), { ...plain(worker, random.poisson(calls), random), repeatShare }],
    };
  }
  if (kind === 'growing_context') {
    const first = random.factor(2_000, 8_000);
    const last = Math.max(worker.inputTokens * random.between(3, 8), random.factor(120_000, 600_000));
    const calls = Math.max(
      random.whole(6, 20),
      callsFor(random.factor(0.3, 1.5), callUsd(worker.model, last / 2, 300)),
    );
    const at = (step: number) => first + ((last - first) * (step - fromStep)) / (toStep - fromStep);
    return {
      ...about,
      alter: (work, step) => {
        const growth = { fromTokens: at(step), toTokens: at(step + 1), risingShare: random.between(0.88, 1) };
        return [...some(work), { ...plain(worker, calls, random), inputTokens: at(step), cacheShare: 0, growth }];
      },
    };
  }
  if (kind === 'unfamiliar_use') {
    const model = random.chance(0.6) ? MODELS[random.whole(0, 1)]! : worker.model;
    const stranger = {
      network: random.chance(0.95) ? networkOf(random) : worker.networks[0]!,
      region: random.chance(0.6) ? random.pick(REGIONS) : worker.region,
      client: random.chance(0.7) ? random.pick(CLIENTS) : worker.client,
      ...{ model, inputTokens: random.factor(500, 8_000), outputTokens: random.factor(500, 4_000), cacheShare: 0 },
    };
    const calls = Math.max(
      3,
      callsFor(random.factor(0.15, 2), callUsd(model, stranger.inputTokens, stranger.outputTokens)),
    );
    return {
      ...about,
      alter: (work) => [...some(work), { ...plain(worker, Math.max(1, random.poisson(calls)), random), ...stranger }],
    };
  }
  if (kind === 'cache_collapse') {
    const left = random.between(0, 0.12);
    return { ...about, alter: (work) => (work ? [{ ...work, cacheShare: work.cacheShare * left }] : []) };
  }
  if (kind === 'longer_output') {
    const factor = random.factor(2.5, 8);
    return { ...about, alter: (work) => (work ? [{ ...work, outputTokens: work.outputTokens * factor }] : []) };
  }
  if (kind === 'error_storm') {
    const factor = random.between(2, 5);
    const failedShare = random.between(0.5, 0.9);
    const least = Math.max(random.whole(8, 30), callsFor(random.factor(0.2, 1), own));
    return {
      ...about,
      alter: (work) => [
        {
          ...(work ?? plain(worker, 1, random)),
          calls: Math.max(least, Math.round((work?.calls ?? 0) * factor)),
          failedShare,
        },
      ],
    };
  }
  const calls = callsFor(random.factor(0.3, 1), own);
  return { ...about, alter: () => [plain(worker, random.poisson(calls), random)] };
}

/** What a harmless change does, until the end of the history where it stays. */
export function harmlessChange(
  kind: HarmlessKind,
  worker: Worker,
  fromStep: number,
  endStep: number,
  random: Random,
): Change {
  const about = { arn: worker.arn, fromStep, toStep: endStep };
  if (kind === 'deployment' || kind === 'level falls') {
    // Rolled out over some hours, to a level that is another one for good.
    const factor = kind === 'deployment' ? random.between(1.15, 1.6) : random.between(0.2, 0.7);
    const hours = random.whole(1, 12);
    const part = (step: number) => Math.min(1, (step - fromStep) / (hours * HOUR));
    return {
      ...about,
      alter: (work, step) =>
        work ? [{ ...work, calls: Math.round(work.calls * (1 + (factor - 1) * part(step))) }] : [],
    };
  }
  if (kind === 'new model') {
    const model = MODELS[Math.max(1, (MODELS.indexOf(worker.model) + 1) % MODELS.length)]!;
    return { ...about, alter: (work) => (work ? [{ ...work, model }] : []) };
  }
  if (kind === 'new client') {
    const client = random.pick(CLIENTS);
    return { ...about, alter: (work) => (work ? [{ ...work, client }] : []) };
  }
  if (kind === 'new network') {
    const network = networkOf(random);
    return { ...about, alter: (work) => (work ? [{ ...work, network }] : []) };
  }
  if (kind === 'busy day') {
    const factor = random.between(1.3, 1.8);
    return {
      ...{ ...about, toStep: fromStep + random.whole(6, 14) * HOUR },
      alter: (work) => (work ? [{ ...work, calls: Math.round(work.calls * factor) }] : []),
    };
  }
  // A newcomer works as anybody of its trade does; a job repeats its prompt as it always has.
  return { ...about, alter: some };
}

function some(work: Work | undefined): readonly Work[] {
  return work ? [work] : [];
}

function plain(worker: Worker, calls: number, random: Random): Work {
  return {
    ...{ calls, inputTokens: worker.inputTokens * random.lognormal(0.1), outputTokens: worker.outputTokens },
    ...{ cacheShare: worker.cacheShare, failedShare: worker.failedShare, repeatShare: 0.03, growth: undefined },
    ...{ model: worker.model, region: worker.region, client: worker.client, network: worker.networks[0]! },
  };
}
