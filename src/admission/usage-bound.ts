import { isJsonObject } from '../inference/json-value.ts';
import { searchGuardrails } from '../inference/knowledge-base.ts';
import type { Json, JsonObject, ModelPrompt, ServiceTier } from '../inference/model-call.ts';
import type { NativePrompt } from '../inference/native-call.ts';
import { UNIT_METERS } from '../inference/token-usage.ts';
import type { PicoUsd } from '../kernel/money.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import { GUARDRAILS, KNOWLEDGE_BASES } from '../rating/billed-feature.ts';
import type { ContextClass } from '../rating/line-item.ts';
import { isGuardrailMeter, type Meter } from '../rating/meter.ts';
import { type PriceBook, priceAt, type Tariff } from '../rating/price-book.ts';
import { BESIDE_THE_MODEL, costOf } from '../rating/rate.ts';
import type { AttemptTariff, SpendClaim } from './spend-gate.ts';

/** What a call uses, or can use at most. */
export interface Amounts {
  readonly tokens: bigint;
  readonly costPicoUsd: PicoUsd;
  /** True where a price is missing: the cost is not known, and what there is of it is no bound. */
  readonly isUnpriced: boolean;
}

/** Sizes that no request names. */
export interface BoundSettings {
  /** Output tokens of a call that names no maximum, for models that are not in `modelMaxOutputTokens`. */
  readonly defaultMaxOutputTokens: number;
  readonly modelMaxOutputTokens: ReadonlyMap<string, number>;
}

/** What a call can use at most, by what it is billed for. */
export interface UsageBound {
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  /** Images that are made. */
  readonly images: bigint;
  /** Images that are read and billed by the piece. */
  readonly inputImages: bigint;
  /** Search units of a rerank model. */
  readonly queries: bigint;
  /** Searches of a knowledge base. */
  readonly retrievals: bigint;
  /** Text units of each policy of a guardrail. */
  readonly textUnits: bigint;
  /** What the request asks for besides that no price is known of, as it names it. Absent: nothing. */
  readonly unpriced?: string;
  /** A tier that the vendor may serve the call in besides the one asked for. Absent: none but the standard. */
  readonly furtherTier?: ServiceTier;
  /** What of it has models run as often as they like, as it names it: the rest is no bound. Absent: nothing. */
  readonly unbounded?: string;
}

/** What chat templates put around a conversation and each message, and vendors before tools (Anthropic's: up to 804 tokens). */
const FRAMING_TOKENS = 64;
const TOKENS_PER_MESSAGE = 16;
const TOKENS_OF_TOOLS = 1_024;
/** The most that an image costs at a vendor's highest resolution, in most models. */
const TOKENS_PER_IMAGE = 5_000;
/** GPT-4o mini counts an image as 2,833 tokens and 5,667 for each of at most eight tiles (OpenAI's guide to vision). */
const TOKENS_PER_IMAGE_OF: readonly (readonly [models: RegExp, tokens: number])[] = [[/gpt-4o-mini/, 50_000]];
/** A document's pages cost as text and as images; vendors read at most 100. */
const TOKENS_PER_DOCUMENT = 100 * 6_000;
/** Bedrock's longest video and audio inputs, in its largest models. */
const TOKENS_PER_RECORDING = 300_000;
/** Of a guardrail's text units; a token of text is rarely longer than four, and no vocabulary has many that are longer. */
const CHARACTERS_PER_TOKEN = 16n;
const CHARACTERS_PER_TEXT_UNIT = 1_000n;
/** What a knowledge base finds goes to the model: at most 100 passages, of 1,000 tokens each. */
const TOKENS_OF_PASSAGES = 100_000;
/** Documents that one search unit of a rerank model covers. */
const DOCUMENTS_PER_QUERY = 100;

/** Kinds of blocks by what their names have in them: `image`, and `image_url`, `video_url`, `input_file`, which have no bytes here. */
const MEDIA_TOKENS: readonly (readonly [names: RegExp, tokens: number])[] = [
  [/document|file|upload/, TOKENS_PER_DOCUMENT],
  [/video|audio/, TOKENS_PER_RECORDING],
];
const IMAGE = /image|computer/;

