import type { ClientPresence } from '../kernel/client-presence.ts';
import { Fault } from '../kernel/fault.ts';
import type { Clock, Wait } from '../kernel/time.ts';
import { type BreakerRule, type BreakerState, CircuitBreaker } from './circuit-breaker.ts';
import { FailureWindow } from './failure-window.ts';
import { FairQueue, type QueueRule } from './fair-queue.ts';
import type { ModelBackend } from './model-backend.ts';
import type { ModelCall } from './model-call.ts';
import { type FailureKind, retryAfterMsOf } from './upstream-failure.ts';

/** How long an attempt may go on. */
export interface UpstreamPatience {
  /** Absent: as long as no silence is too long. */
  readonly totalTimeoutMs?: number;
  /** After the client has left: what is still to come is read for the meter, but not for ever. */
  readonly drainTimeoutMs: number;
  /** Tokens, roughly, after which it is not read any further. Absent: no bound. */
  readonly drainTokens?: number;
}

/** What an upstream is spared, and what its callers are. */
export interface UpstreamLimits {
  readonly patience: UpstreamPatience;
  readonly queue: QueueRule;
  readonly breaker: BreakerRule;
}

export interface UpstreamParts {
  readonly backend: ModelBackend;
  /** The models it serves, by the price book's id to its own; `all` for every model. */
  readonly models: ReadonlyMap<string, string> | 'all';
  readonly limits: UpstreamLimits;
  readonly clock: Clock;
  readonly wait: Wait;
}

/** What is seen of an upstream from here. */
export interface UpstreamStatus {
  readonly name: string;
  readonly state: BreakerState;
  /** Models that are not asked for at the moment, where the upstream itself is. */
  readonly failingModels: readonly string[];
  readonly inFlight: number;
  readonly queued: number;
  /** Share of failures in the breaker's window; absent without calls. */
  readonly errorRate?: number;
  /** Until the first piece of content, or the whole answer; absent without calls. */
  readonly latencyP50Ms?: number;
  readonly latencyP95Ms?: number;
  readonly lastFailure?: { readonly atMs: number; readonly code: string; readonly message: string };
}

/** A call's turn at an upstream, from its beginning to its end; the first of the three that is called counts. */
export interface Turn {
  succeeded(latencyMs: number): void;
  failed(error: unknown, kind: FailureKind): void;
  /** It ended for a reason that says nothing about the upstream. */
  left(): void;
}

/** Whatever an upstream asks for, it is asked again after this. */
const PAUSE_MS_MAX = 300_000;
/** Timers may ring that much early. */
const TIMER_SLACK_MS = 5;
/** Latencies that percentiles are taken from. */
const LATENCIES_MAX = 256;
/** What a failure says about: whether the upstream can be reached at all, or how it does with the model. */
const CONCERNS_ALL: ReadonlySet<FailureKind> = new Set(['unavailable']);

const TOO_MANY = 'Too many requests, please wait before trying again.';
const UNAVAILABLE = 'Bedrock is unable to process your request.';

/** Something that runs models, with what is known of its health and who waits for it. */
export class Upstream {
  readonly backend: ModelBackend;
  readonly models: ReadonlyMap<string, string> | 'all';
  readonly patience: UpstreamPatience;
  readonly #rule: BreakerRule;
  readonly #clock: Clock;
  readonly #wait: Wait;
  readonly #closing = new AbortController();
  readonly #queue: FairQueue;
  readonly #breaker: CircuitBreaker;
  /** Of all calls, whatever they failed of. */
  readonly #window: FailureWindow;
  /** By model. Models are checked before a call comes here, so there are few. */
  readonly #ofModel = new Map<string, { readonly breaker: CircuitBreaker; pausedUntilMs: number }>();
  readonly #latenciesMs: number[] = [];
  #nextLatency = 0;
  #lastFailure: UpstreamStatus['lastFailure'];

  constructor({ backend, models, limits, clock, wait }: UpstreamParts) {
    this.backend = backend;
    this.models = models;
    this.patience = limits.patience;
    this.#rule = limits.breaker;
    this.#clock = clock;
    this.#wait = wait;
    this.#queue = new FairQueue(limits.queue, wait);
    this.#breaker = new CircuitBreaker(limits.breaker);
    this.#window = new FailureWindow(limits.breaker.windowMs);
  }

  get name(): string {
    return this.backend.name;
  }

  /** The upstream's own name of a model. */
  modelName(modelId: string): string {
    return this.models === 'all' ? modelId : (this.models.get(modelId) ?? modelId);
  }

  isAvailable(modelId: string): boolean {
    const nowMs = this.#clock();
    const { breaker } = this.#healthOf(modelId);
    return this.pausedForMs(modelId) <= TIMER_SLACK_MS && this.#breaker.mayPass(nowMs) && breaker.mayPass(nowMs);
  }

