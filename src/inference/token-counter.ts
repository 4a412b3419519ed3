import { isJsonObject } from './json-value.ts';
import type { ContentBlock, ModelCall } from './model-call.ts';

/** Port: counts tokens of text, for upstreams that report none and for the model that we simulate. */
export interface TokenCounter {
  /** Tokens of all texts together. */
  count(texts: readonly string[]): Promise<number>;
}

/** What a chat template adds per message: the role and its delimiters, as in OpenAI's counting recipe. */
const TOKENS_PER_MESSAGE = 4;

/** An image, document, video or audio block, and one of a kind that is not known here: what a full-size image costs with Anthropic (width x height / 750, at most). */
const TOKENS_PER_MEDIA_BLOCK = 1_600;

const TEXT_BLOCKS = [
  ...['text', 'json', 'guardContent', 'reasoningContent', 'citationsContent', 'searchResult'],
  ...['toolUse', 'toolResult', 'cachePoint'],
];

/** The parts of a call that are counted. */
type CountedCall = Pick<ModelCall, 'messages' | 'system' | 'toolConfig'>;

/** Input tokens of a call as a tokenizer sees it: an estimate of what a vendor would charge. */
export async function countInputTokens(call: CountedCall, counter: TokenCounter): Promise<number> {
  const { texts, mediaBlocks } = inputTexts(call);
  const framing = call.messages.length * TOKENS_PER_MESSAGE;
  return (await counter.count(texts)) + framing + mediaBlocks * TOKENS_PER_MEDIA_BLOCK;
}

/** Every text of a call in order, tools as JSON last, and how many blocks are not text. */
export function inputTexts(call: CountedCall): { readonly texts: readonly string[]; readonly mediaBlocks: number } {
  const texts: string[] = [];
  let mediaBlocks = 0;
  for (const block of call.system) mediaBlocks += gatherTexts(block, texts);
  for (const message of call.messages) {
    for (const block of message.content) mediaBlocks += gatherTexts(block, texts);
  }
  if (call.toolConfig) texts.push(JSON.stringify(call.toolConfig.tools ?? []));
  return { texts, mediaBlocks };
}

/** Tokens of an answer's content: text, reasoning and the JSON of tool inputs. */
export function countOutputTokens(content: readonly ContentBlock[], counter: TokenCounter): Promise<number> {
  const texts: string[] = [];
  for (const block of content) gatherTexts(block, texts);
  return counter.count(texts);
}

/** Adds the texts of a block to `texts`; returns how many media blocks it holds. */
function gatherTexts(block: ContentBlock, texts: string[]): number {
  const { text, guardContent, toolUse, toolResult, reasoningContent, searchResult, citationsContent } = block;
  if (typeof text === 'string') texts.push(text);
  if (isJsonObject(guardContent) && isJsonObject(guardContent.text)) gatherTexts(guardContent.text, texts);
  if (isJsonObject(reasoningContent) && isJsonObject(reasoningContent.reasoningText)) {
    gatherTexts(reasoningContent.reasoningText, texts);
  }
  if (isJsonObject(toolUse)) texts.push(String(toolUse.name ?? ''), JSON.stringify(toolUse.input ?? {}));
  if (block.json !== undefined) texts.push(JSON.stringify(block.json));
  let mediaBlocks = TEXT_BLOCKS.some((kind) => block[kind] !== undefined) ? 0 : 1;
  for (const holder of [toolResult, searchResult, citationsContent]) {
    if (!isJsonObject(holder) || !Array.isArray(holder.content)) continue;
    for (const inner of holder.content) if (isJsonObject(inner)) mediaBlocks += gatherTexts(inner, texts);
  }
  return mediaBlocks;
}