function tokensOfKind(kind: string, modelId: string): number {
  if (kind === 'text') return 0;
  const media = MEDIA_TOKENS.find(([names]) => names.test(kind));
  if (media) return media[1];
  if (!IMAGE.test(kind)) return 0;
  return TOKENS_PER_IMAGE_OF.find(([models]) => models.test(modelId))?.[1] ?? TOKENS_PER_IMAGE;
}

/**
 * The most that a call can use. Text: a token is at least one byte of UTF-8 with every byte-pair vocabulary, and the body as
 * it was received is never shorter than its texts. Media: by kind, whatever their size in bytes.
 */
export function usageBound(
  { prompt, bodyBytes, modelId }: Pick<SpendClaim, 'prompt' | 'bodyBytes' | 'modelId'>,
  { defaultMaxOutputTokens, modelMaxOutputTokens }: BoundSettings,
): UsageBound {
  const modelMaximum = modelMaxOutputTokens.get(modelId) ?? defaultMaxOutputTokens;
  if ('kind' in prompt) return nativeBound(prompt, bodyBytes, modelMaximum);
  const framing = FRAMING_TOKENS + prompt.messages.length * TOKENS_PER_MESSAGE;
  const tools = prompt.toolConfig ? TOKENS_OF_TOOLS : 0;
  const words = wordsOf(prompt);
  const perAnswer = greatestOf(LIMIT_NAMES, words, prompt.maxTokens ?? modelMaximum);
  const outputTokens = BigInt(perAnswer) * BigInt(greatestOf(ANSWERS_NAMES, words, 1));
  const characters = BigInt(bodyBytes) + outputTokens * CHARACTERS_PER_TOKEN;
  const unpriced = unpricedIn(words);
  return {
    ...NOTHING,
    inputTokens: BigInt(bodyBytes + framing + tools + mediaTokens(prompt, modelId)),
    outputTokens,
    textUnits: prompt.guardrail ? characters / CHARACTERS_PER_TEXT_UNIT + 2n : 0n,
    ...(unpriced !== undefined && { unpriced }),
    // OpenAI's word for whatever the project is set to.
    ...(words.some(({ service_tier }) => service_tier === 'auto') && { furtherTier: 'priority' as const }),
  };
}

const NOTHING: UsageBound = {
  ...{ inputTokens: 0n, outputTokens: 0n, images: 0n, inputImages: 0n, queries: 0n, retrievals: 0n, textUnits: 0n },
};

function nativeBound({ kind, body }: NativePrompt, bodyBytes: number, outputTokens: number): UsageBound {
  if (kind === 'retrieval') return { ...NOTHING, retrievals: 1n, textUnits: searchUnits(body, bodyBytes, 0) };
  if (kind === 'guardrail') return { ...NOTHING, textUnits: BigInt(bodyBytes) / CHARACTERS_PER_TEXT_UNIT + 1n };
  if (kind === 'retrieval_and_generation') return generationBound(body, bodyBytes, outputTokens);
  const { imageGenerationConfig: images, documents = body.sources } = body;
  const made = isJsonObject(images) ? images.numberOfImages : (body.n ?? body.num_images);
  const read = Array.isArray(body.images) ? body.images.length : 1;
  const searched = Array.isArray(documents) ? Math.ceil(documents.length / DOCUMENTS_PER_QUERY) : 1;
  return {
    ...{ ...NOTHING, inputTokens: BigInt(bodyBytes + FRAMING_TOKENS) },
    images: kind === 'image' ? BigInt(wholeOr(made, 1)) : 0n,
    inputImages: kind === 'embedding' ? BigInt(read) : 0n,
    queries: kind === 'rerank' ? BigInt(searched) : 0n,
  };
}

/** Has the model work on the question before the search, and search for each part of it. */
const BEFORE_THE_SEARCH = 'orchestrationConfiguration';

