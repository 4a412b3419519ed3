import { isJsonObject } from '../../inference/json-value.ts';
import type { Json } from '../../inference/model-call.ts';

/** Where vendors put what a model writes: text, reasoning, the input of tools. */
const WRITTEN: ReadonlySet<string> = new Set([
  ...['text', 'content', 'generation', 'outputText', 'completion'],
  ...['reasoning', 'reasoning_content', 'thinking', 'arguments', 'partial_json', 'input'],
]);
const DEPTH_MAX = 12;

/** What the model wrote in a native body or chunk: the base of an estimate where nothing is reported. */
export function writtenText(value: Json | undefined, depth = 0): string {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return '';
  if (!isJsonObject(value)) return value.map((element) => writtenText(element, depth + 1)).join('');
  let text = '';
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'string') text += WRITTEN.has(name) ? member : '';
    else text += writtenText(member, depth + 1);
  }
  return text;
}
