import { formatConverseUsage } from '../inference/converse.ts';
import type { ModelAnswer, ModelBackend, ModelEvent, NativeAnswer } from '../inference/model-backend.ts';
import type { CallStop, JsonObject, ModelCall } from '../inference/model-call.ts';
import type { NativeCall } from '../inference/native-call.ts';
import { countInputTokens, countOutputTokens, type TokenCounter } from '../inference/token-counter.ts';
import { type TokenUsage, totalInputTokens } from '../inference/token-usage.ts';
import { Fault } from '../kernel/fault.ts';
import type { Wait } from '../kernel/time.ts';
import { InlineGuardrail } from './simulated-model/inline-guardrail.ts';
import { answerContent, type SimulatedAnswer, simulatedAnswer } from './simulated-model/simulated-answer.ts';
import { checkGuardrails, type Guardrails } from './simulated-model/simulated-guardrail.ts';
import { simulatedInvocation } from './simulated-model/simulated-invocation.ts';
import type { KnowledgeBases } from './simulated-model/simulated-knowledge-base.ts';
import { parseSimulation, type SimulatedError, type Simulation, simulatedFault } from './simulated-model/simulation.ts';

export type { Guardrails } from './simulated-model/simulated-guardrail.ts';
export type { KnowledgeBases } from './simulated-model/simulated-knowledge-base.ts';

export interface SimulatedModelOptions {
  /** Name in the configuration. */
  readonly name: string;
  readonly counter: TokenCounter;
  readonly wait: Wait;
  /** By id. Absent: none. */
  readonly guardrails?: Guardrails;
  /** By id. Any other holds a few sample documents. */
  readonly knowledgeBases?: KnowledgeBases;
}

/** A call with everything decided. */
interface Plan {
  readonly answer: SimulatedAnswer;
  readonly usage: TokenUsage;
  readonly trace?: JsonObject;
  readonly error?: SimulatedError;
}

/**
 * A model that answers the same call with the same words, for tests, demos and load: real token counts, and usage, delays
 * and errors to order (`Simulation`). It stands in for every model.
 */
export class SimulatedModel implements ModelBackend {
  readonly name: string;
  readonly appliesGuardrails = true;
  readonly runsHeldModels = true;
  readonly #counter: TokenCounter;
  readonly #guardrails: Guardrails;
  readonly #knowledgeBases: KnowledgeBases;
  readonly #wait: Wait;
  readonly #closing = new AbortController();

  constructor({ name, counter, wait, guardrails = {}, knowledgeBases = {} }: SimulatedModelOptions) {
    this.name = name;
    this.#counter = counter;
    checkGuardrails(guardrails);
    this.#guardrails = guardrails;
    this.#knowledgeBases = knowledgeBases;
    this.#wait = wait;
  }

  async complete(call: ModelCall): Promise<ModelAnswer> {
    const { answer, usage, trace, error } = await this.#run(call);
    if (error) throw brokenOff(error, usage);
    return { content: answerContent(answer), ...stopOf(answer), usage, ...(trace && { trace }) };
  }

  async *stream(call: ModelCall): AsyncGenerator<ModelEvent, void, undefined> {
    const { answer, usage, trace, error } = await this.#run(call);
    yield { type: 'start', usage };
    yield* blockEvents(answer, error?.afterTokens);
    if (error) throw brokenOff(error, usage);
    yield { type: 'end', ...stopOf(answer), usage, ...(trace && { trace }) };
  }

  async invoke(call: NativeCall): Promise<NativeAnswer> {
    if (call.guardrail) throw new Fault('ValidationException', 'the simulated upstream guards conversations alone');
    const { delayMs = 0, error, inputTokens } = parseSimulation(call.body.simulate);
    if (delayMs > 0) await this.#delay(delayMs, call.stop);
    if (error) throw simulatedFault(error);
    const parts = {
      ...{ counter: this.#counter, guardrails: this.#guardrails, knowledgeBases: this.#knowledgeBases },
      complete: (written: ModelCall) => this.complete(written),
    };
    return simulatedInvocation(call, parts, inputTokens);
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
    const guardrail = call.guardrail && new InlineGuardrail(call, call.guardrail, this.#guardrails);
    if (delayMs > 0) await this.#delay(delayMs, call.stop);
    if (error && error.afterTokens === undefined) throw simulatedFault(error);
    // The model is not asked, and costs nothing.
    if (guardrail?.input.isBlocked) return guardedPlan(guardrail, intervened(guardrail.input.texts), NO_TOKENS);
    const answer = simulatedAnswer(call, simulation.outputTokens);
    const inputTokens = await this.#inputTokens(call, simulation);
    const outputTokens =
      simulation.outputTokens ?? answer.textTokens ?? (await countOutputTokens(answerContent(answer), this.#counter));
    const usage = simulatedUsage(simulation, inputTokens, outputTokens);
    if (!guardrail) return { answer, usage, ...(error && { error }) };
    const { isBlocked, isMasked, texts } = guardrail.checkOutput(answer.pieces.join(''));
    return {
      ...guardedPlan(guardrail, isBlocked || isMasked ? intervened(texts) : answer, usage),
      ...(error && { error }),
    };
  }

  async #delay(delayMs: number, stop: CallStop | undefined): Promise<void> {
    const stopped = new AbortController();
    stop?.listen(() => stopped.abort());
    if (!stop?.reason) await this.#wait(delayMs, AbortSignal.any([this.#closing.signal, stopped.signal]));
    if (stop?.reason) throw stop.reason;
  }

  async #inputTokens(call: ModelCall, simulation: Simulation): Promise<number> {
    return simulation.inputTokens ?? countInputTokens(call, this.#counter);
  }
}

const NO_TOKENS: TokenUsage = { inputTokens: 0, outputTokens: 0, isEstimated: false, raw: '' };

/** What a guardrail has the model say in place of its own words. */
function intervened(texts: readonly string[]): SimulatedAnswer {
  return { pieces: texts, stopReason: 'guardrail_intervened' };
}

function guardedPlan({ units, trace }: InlineGuardrail, answer: SimulatedAnswer, usage: TokenUsage): Plan {
  return { answer, usage: { ...usage, units }, ...(trace && { trace }) };
}

function stopOf({ stopReason, stopSequence }: SimulatedAnswer): Pick<ModelAnswer, 'stopReason' | 'stopSequence'> {
  return { stopReason, ...(stopSequence !== undefined && { stopSequence }) };
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
