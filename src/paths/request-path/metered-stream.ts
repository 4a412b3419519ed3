import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelEvent, UpstreamFacts } from '../../inference/model-backend.ts';
import type { JsonObject, ServiceTier } from '../../inference/model-call.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { CHARACTERS_PER_TOKEN } from './admit.ts';
import type { FailedAttempt } from './failed-attempt.ts';

/** How a stream ended, as the meter needs it. */
export interface StreamEnd {
  /** Absent when the upstream broke off without saying. */
  readonly usage?: TokenUsage;
  readonly upstream?: UpstreamFacts;
  readonly error?: unknown;
  /** Something was sent before the end: the model did run. */
  readonly hasStarted: boolean;
  /** Characters of text that went by; the base of an estimate where there is no usage. */
  readonly outputCharacters: number;
  readonly clientGone: boolean;
}

/** Who is told how a stream goes. */
export interface StreamWatch {
  /** The first content has come. */
  readonly noteFirst: () => void;
  /** More content has come for a client that has left: tokens, roughly, since it did. */
  readonly noteDrained: (tokens: number) => void;
}

/** Events that may wait for a slow client before the upstream is made to wait too. */
const QUEUED_EVENTS_MAX = 256;

/**
 * Passes a model's events on to the client and sees them through to the end for the meter, client or no client: when the
 * client goes away the rest is read and dropped. `onEnd` runs once, and the client's last event waits for it.
 */
export class MeteredStream implements AsyncIterable<ModelEvent> {
  readonly #onEnd: (end: StreamEnd) => Promise<FailedAttempt | undefined>;
  readonly #watch: StreamWatch;
  readonly #queue: ModelEvent[] = [];
  readonly #ended = Promise.withResolvers<void>();
  /** Resolves when the stream has been metered, whatever became of it. */
  readonly ended = this.#ended.promise;
  #failed: FailedAttempt | undefined;
  #error: { readonly thrown: unknown } | undefined;
  /** Set once: by the stream's end, or by a cut. */
  #finishing: Promise<void> | undefined;
  #isDone = false;
  #clientGone = false;
  #wakeReader: (() => void) | undefined;
  #wakePump: (() => void) | undefined;
  #hasStarted = false;
  #hasContent = false;
  #outputCharacters = 0;
  /** Of those, the ones that came while the client was there. */
  #charactersSeen = 0;
  #tier: ServiceTier | undefined;

  /** `onEnd` returns what became of the stream when it did not end well. */
  constructor(
    source: AsyncIterable<ModelEvent>,
    watch: StreamWatch,
    onEnd: (end: StreamEnd) => Promise<FailedAttempt | undefined>,
  ) {
    this.#watch = watch;
    this.#onEnd = onEnd;
    void this.#pump(source);
  }

  /** Resolves when there is something to send; with the failure when the model failed before that. */
  async started(): Promise<FailedAttempt | undefined> {
    while (this.#queue.length === 0 && !this.#isDone) await this.#nextWake();
    if (this.#queue.length > 0) return undefined;
    if (this.#failed === undefined && this.#error) throw this.#error.thrown;
    return this.#failed;
  }

  /** Tier that the upstream said at the beginning it uses; undefined where it did not say. */
  get tier(): ServiceTier | undefined {
    return this.#tier;
  }

  /** The client is gone: stop queueing, keep reading. */
  abandon(): void {
    if (this.#clientGone) return;
    this.#clientGone = true;
    this.#charactersSeen = this.#outputCharacters;
    this.#queue.length = 0;
    this.#wakePump?.();
  }

  /** Ends the stream at once with an error; the upstream is let go with its next event. */
  cut(reason: unknown): void {
    this.#queue.length = 0;
    this.#finishing ??= this.#finish(undefined, reason);
    this.#wakePump?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<ModelEvent> {
    try {
      for (;;) {
        const event = this.#queue.shift();
        if (event) {
          this.#wakePump?.();
          yield event;
        } else if (this.#isDone) {
          if (this.#error) throw this.#error.thrown;
          return;
        } else {
          await this.#nextWake();
        }
      }
    } finally {
      if (!this.#isDone) this.abandon();
    }
  }

  async #pump(source: AsyncIterable<ModelEvent>): Promise<void> {
    let last: Extract<ModelEvent, { type: 'end' }> | undefined;
    let error: unknown;
    try {
      for await (const event of source) {
        if (this.#finishing) break;
        if (event.type === 'end') {
          last = event;
          continue;
        }
        this.#note(event);
        await this.#push(event);
      }
    } catch (thrown) {
      error = thrown;
    }
    this.#finishing ??= this.#finish(last, error);
  }

  async #finish(last: Extract<ModelEvent, { type: 'end' }> | undefined, error: unknown): Promise<void> {
    try {
      this.#failed = await this.#onEnd({
        ...(last && { usage: last.usage }),
        ...(last?.upstream && { upstream: last.upstream }),
        ...(error !== undefined && { error }),
        hasStarted: this.#hasStarted,
        outputCharacters: this.#outputCharacters,
        clientGone: this.#clientGone,
      });
      if (this.#failed) this.#error = { thrown: this.#failed.error };
      else if (last && !this.#clientGone) this.#queue.push(last);
    } catch (thrown) {
      this.#error = { thrown };
    }
    this.#isDone = true;
    this.#wakeReader?.();
    this.#ended.resolve();
  }

  #note(event: ModelEvent): void {
    if (event.type === 'start') this.#tier = event.tier;
    if (event.type !== 'blockDelta' && event.type !== 'original') return;
    this.#hasStarted = true;
    // The beginning of an upstream's own stream says nothing yet.
    if (!this.#hasContent && (event.type === 'blockDelta' || event.outputCharacters > 0)) {
      this.#hasContent = true;
      this.#watch.noteFirst();
    }
    if (event.type === 'original') this.#outputCharacters += event.outputCharacters;
    else this.#outputCharacters += charactersOf(event.delta);
    if (!this.#clientGone) return;
    this.#watch.noteDrained((this.#outputCharacters - this.#charactersSeen) / CHARACTERS_PER_TOKEN);
  }

  async #push(event: ModelEvent): Promise<void> {
    if (this.#clientGone) return;
    this.#queue.push(event);
    this.#wakeReader?.();
    while (this.#queue.length >= QUEUED_EVENTS_MAX && !this.#clientGone && !this.#finishing) {
      await new Promise<void>((resolve) => {
        this.#wakePump = resolve;
      });
    }
  }

  #nextWake(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeReader = resolve;
    });
  }
}

/** Of text, of reasoning and of a tool's input: all of it is output. */
function charactersOf({ text, reasoningContent, toolUse }: JsonObject): number {
  const texts = [text, isJsonObject(reasoningContent) && reasoningContent.text, isJsonObject(toolUse) && toolUse.input];
  return texts.reduce<number>((sum, one) => sum + (typeof one === 'string' ? one.length : 0), 0);
}
