import { Fault } from '../../kernel/fault.ts';
import type { Json, JsonObject, OriginalBody } from '../model-call.ts';

/** A body and the headers that belong to it, in the words of one of the two APIs. */
export interface SpokenBody {
  readonly body: JsonObject;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A Messages body as Anthropic's own API takes it, from there or from InvokeModel; the model and whether to stream are
 * the sender's to add. On Bedrock version and betas are members, here they are headers; members of Bedrock's own
 * (`amazon-bedrock-guardrailConfig`) mean nothing here.
 */
export function asAnthropicBody({ format, body, headers }: OriginalBody): SpokenBody {
  if (format === 'anthropic-messages') return { body, headers };
  const { anthropic_version: _version, anthropic_beta, ...rest } = body;
  const members = Object.entries(rest).filter(([name]) => !name.startsWith('amazon-bedrock-'));
  const betas = betasOf(anthropic_beta);
  return {
    body: Object.fromEntries(members),
    headers: { ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }) },
  };
}

/** What would not fit into a header is refused, in Bedrock's words for a beta that it does not know (checked 2026-11). */
function betasOf(betas: Json | undefined): readonly string[] {
  if (betas === undefined) return [];
  if (Array.isArray(betas) && betas.every((beta) => typeof beta === 'string' && /^[\w.:-]{1,128}$/.test(beta))) {
    return betas as readonly string[];
  }
  throw new Fault('ValidationException', 'invalid beta flag');
}

/** The other way round: the body of InvokeModel. Which operation it is and its path say what these members say. */
export function asBedrockBody({ format, body, headers }: OriginalBody): JsonObject {
  if (format === 'native') return body;
  const { model: _model, stream: _stream, service_tier: _tier, ...rest } = body;
  const betas = headers['anthropic-beta']?.split(',').map((beta) => beta.trim());
  return {
    anthropic_version: 'bedrock-2023-05-31',
    ...(betas && { anthropic_beta: betas }),
    ...rest,
  };
}
