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
  if (guardrailIdentifier === undefined) return {};
  return {
    guardrail: { guardrailIdentifier, guardrailVersion, ...(trace !== undefined && { trace: trace.toLowerCase() }) },
  };
}
