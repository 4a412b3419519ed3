import { loadCatalog } from '../../src/app/price-data.ts';
import type { ApplicationInferenceProfile } from '../../src/inference/application-inference-profile.ts';
import { formatConverseUsage } from '../../src/inference/converse.ts';
import type { ModelCatalog, ResolvedModel } from '../../src/inference/model-catalog.ts';
import type { TokenUsage } from '../../src/inference/token-usage.ts';
import { NO_TAGS, sortedTagPairs } from '../../src/kernel/tags.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import { TimeZone } from '../../src/kernel/time-zone.ts';
import { type Admission, interruptedEvent, type UsageEvent } from '../../src/metering/usage-event.ts';
import { BEDROCK_UPSTREAM, bedrockPrincipalOf } from './bedrock-part.ts';
import { Chance } from './chance.ts';
import { ACCOUNT_TAGS, PAYER, type Place, ZONES } from './company.ts';
import type { Founded } from './founding.ts';
import { type PastCaller, PastCallers } from './past-callers.ts';
import { dayMs, OUTAGE_DAYS, runawayDays } from './timeline.ts';
import { type CallShape, MODELS, type Rhythm, type Workload } from './workload.ts';
import { WORKLOADS } from './workloads.ts';

const SEED = 'example-retail-1';
const DEFAULT_SPREAD = 0.5;
/** Shares of all calls. */
const CUT = 0.002;
const CLIENT_GONE = 0.004;
const INTERRUPTED = 0.000_06;
/** Share of the calls of one model that were throttled on the afternoon of the outage. */
const THROTTLED = 0.4;
/** Workloads whose last calls never came to an end. */
const IN_FLIGHT = ['tara', 'research-notebooks'];
const STREAMING = /Stream$|^(ChatCompletions|Messages)$/;
/** Milliseconds: of every call, and of every token that is written. */
const LATENCY_MS = 350;
const TOKEN_MS = 11;

/** A call as the journal has it: when it was let in, and how it ended. */
export interface PastCall {
  readonly admission: Admission;
  readonly event: UsageEvent;
}

/** What a call was like, beside who made it and when. */
export interface CallFacts {
  readonly shape: CallShape;
  readonly caller: PastCaller;
  readonly admittedAtMs: number;
  readonly usage: Omit<TokenUsage, 'isEstimated' | 'raw'>;
  readonly userAgent: string;
  /** What stands for the shape's model where the shape names none. */
  readonly profileArn?: string;
  readonly requestMetadata?: readonly (readonly [string, string])[];
}

/** Calls of days that are over, always the same for the same day that is today. */
export class PastCalls {
  readonly callers: PastCallers;
  readonly runawayDays: number;
  readonly #founded: Founded;
  readonly #nowMs: number;
  readonly #catalog: ModelCatalog;
  readonly #resolved = new Map<string, ResolvedModel>();
  readonly #zones: Readonly<Record<Place, TimeZone>>;

  constructor(founded: Founded, nowMs: number) {
    this.#founded = founded;
    this.#nowMs = nowMs;
    this.callers = new PastCallers(founded, SEED);
    this.runawayDays = runawayDays(nowMs);
    this.#catalog = loadCatalog([], profilesOf(founded));
    this.#zones = { berlin: new TimeZone(ZONES.berlin), 'new-york': new TimeZone(ZONES['new-york']) };
  }

  chance(what: string, daysAgo: number): Chance {
    return new Chance(`${SEED} ${what} ${daysAgo}`);
  }

