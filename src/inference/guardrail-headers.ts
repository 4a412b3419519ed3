import type { ModelPrompt } from './model-call.ts';

/** What the headers of a request say of its guardrail: `X-Amzn-Bedrock-GuardrailIdentifier` and its like. */
export interface GuardrailHeaders {
  readonly guardrailIdentifier?: string | undefined;
  readonly guardrailVersion?: string | undefined;
  /** Absent: `DISABLED`. */
  readonly trace?: string | undefined;
}

/** The same as Converse's `guardrailConfig`; nothing where no guardrail is named. */
export function guardrailOf(headers: GuardrailHeaders): Pick<ModelPrompt, 'guardrail'> {
  const { guardrailIdentifier, guardrailVersion = 'DRAFT', trace } = headers;
  if (!guardrailIdentifier) return {};
  return {
    guardrail: { guardrailIdentifier, guardrailVersion, ...(trace !== undefined && { trace: trace.toLowerCase() }) },
  };
}

/** A guardrail as a request names it. */
export interface NamedGuardrail {
  /** Id or ARN. */
  readonly identifier: string;
  /** `DRAFT`, or a number. */
  readonly version: string;
}

/** What policies are asked about; undefined where no guardrail is named. */
export function namedGuardrail({
  guardrailIdentifier = '',
  guardrailVersion,
}: GuardrailHeaders): NamedGuardrail | undefined {
  return guardrailIdentifier === ''
    ? undefined
    : { identifier: guardrailIdentifier, version: guardrailVersion ?? 'DRAFT' };
}
