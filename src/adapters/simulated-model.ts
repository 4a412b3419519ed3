import { formatConverseUsage } from '../inference/converse.ts';
import type { ModelAnswer, ModelBackend, ModelEvent, NativeAnswer } from '../inference/model-backend.ts';
import type { ModelCall } from '../inference/model-call.ts';
import type { NativeCall } from '../inference/native-call.ts';
import { countInputTokens, countOutputTokens, type TokenCounter } from '../inference/token-counter.ts';
import { type TokenUsage, totalInputTokens } from '../inference/token-usage.ts';
import type { Wait } from '../kernel/time.ts';
import { answerContent, type SimulatedAnswer, simulatedAnswer } from './simulated-model/simulated-answer.ts';
import { simulatedEmbeddings } from './simulated-model/simulated-embeddings.ts';
import { parseSimulation, type SimulatedError, type Simulation, simulatedFault } from './simulated-model/simulation.ts';

export interface SimulatedModelOptions {
  /** Name in the configuration. */
  readonly name: string;
  readonly counter: TokenCounter;
  readonly wait: Wait;
}

/** A call with everything decided. */
interface Plan {
  readonly answer: SimulatedAnswer;
  readonly usage: TokenUsage;
  readonly error?: SimulatedError;
}

/**
 * A model that answers the same call with the same words, for tests, demos and load: real token counts, and usage, delays
 * and errors to order (`Simulation`). It stands in for every model.
 */
export class SimulatedModel implements ModelBackend {
  readonly name: string;
  readonly #counter: TokenCounter;
  readonly #wait: Wait;
  readonly #closing = new AbortController();

  constructor({ name, counter, wait }: SimulatedModelOptions) {
    this.name = name;
    this.#counter = counter;
    this.#wait = wait;
  }

  async complete(call: ModelCall): Promise<ModelAnswer> {
    const { answer, usage, error } = await this.#run(call);
    if (error) throw brokenOff(error, usage);
    const { stopReason, stopSequence } = answer;
    return { content: answerContent(answer), stopReason, ...(stopSequence !== undefined && { stopSequence }), usage };
  }

  async *stream(call: ModelCall): AsyncGenerator<ModelEvent, void, undefined> {
    const { answer, usage, error } = await this.#run(call);
    yield { type: 'start', usage };
    yield* blockEvents(answer, error?.afterTokens);
    if (error) throw brokenOff(error, usage);
    const { stopReason, stopSequence } = answer;
    yield { type: 'end', stopReason, ...(stopSequence !== undefined && { stopSequence }), usage };
  }

  async invoke(call: NativeCall): Promise<NativeAnswer> {
    const { delayMs = 0, error, inputTokens } = parseSimulation(call.body.simulate);
    if (delayMs > 0) await this.#wait(delayMs, this.#closing.signal);
    if (error) throw simulatedFault(error);
    return simulatedEmbeddings(call, this.#counter, inputTokens);
  }

  async countTokens(call: ModelCall): Promise<number> {
    const simulation = parseSimulation(call.additionalFields.simulate);
    return totalInputTokens(simulatedUsage(simulation, await this.#inputTokens(call, simulation), 0));
  }

  /** Waiting calls are answered at once. */
  async close(): Promise<void> {
    this.#closing.abort();
  }

  async #run(call: ModelCall): Promise<Plan> {
    const { delayMs = 0, error, ...simulation } = parseSimulation(call.additionalFields.simulate);
    const answer = simulatedAnswer(call, simulation.outputTokens);
    if (delayMs > 0) await this.#wait(delayMs, this.#closing.signal);
    if (error && error.afterTokens === undefined) throw simulatedFault(error);
    const inputTokens = await this.#inputTokens(call, simulation);
    const outputTokens =
      simulation.outputTokens ?? answer.textTokens ?? (await countOutputTokens(answerContent(answer), this.#counter));
    return { answer, usage: simulatedUsage(simulation, inputTokens, outputTokens), ...(error && { error }) };
  }

  async #inputTokens(call: ModelCall, simulation: Simulation): Promise<number> {
    return simulation.inputTokens ?? countInputTokens(call, this.#counter);
  }
}

function simulatedUsage(simulation: Simulation, inputTokens: number, outputTokens: number): TokenUsage {
  const { cacheReadInputTokens, cacheWrite1hInputTokens } = simulation;
  const cacheWrite = simulation.cacheWriteInputTokens ?? cacheWrite1hInputTokens;
  return reported({
    inputTokens,
    outputTokens,
    ...(cacheReadInputTokens !== undefined && { cacheReadInputTokens }),
    ...(cacheWrite !== undefined && { cacheWrite5mInputTokens: cacheWrite - (cacheWrite1hInputTokens ?? 0) }),
    ...(cacheWrite1hInputTokens !== undefined && { cacheWrite1hInputTokens }),
  });
}

/** Usage as the simulated vendor states it: in Converse's words. */
function reported(counts: Omit<TokenUsage, 'isEstimated' | 'raw'>): TokenUsage {
  const usage = { ...counts, isEstimated: false, raw: '' };
  return { ...usage, raw: JSON.stringify(formatConverseUsage(usage)) };
}

/** The fault of a call that broke off, with what it had used by then. */
function brokenOff(error: SimulatedError, usage: TokenUsage): Error {
  const outputTokens = Math.min(error.afterTokens ?? 0, usage.outputTokens);
  return simulatedFault(error, { usage: reported({ ...usage, outputTokens }) });
}

/** The content in events, cut after so many pieces when the stream is to break off. */
function* blockEvents(
  { pieces, toolUse }: SimulatedAnswer,
  cutAfter = Number.POSITIVE_INFINITY,
): Generator<ModelEvent> {
  if (toolUse) {
    const { toolUseId, name, input } = toolUse;
    yield { type: 'blockStart', index: 0, start: { toolUse: { toolUseId, name } } };
    const json = JSON.stringify(input);
    const half = Math.ceil(json.length / 2);
    for (const part of [json.slice(0, half), json.slice(half)].slice(0, cutAfter)) {
      yield { type: 'blockDelta', index: 0, delta: { toolUse: { input: part } } };
    }
  } else {
    for (const text of pieces.slice(0, cutAfter)) yield { type: 'blockDelta', index: 0, delta: { text } };
  }
  const isCut = cutAfter !== Number.POSITIVE_INFINITY;
  if (!isCut && (toolUse || pieces.length > 0)) yield { type: 'blockStop', index: 0 };
}