function generationBound(body: JsonObject, bodyBytes: number, modelMaximum: number): UsageBound {
  const members = membersIn(body);
  const written = greatestOf(LIMIT_NAMES, members, modelMaximum);
  const documents = members.flatMap(({ sources }) => (Array.isArray(sources) ? sources : [])).length;
  const isUnbounded = members.some((member) => member[BEFORE_THE_SEARCH] !== undefined);
  return {
    ...NOTHING,
    ...(isUnbounded && { unbounded: BEFORE_THE_SEARCH }),
    inputTokens: BigInt(bodyBytes + TOKENS_OF_PASSAGES + documents * TOKENS_PER_DOCUMENT),
    outputTokens: BigInt(written),
    retrievals: 1n,
    textUnits: searchUnits(body, bodyBytes, written),
  };
}

/** Of every guardrail that a search or its answer is run with: the question, what was found, and what is written of it. */
function searchUnits(body: JsonObject, bodyBytes: number, outputTokens: number): bigint {
  const characters = BigInt(bodyBytes) + BigInt(TOKENS_OF_PASSAGES + outputTokens) * CHARACTERS_PER_TOKEN;
  return BigInt(searchGuardrails(body).length) * (characters / CHARACTERS_PER_TEXT_UNIT + 3n);
}

/** A body and all objects within it. */
function membersIn(value: Json): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(membersIn);
  return isJsonObject(value) ? [value, ...Object.values(value).flatMap(membersIn)] : [];
}

/**
 * Every name of the token limit. A body that is handed on as it came may have several of them, and whoever reads it decides
 * which one counts.
 */
const LIMIT_NAMES = [
  ...['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'max_new_tokens', 'max_tokens_to_sample'],
  ...['max_gen_len', 'maxTokens', 'maxTokenCount'],
];
/** How many answers are asked for, each of which may be as long as the maximum: OpenAI's, Cohere's and AI21's names. */
const ANSWERS_NAMES = ['n', 'best_of', 'num_generations', 'numResults'];

/** The greatest of what is said under several names, and of what holds where nothing is. */
function greatestOf(names: readonly string[], words: readonly JsonObject[], otherwise: number): number {
  let greatest = otherwise;
  for (const said of words) for (const name of names) greatest = Math.max(greatest, wholeOr(said[name], 0));
  return greatest;
}

/** Where a vendor's words may be; Converse's own are read already. Most calls have none. */
function wordsOf({ additionalFields, original }: ModelPrompt): JsonObject[] {
  const words: JsonObject[] = [];
  const add = (body: JsonObject) => {
    if (Object.keys(body).length === 0) return;
    words.push(body, ...[body.inferenceConfig, body.textGenerationConfig].filter(isJsonObject));
  };
  add(additionalFields);
  if (original && original.format !== 'converse') add(original.body);
  return words;
}

/** Tools that a vendor runs itself: it bills each use, and reads what comes of it as input that nobody here has seen. */
const VENDOR_TOOLS = /^(web_search|web_fetch|code_execution|mcp|advisor)/;

function unpricedIn(words: readonly JsonObject[]): string | undefined {
  for (const { tools, mcp_servers, speed, inference_geo: geo } of words) {
    if (Array.isArray(mcp_servers) && mcp_servers.length > 0) return 'mcp_servers';
    if (speed !== undefined && speed !== null && speed !== 'standard') return 'speed';
    // Anthropic's own: inference in one place costs more than anywhere.
    if (geo !== undefined && geo !== null && geo !== 'global') return 'inference_geo';
    const types = Array.isArray(tools) ? tools.map((tool) => (isJsonObject(tool) ? String(tool.type) : '')) : [];
    const vendorTool = types.find((type) => VENDOR_TOOLS.test(type));
    if (vendorTool !== undefined) return vendorTool;
  }
  return undefined;
}

function wholeOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 1 ? value : otherwise;
}

function mediaTokens({ messages, system }: ModelPrompt, modelId: string): number {
  let tokens = 0;
  const add = (block: unknown) => {
    if (!isJsonObject(block)) return;
    for (const kind of Object.keys(block)) tokens += tokensOfKind(kind, modelId);
    const { toolResult } = block;
    if (isJsonObject(toolResult) && Array.isArray(toolResult.content)) {
      for (const inner of toolResult.content) add(inner);
    }
  };
  for (const block of system) add(block);
  for (const { content } of messages) for (const block of content) add(block);
  return tokens;
}

