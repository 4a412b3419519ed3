import type { Units } from '../../inference/guardrail-usage.ts';
import type { JsonObject, ModelCall } from '../../inference/model-call.ts';
import { inputTexts } from '../../inference/token-counter.ts';
import {
  type Applied,
  applyGuardrail,
  type Guardrails,
  guardrailNamed,
  type SimulatedGuardrail,
} from './simulated-guardrail.ts';

/** A guardrail around one call: first what the model would read, then what it wrote. */
export class InlineGuardrail {
  readonly #guardrail: SimulatedGuardrail;
  readonly #id: string;
  readonly #hasTrace: boolean;
  readonly input: Applied;
  #output: Applied | undefined;

  /** Throws as Bedrock for a guardrail that is not configured. */
  constructor(call: ModelCall, asked: JsonObject, guardrails: Guardrails) {
    const identifier = String(asked.guardrailIdentifier);
    this.#guardrail = guardrailNamed(guardrails, identifier);
    this.#id = identifier.slice(identifier.lastIndexOf('/') + 1);
    this.#hasTrace = /^enabled/i.test(String(asked.trace));
    this.input = applyGuardrail(this.#guardrail, inputTexts(call).texts, 'INPUT');
  }

  /** Returns what may be shown. */
  checkOutput(text: string): Applied {
    this.#output = applyGuardrail(this.#guardrail, [text], 'OUTPUT');
    return this.#output;
  }

  /** Counted for the input and for the output. */
  get units(): Units {
    const sum: Partial<Record<keyof Units, number>> = { ...this.input.units };
    for (const [meter, count] of Object.entries(this.#output?.units ?? {}) as [keyof Units, number][]) {
      sum[meter] = (sum[meter] ?? 0) + count;
    }
    return sum;
  }

  /** Converse's `trace`; undefined where none was asked for. */
  get trace(): JsonObject | undefined {
    if (!this.#hasTrace) return undefined;
    const outputs = this.#output && { outputAssessments: { [this.#id]: [this.#output.assessment] } };
    return { guardrail: { inputAssessment: { [this.#id]: this.input.assessment }, ...outputs } };
  }
}