  /** An hour of a place's day. */
  atMs(place: Place, daysAgo: number, hour: number): number {
    const date = new Date(dayMs(this.#nowMs, daysAgo));
    const startMs = this.#zones[place].dayStartMs(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
    return startMs + Math.round(hour * HOUR_MS);
  }

  /** What a workload called on a day of its place. */
  ofDay(workload: Workload, daysAgo: number, scale: number): PastCall[] {
    const chance = this.chance(workload.name, daysAgo);
    const { name, shapes, callsPerDay, growth, rhythm, place } = workload;
    const weekday = new Date(dayMs(this.#nowMs, daysAgo)).getUTCDay();
    const isFree = weekday === 0 || weekday === 6;
    // People have days off, and days on which they do something else.
    const mood = workload.person ? (chance.isTrue(0.12) ? 0.1 : chance.factor(0.4)) : chance.factor(0.08);
    const mean = callsPerDay * scale * mood * (isFree ? workload.weekend : 1) * growth ** (-daysAgo / 30);
    const profileArn = this.#founded.profiles.get(name)?.arn;
    return Array.from({ length: chance.count(mean) }, () => {
      const shape = chance.weighted(shapes, ({ weight }) => (typeof weight === 'number' ? weight : weight(daysAgo)));
      const admittedAtMs = this.atMs(place, daysAgo, hourOf(rhythm, chance));
      const caller = this.callers.of(workload, daysAgo, chance);
      const facts = {
        shape,
        caller,
        admittedAtMs,
        usage: usageOf(shape, daysAgo, chance),
        userAgent: workload.userAgent,
      };
      const call = this.call({ ...facts, ...(profileArn !== undefined && { profileArn }) }, chance);
      return this.#ended(call, workload, daysAgo, chance);
    });
  }

  /** A call that was answered in full. */
  call(facts: CallFacts, chance: Chance): PastCall {
    const { shape, caller, admittedAtMs, usage, userAgent, profileArn, requestMetadata = [] } = facts;
    const requested = shape.model ?? profileArn!;
    const model = this.#resolve(requested, shape.region, caller.accountId);
    const { operation, region, isBatch = false } = shape;
    const upstreamPrincipalArn = bedrockPrincipalOf(caller.principalArn) ?? '';
    const upstream = upstreamPrincipalArn === '' ? 'simulated' : BEDROCK_UPSTREAM;
    const admission: Admission = {
      ...{ requestId: chance.uuid(), admittedAtMs, ...caller },
      resourceTags: sortedTagPairs(model.resourceTags ?? NO_TAGS),
      accountTags: ACCOUNT_TAGS[caller.accountId] ?? [],
      ...{ operation, requestedModelId: requested, modelId: model.modelId, resourceArn: model.resourceArn },
      ...{ region, route: model.route, upstream, tier: 'standard', sourceIp: addressOf(caller, chance) },
      ...{ userAgent, requestMetadata, isBatch, attemptOf: '', isRepeat: false },
      inputTokensEstimate: Math.ceil(readTokens(usage) * chance.between(0.8, 1.1)),
    };
    const counted = { ...usage, isEstimated: false, raw: '' };
    const event: UsageEvent = {
      ...admission,
      endedAtMs: admittedAtMs + LATENCY_MS + Math.round(usage.outputTokens * TOKEN_MS * chance.factor(0.2)),
      ...(STREAMING.test(operation) && { firstTokenMs: Math.round(LATENCY_MS * chance.factor(0.35)) }),
      ...{
        status: 'completed',
        errorCode: '',
        usage: { ...counted, raw: JSON.stringify(formatConverseUsage(counted)) },
      },
      ...{ upstreamRequestId: '', upstreamPrincipalArn, isGatewayPrincipal: false, clientGone: false },
    };
    return { admission, event };
  }

  /** Calls that the end of the process before the next start cut off. */
  inFlight(): Admission[] {
    return IN_FLIGHT.map((name) => {
      const chance = this.chance(`${name} in flight`, 0);
      const workload = WORKLOADS.find((one) => one.name === name)!;
      const shape = workload.shapes[0]!;
      const caller = this.callers.of(workload, 0, chance);
      const facts = { shape, caller, usage: usageOf(shape, 0, chance), userAgent: workload.userAgent };
      return this.call({ ...facts, admittedAtMs: this.#nowMs - 3 * MINUTE_MS }, chance).admission;
    });
  }

  /** Some calls did not end well. */
  #ended(call: PastCall, { failing }: Workload, daysAgo: number, chance: Chance): PastCall {
    const { admission, event } = call;
    const { usage } = event;
    const isOutage = daysAgo === OUTAGE_DAYS && admission.modelId === MODELS.sonnet46 && hourInUtc(admission) >= 13;
    const luck = chance.next();
    if (isOutage ? luck < THROTTLED && hourInUtc(admission) < 17 : luck < failing) {
      const code = isOutage || chance.isTrue(0.6) ? 'ThrottlingException' : 'ModelTimeoutException';
      return {
        admission,
        event: {
          ...event,
          endedAtMs: admission.admittedAtMs + LATENCY_MS,
          status: 'failed',
          errorCode: code,
          usage: NOTHING,
        },
      };
    }
    if (STREAMING.test(admission.operation) && chance.isTrue(CUT)) {
      const counted = { ...usage, outputTokens: Math.floor(usage.outputTokens * chance.next()), raw: '' };
      const cut = { ...counted, raw: JSON.stringify(formatConverseUsage(counted)) };
      return { admission, event: { ...event, status: 'cut', errorCode: 'ModelStreamErrorException', usage: cut } };
    }
    if (chance.isTrue(INTERRUPTED)) {
      return { admission, event: interruptedEvent(admission, admission.admittedAtMs + MINUTE_MS) };
    }
    return chance.isTrue(CLIENT_GONE) ? { admission, event: { ...event, clientGone: true } } : call;
  }

  #resolve(requested: string, region: string, accountId: string): ResolvedModel {
    const key = `${requested} ${region} ${accountId}`;
    const model = this.#resolved.get(key) ?? this.#catalog.resolve(requested, { region, accountId });
    this.#resolved.set(key, model);
    return model;
  }
}

const NOTHING: TokenUsage = { inputTokens: 0, outputTokens: 0, isEstimated: false, raw: '' };

/** Tokens in their classes, around what the shape says. */
export function usageOf(shape: CallShape, daysAgo: number, chance: Chance): CallFacts['usage'] {
  const { spread = DEFAULT_SPREAD, cacheRead, cacheWrite = 0 } = shape;
  const total = Math.round(shape.inputTokens * chance.factor(spread));
  const outputTokens = Math.round(shape.outputTokens * chance.factor(spread));
  if (cacheRead === undefined) return { inputTokens: total, outputTokens };
  const share = typeof cacheRead === 'number' ? cacheRead : cacheRead(daysAgo);
  const cacheReadInputTokens = Math.round(total * share * chance.between(0.9, 1.05));
  const cacheWrite5mInputTokens = Math.round(total * cacheWrite * chance.between(0.5, 1.5));
  const inputTokens = Math.max(20, total - cacheReadInputTokens - cacheWrite5mInputTokens);
  return { inputTokens, outputTokens, cacheReadInputTokens, cacheWrite5mInputTokens };
}

function readTokens({
  inputTokens,
  cacheReadInputTokens = 0,
  cacheWrite5mInputTokens = 0,
}: CallFacts['usage']): number {
  return inputTokens + cacheReadInputTokens + cacheWrite5mInputTokens;
}

function hourOf(rhythm: Rhythm, chance: Chance): number {
  const hour = chance.weighted([...rhythm.keys()], (one) => rhythm[one]!);
  return hour + chance.next();
}

function hourInUtc({ admittedAtMs }: Admission): number {
  return new Date(admittedAtMs).getUTCHours();
}

/** The application inference profiles, as the catalogue looks them up. */
function profilesOf({ profiles }: Founded): ReadonlyMap<string, ApplicationInferenceProfile> {
  return new Map(
    [...profiles].map(([name, { arn, sourceArn, tags }]) => {
      const [, , , region = '', accountId = '', resource = ''] = arn.split(':');
      const place = { region, accountId, profileId: resource.replace(/.*\//, '') };
      const facts = {
        name,
        sourceArn,
        modelArns: [],
        tags: new Map(Object.entries(tags)),
        createdAtMs: 0,
        updatedAtMs: 0,
      };
      return [arn, { ...place, ...facts }];
    }),
  );
}

function addressOf({ accountId }: PastCaller, chance: Chance): string {
  return accountId === PAYER
    ? `10.20.${Math.floor(chance.next() * 8)}.${10 + Math.floor(chance.next() * 200)}`
    : '10.40.0.17';
}
