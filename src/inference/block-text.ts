import { isJsonObject } from './json-value.ts';
import type { ContentBlock, Json } from './model-call.ts';

/** The words of a block that is text, cited or not; undefined for every other. */
export function blockText({ text, citationsContent }: ContentBlock): string | undefined {
  if (typeof text === 'string') return text;
  return isJsonObject(citationsContent) ? textsOf(citationsContent.content) : undefined;
}

/** The words of a list of text blocks, one after the other. */
export function textsOf(content: Json | undefined): string {
  if (!Array.isArray(content)) return '';
  return content.map((block) => (isJsonObject(block) && typeof block.text === 'string' ? block.text : '')).join('');
}
