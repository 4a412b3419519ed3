import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import { Fault, type FaultCode } from '../../kernel/fault.ts';

/**
 * What a caller asks the simulated model to do, in `additionalModelRequestFields.simulate` or as a member of a native
 * body. Every member is optional; zero is a value. What is not given is counted as for a real model.
 */
export interface Simulation {
  /** Uncached input only, as Converse counts. */
  readonly inputTokens?: number;
  /** Whatever `maxTokens` says. The text follows only up to 256 tokens. */
  readonly outputTokens?: number;
  readonly cacheReadInputTokens?: number;
  /** As Converse's field: writes of either lifetime. Absent while the next is given: equal to it. */
  readonly cacheWriteInputTokens?: number;
  /** The part of the writes with a one-hour lifetime. */
  readonly cacheWrite1hInputTokens?: number;
  /** Milliseconds before the first event or the whole answer. Absent: none. */
  readonly delayMs?: number;
  readonly error?: SimulatedError;
}

/** Absent `afterTokens`: the call fails before the model runs and nothing is used. */
export interface SimulatedError {
  readonly name: FaultCode;
  /** Output tokens after which a stream breaks off; a complete call fails with the same usage. */
  readonly afterTokens?: number;
}

/** A billion tokens per class: far beyond any context, and sums stay exact. */
const MAX_TOKENS = 1_000_000_000;
const MAX_DELAY_MS = 60_000;

/** Largest value of each numeric member; the smallest is 0. */
const NUMBERS = {
  inputTokens: MAX_TOKENS,
  outputTokens: MAX_TOKENS,
  cacheReadInputTokens: MAX_TOKENS,
  cacheWriteInputTokens: MAX_TOKENS,
  cacheWrite1hInputTokens: MAX_TOKENS,
  delayMs: MAX_DELAY_MS,
} as const satisfies Partial<Record<keyof Simulation, number>>;

/** The errors of Bedrock's runtime with the texts it sends. */
const ERRORS: ReadonlyMap<string, readonly [code: FaultCode, message: string]> = new Map(
  (
    [
      ['AccessDeniedException', "You don't have access to the model with the specified model ID."],
      [
        'InternalServerException',
        'The system encountered an unexpected error during processing. Try your request again.',
      ],
      [
        'ModelErrorException',
        'The system encountered an error while the model processed the request. Try your request again.',
      ],
      ['ModelNotReadyException', 'Model is not ready for inference. Wait and try your request again.'],
      [
        'ModelStreamErrorException',
        'The system encountered an unexpected error during processing. Try your request again.',
      ],
      ['ModelTimeoutException', 'Model has timed out in processing the request. Try your request again.'],
      ['ResourceNotFoundException', 'Could not resolve the foundation model from the provided model identifier.'],
      ['ServiceQuotaExceededException', 'Your request exceeds the service quota for your account.'],
      ['ServiceUnavailableException', 'Bedrock is unable to process your request.'],
      ['ThrottlingException', 'Too many requests, please wait before trying again.'],
      ['ValidationException', 'The model returned the following errors: simulated validation error'],
    ] as const
  ).map((error) => [error[0], error]),
);

/** The fault that a simulated error stands for. */
export function simulatedFault(error: SimulatedError, fields: Readonly<Record<string, unknown>> = {}): Fault {
  const [code, message] = ERRORS.get(error.name) as readonly [FaultCode, string];
  const isModelError = code === 'ModelErrorException' || code === 'ModelStreamErrorException';
  return new Fault(code, message, isModelError ? { originalStatusCode: 500, ...fields } : fields);
}

/** Reads the `simulate` member; an empty simulation when there is none. Throws ValidationException. */
export function parseSimulation(value: Json | undefined): Simulation {
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw invalid('`simulate` must be an object');
  for (const [name, member] of Object.entries(value)) {
    if (name === 'error') checkError(member);
    else if (Object.hasOwn(NUMBERS, name))
      checkNumber(`simulate.${name}`, member, NUMBERS[name as keyof typeof NUMBERS]);
    else throw invalid(`\`simulate\` has no member \`${name}\`: use ${[...Object.keys(NUMBERS), 'error'].join(', ')}`);
  }
  const simulation = value as Simulation;
  const { cacheWriteInputTokens, cacheWrite1hInputTokens = 0 } = simulation;
  if (cacheWriteInputTokens !== undefined && cacheWrite1hInputTokens > cacheWriteInputTokens) {
    throw invalid(
      `\`simulate.cacheWriteInputTokens\` includes the one-hour writes and cannot be \`${cacheWriteInputTokens}\` ` +
        `with \`${cacheWrite1hInputTokens}\` of them`,
    );
  }
  return simulation;
}

function checkError(error: Json): void {
  if (!isJsonObject(error)) throw invalid('`simulate.error` must be an object with a `name`');
  const { name, afterTokens, ...others } = error as JsonObject;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalid(`\`simulate.error\` has no member \`${unknown}\`: use name, afterTokens`);
  if (typeof name !== 'string' || !ERRORS.has(name)) {
    throw invalid(
      `\`simulate.error.name\` must be one of ${[...ERRORS.keys()].join(', ')}, not \`${String(name).slice(0, 100)}\``,
    );
  }
  if (afterTokens !== undefined) checkNumber('simulate.error.afterTokens', afterTokens, MAX_TOKENS);
}

function checkNumber(place: string, value: Json, max: number): void {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max) return;
  throw invalid(`\`${place}\` must be a whole number from 0 to ${max}, not \`${JSON.stringify(value).slice(0, 100)}\``);
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