  /** How long it asked to be left alone with a model; zero when it did not, or that is over. */
  pausedForMs(modelId: string): number {
    return Math.max(0, this.#healthOf(modelId).pausedUntilMs - this.#clock());
  }

  /**
   * Waits for its turn, for so long at most; a promise only where it has to. Throws ThrottlingException or
   * ServiceUnavailableException, or rejects with it, without having asked anybody.
   */
  enter(modelId: string, callerArn: string, longestMs: number, client: ClientPresence): Turn | Promise<Turn> {
    this.#requireHealth(modelId);
    return this.#queue.tryEnter() ? this.#turn(modelId) : this.#waitForTurn(modelId, callerArn, longestMs, client);
  }

  async #waitForTurn(modelId: string, callerArn: string, longestMs: number, client: ClientPresence): Promise<Turn> {
    const turned = await this.#queue.enter(callerArn, longestMs, client.gone);
    if (turned) throw new Fault('ThrottlingException', TOO_MANY, { retryAfterSeconds: this.#queueSeconds() });
    try {
      // Others may have found out meanwhile.
      this.#requireHealth(modelId);
    } catch (error) {
      this.#queue.leave();
      throw error;
    }
    return this.#turn(modelId);
  }

  /** Input tokens that a call would be charged for. A count takes its turn like a call, so that none goes before those. */
  async countTokens(call: ModelCall, principalArn: string, client: ClientPresence): Promise<number> {
    const turn = await this.enter(call.modelId, principalArn, Number.POSITIVE_INFINITY, client);
    try {
      return await this.backend.countTokens(call);
    } finally {
      turn.left();
    }
  }

  /** Looks at it from time to time, besides the calls, until it is closed. */
  async watch(everyMs: number): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await this.#wait(everyMs, signal);
      if (signal.aborted) return;
      await this.backend.probe?.().then(
        () => this.#breaker.revive(this.#clock()),
        (error: unknown) => {
          this.#note(error);
          this.#breaker.failed(false, this.#clock());
        },
      );
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.backend.close();
  }

  status(): UpstreamStatus {
    const nowMs = this.#clock();
    const { calls, failures } = this.#window.sums(nowMs);
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b);
    const percentile = (share: number) => sorted[Math.ceil(sorted.length * share) - 1];
    const [latencyP50Ms, latencyP95Ms] = [percentile(0.5), percentile(0.95)];
    return {
      name: this.name,
      state: this.#breaker.state(nowMs),
      failingModels: [...this.#ofModel].flatMap(([id, { breaker }]) => (breaker.state(nowMs) === 'closed' ? [] : [id])),
      inFlight: this.#queue.inFlight,
      queued: this.#queue.queued,
      ...(calls > 0 && { errorRate: failures / calls }),
      ...(latencyP50Ms !== undefined && { latencyP50Ms }),
      ...(latencyP95Ms !== undefined && { latencyP95Ms }),
      ...(this.#lastFailure && { lastFailure: this.#lastFailure }),
    };
  }

  #healthOf(modelId: string) {
    let found = this.#ofModel.get(modelId);
    if (!found) {
      found = { breaker: new CircuitBreaker(this.#rule), pausedUntilMs: 0 };
      this.#ofModel.set(modelId, found);
    }
    return found;
  }

  #requireHealth(modelId: string): void {
    const nowMs = this.#clock();
    const { breaker } = this.#healthOf(modelId);
    const pausedMs = this.pausedForMs(modelId);
    if (pausedMs > TIMER_SLACK_MS) {
      throw new Fault('ThrottlingException', TOO_MANY, { retryAfterSeconds: pausedMs / 1_000 });
    }
    if (this.#breaker.mayPass(nowMs) && breaker.mayPass(nowMs)) return;
    const shut = [this.#breaker, breaker].filter((one) => !one.mayPass(nowMs));
    const inMs = Math.max(...shut.map((one) => one.opensAgainInMs(nowMs)));
    throw new Fault('ServiceUnavailableException', UNAVAILABLE, { retryAfterSeconds: Math.max(1, inMs / 1_000) });
  }

  #turn(modelId: string): Turn {
    const model = this.#healthOf(modelId);
    const passed = [this.#breaker, model.breaker].map((breaker) => [breaker, breaker.begin(this.#clock())] as const);
    let isOver = false;
    const end = (tell: (nowMs: number) => void) => {
      if (isOver) return;
      isOver = true;
      tell(this.#clock());
      this.#queue.leave();
    };
    return {
      succeeded: (latencyMs) =>
        end((nowMs) => {
          for (const [breaker, isProbe] of passed) breaker.succeeded(isProbe, nowMs);
          this.#window.count(false, nowMs);
          this.#latenciesMs[this.#nextLatency++ % LATENCIES_MAX] = latencyMs;
        }),
      failed: (error, kind) =>
        end((nowMs) => {
          this.#note(error);
          this.#window.count(true, nowMs);
          const pauseMs = Math.min(retryAfterMsOf(error) ?? 0, PAUSE_MS_MAX);
          model.pausedUntilMs = Math.max(model.pausedUntilMs, nowMs + pauseMs);
          for (const [breaker, isProbe] of passed) {
            const concerns = breaker === model.breaker ? !CONCERNS_ALL.has(kind) : CONCERNS_ALL.has(kind);
            if (kind !== 'throttled' && concerns) breaker.failed(isProbe, nowMs, kind === 'error');
            else breaker.undecided(isProbe);
          }
        }),
      left: () =>
        end(() => {
          for (const [breaker, isProbe] of passed) breaker.undecided(isProbe);
        }),
    };
  }

  /** Messages of faults are for callers, and have no secrets in them. */
  #note(error: unknown): void {
    if (error instanceof Fault) {
      this.#lastFailure = { atMs: this.#clock(), code: error.code, message: error.message };
    }
  }

  /** Roughly when there will be room: whole seconds, as the header has them. */
  #queueSeconds(): number {
    const { latencyP50Ms = 1_000, inFlight, queued } = this.status();
    return Math.max(1, Math.ceil(((queued / Math.max(1, inFlight)) * latencyP50Ms) / 1_000));
  }
}
