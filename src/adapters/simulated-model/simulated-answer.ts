import { createHash } from 'node:crypto';
import { isJsonObject } from '../../inference/json-value.ts';
import type { ContentBlock, JsonObject, ModelCall, StopReason } from '../../inference/model-call.ts';
import { inputTexts } from '../../inference/token-counter.ts';
import { Fault } from '../../kernel/fault.ts';
import { answerPieces } from './answer-text.ts';
import { sampleValue } from './sample-value.ts';

/** What the model says: text piece by piece, or one tool use. */
export interface SimulatedAnswer {
  /** One token each; empty for a tool use. */
  readonly pieces: readonly string[];
  readonly toolUse?: ToolUse;
  readonly stopReason: StopReason;
  readonly stopSequence?: string;
  /** Tokens of the text; undefined for a tool use, whose JSON has to be counted. */
  readonly textTokens?: number;
}

interface ToolUse extends JsonObject {
  readonly toolUseId: string;
  readonly name: string;
  readonly input: JsonObject;
}

/**
 * The same call always gets the same answer. A tool is used only where `toolChoice` demands one. `maxTokens` cuts the text
 * unless the number of output tokens was asked for.
 */
export function simulatedAnswer(call: ModelCall, askedTokens: number | undefined): SimulatedAnswer {
  const seed = seedOf(call);
  const tool = demandedTool(call.toolConfig);
  if (tool) {
    const toolUseId = `tooluse_${seed.toString('base64url').slice(0, 22)}`;
    return { pieces: [], toolUse: { toolUseId, ...tool }, stopReason: 'tool_use' };
  }
  const whole = answerPieces(seed.readUInt32BE(), askedTokens);
  const limit = askedTokens === undefined ? (call.maxTokens ?? whole.length) : whole.length;
  const pieces = whole.slice(0, limit);
  const stop = firstStop(pieces, call.stopSequences ?? []);
  if (stop) return { ...stop, stopReason: 'stop_sequence' };
  return { pieces, textTokens: pieces.length, stopReason: limit < whole.length ? 'max_tokens' : 'end_turn' };
}

export function answerContent({ pieces, toolUse }: SimulatedAnswer): ContentBlock[] {
  return toolUse ? [{ toolUse }] : [{ text: pieces.join('') }];
}

function seedOf(call: ModelCall): Buffer {
  const hash = createHash('sha256').update(call.modelId);
  for (const text of inputTexts(call).texts) hash.update(text).update('\n');
  return hash.digest();
}

/** The text before the first stop sequence. The tokens that completed the sequence were generated and count. */
function firstStop(
  pieces: readonly string[],
  sequences: readonly string[],
): Pick<SimulatedAnswer, 'pieces' | 'textTokens' | 'stopSequence'> | undefined {
  const text = pieces.join('');
  let found: { readonly at: number; readonly stopSequence: string } | undefined;
  for (const stopSequence of sequences) {
    const at = stopSequence === '' ? -1 : text.indexOf(stopSequence);
    if (at >= 0 && (!found || at < found.at)) found = { at, stopSequence };
  }
  if (!found) return undefined;
  const { at, stopSequence } = found;
  const kept: string[] = [];
  let length = 0;
  let textTokens = 0;
  for (const piece of pieces) {
    if (length >= at + stopSequence.length) break;
    textTokens += 1;
    if (length < at) kept.push(piece.slice(0, at - length));
    length += piece.length;
  }
  return { pieces: kept, textTokens, stopSequence };
}

function demandedTool(toolConfig: JsonObject | undefined): Pick<ToolUse, 'name' | 'input'> | undefined {
  const choice = toolConfig?.toolChoice;
  if (!isJsonObject(choice) || (choice.any === undefined && choice.tool === undefined)) return undefined;
  const wanted = isJsonObject(choice.tool) ? choice.tool.name : undefined;
  const tools = Array.isArray(toolConfig?.tools) ? toolConfig.tools.filter(isJsonObject) : [];
  const specs = tools.map(({ toolSpec }) => toolSpec).filter(isJsonObject);
  const spec = wanted === undefined ? specs[0] : specs.find(({ name }) => name === wanted);
  if (!spec) {
    throw new Fault('ValidationException', `toolChoice demands the tool \`${String(wanted)}\`, which is not in tools`);
  }
  const schema = isJsonObject(spec.inputSchema) ? spec.inputSchema.json : undefined;
  const input = sampleValue(schema);
  return { name: String(spec.name), input: isJsonObject(input) ? input : {} };
}