/** The meters that a quantity could come to be billed by, of which the dearest is held. */
const METERS = {
  inputTokens: ['input', 'cache_write_5m', 'cache_write_1h', 'input_audio'],
  outputTokens: ['output', 'output_audio'],
  images: [
    'image',
    'image_512',
    'image_512_premium',
    'image_1024',
    'image_1024_premium',
    'image_2048',
    'image_2048_premium',
  ],
  inputImages: ['input_image'],
  queries: ['query'],
} as const satisfies Partial<Record<keyof UsageBound, readonly Meter[]>>;
const QUANTITIES = Object.keys(METERS) as (keyof typeof METERS)[];

/** The most that a call can cost: everything at the dearest price that could come to apply. */
export function boundAmounts(
  bound: UsageBound,
  attempt: AttemptTariff,
  atMs: number,
  prices: PriceBook,
  { isBatch }: { readonly isBatch: boolean } = { isBatch: false },
): Amounts {
  let costPicoUsd = 0n;
  let unpriced = 0;
  let priced = 0;
  const tariffs = possibleTariffs(bound, attempt, atMs, prices, isBatch);
  for (const quantity of QUANTITIES) {
    if (bound[quantity] === 0n) continue;
    const price = dearest(METERS[quantity], tariffs, atMs);
    if (price === undefined) unpriced += 1;
    else {
      priced += 1;
      costPicoUsd += bound[quantity] * price;
    }
  }
  if (bound.retrievals > 0n) {
    const tariff = prices.tariff({ modelId: KNOWLEDGE_BASES, region: attempt.region, ...BESIDE_THE_MODEL });
    costPicoUsd += bound.retrievals * (dearest(['retrieval', 'structured_retrieval'], [tariff], atMs) ?? 0n);
  }
  if (bound.textUnits > 0n) costPicoUsd += bound.textUnits * guardrailPrice(attempt, atMs, prices);
  // Models of images and ranks have no price for the tokens of their text.
  const isText = bound.images + bound.inputImages + bound.queries === 0n;
  return {
    tokens: bound.inputTokens + bound.outputTokens,
    costPicoUsd,
    isUnpriced: bound.unpriced !== undefined || (isText ? unpriced > 0 : priced === 0),
  };
}

function possibleTariffs(
  { inputTokens, furtherTier }: UsageBound,
  attempt: AttemptTariff,
  atMs: number,
  prices: PriceBook,
  isBatch: boolean,
): Tariff[] {
  const { modelId, region, route, tier } = attempt;
  const isLong = prices.contextClass(modelId, Number(inputTokens), atMs) === 'long_context';
  const contexts: readonly ContextClass[] = isLong ? ['default', 'long_context'] : ['default'];
  // An upstream may serve a request in the standard tier whatever was asked for.
  const isPlain = tier === 'standard' && furtherTier === undefined;
  const tiers = isPlain ? [tier] : [...new Set<ServiceTier>([tier, 'standard', furtherTier ?? tier])];
  const tariffs: Tariff[] = [];
  for (const one of tiers) {
    for (const context of contexts)
      tariffs.push(prices.tariff({ modelId, region, route, tier: one, isBatch, context }));
  }
  return tariffs;
}

function dearest(meters: readonly Meter[], tariffs: readonly Tariff[], atMs: number): bigint | undefined {
  let most: bigint | undefined;
  for (const tariff of tariffs) {
    for (const meter of meters) {
      const price = priceAt(tariff.of(meter).prices, atMs)?.pricePicoUsd;
      if (price !== undefined && (most === undefined || price > most)) most = price;
    }
  }
  return most;
}

/** One text unit of every policy: which of them a guardrail has is the upstream's to know. */
function guardrailPrice({ region }: AttemptTariff, atMs: number, prices: PriceBook): bigint {
  const { of } = prices.tariff({ modelId: GUARDRAILS, region, ...BESIDE_THE_MODEL });
  return UNIT_METERS.filter(isGuardrailMeter).reduce(
    (sum, meter) => sum + (priceAt(of(meter).prices, atMs)?.pricePicoUsd ?? 0n),
    0n,
  );
}

/** What a call did use, priced as the ledger prices it. */
export function usedAmounts(event: UsageEvent, prices: PriceBook): Amounts {
  return costOf(event, prices);
}
