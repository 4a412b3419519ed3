/**
 * What the price reference does not say about models: how AWS's bills and API spell them, and which system inference
 * profiles they have. Sources and open points: docs/decisions/2026-11-22-prices.md.
 */
import type { FoundationModel } from '../src/inference/model-catalog.ts';
import type { BilledModel } from '../src/rating/billed-model.ts';

type Facts = Partial<FoundationModel & BilledModel>;

/** Names inside usage types that were seen in a price list or a bill, or that follow a seen sibling letter by letter. */
const USAGE_TYPE_NAMES: Readonly<Record<string, string>> = {
  'amazon.nova-canvas-v1:0': 'NovaCanvas',
  'amazon.rerank-v1:0': 'AmazonRerank-v1',
  'amazon.titan-embed-image-v1': 'TitanEmbeddingsG1-Image',
  'amazon.titan-embed-text-v1': 'TitanEmbeddingsG1-Text',
  'amazon.titan-embed-text-v2:0': 'TitanEmbeddingV2-Text',
  'amazon.titan-image-generator-v1': 'TitanImageGeneratorG1',
  'amazon.titan-image-generator-v2:0': 'TitanImageGeneratorV2',
  'amazon.titan-text-express-v1': 'TitanTextG1-Express',
  'amazon.titan-text-lite-v1': 'TitanTextG1-Lite',
  'deepseek.r1-v1:0': 'DeepSeek-R1',
  'deepseek.v3-v1:0': 'DeepSeekV3-1',
  'google.gemma-3-4b-it': 'Gemma-3-4B-IT',
  'google.gemma-3-12b-it': 'Gemma-3-12B-IT',
  'google.gemma-3-27b-it': 'Gemma-3-27B-IT',
  'mistral.ministral-3-3b-instruct': 'Ministral-3-3b-Instruct',
  'mistral.ministral-3-8b-instruct': 'Ministral-3-8b-Instruct',
  'mistral.ministral-3-14b-instruct': 'Ministral-3-14b-Instruct',
  'mistral.mistral-7b-instruct-v0:2': 'Mistral7B',
  'mistral.mistral-large-2402-v1:0': 'MistralLarge',
  'mistral.mistral-large-2407-v1:0': 'MistralLarge2407',
  'mistral.mistral-large-3-675b-instruct': 'Mistral-Large-3-675b-Instruct',
  'mistral.mistral-small-2402-v1:0': 'MistralSmall',
  'mistral.mixtral-8x7b-instruct-v0:1': 'Mixtral8x7B',
  'mistral.pixtral-large-2502-v1:0': 'PixtralLarge2502',
  'openai.gpt-oss-20b-1:0': 'gpt-oss-20b',
  'openai.gpt-oss-120b-1:0': 'gpt-oss-120b',
  'openai.gpt-oss-safeguard-20b': 'GPT-OSS-Safeguard-20B',
  'openai.gpt-oss-safeguard-120b': 'GPT-OSS-Safeguard-120B',
  'qwen.qwen3-32b-v1:0': 'Qwen3-32B',
  'qwen.qwen3-235b-a22b-2507-v1:0': 'Qwen3-235B-A22B-2507',
  'qwen.qwen3-coder-30b-a3b-v1:0': 'Qwen3-Coder-30B-A3B',
  'qwen.qwen3-coder-480b-a35b-v1:0': 'Qwen3-Coder-480B-A35B',
  'qwen.qwen3-coder-next': 'Qwen3-Coder-Next',
  'qwen.qwen3-next-80b-a3b': 'Qwen3-Next-80B-A3B',
  'qwen.qwen3-vl-235b-a22b': 'Qwen3-VL-235B-A22B',
};

/** Models whose usage types are known in the mantle form only, besides those that only the mantle price list has. */
const MANTLE_MODELS: ReadonlySet<string> = new Set([
  'anthropic.claude-fable-5',
  'anthropic.claude-opus-4-8',
  'anthropic.claude-opus-5',
  'anthropic.claude-sonnet-5',
  'openai.gpt-5.4',
  'openai.gpt-5.5',
  'openai.gpt-5.6-luna',
  'openai.gpt-5.6-sol',
  'openai.gpt-5.6-terra',
  'xai.grok-4.6',
]);

/** Claude models in the first-party price list `AmazonBedrock`; all later ones are sold under `AmazonBedrockService`. */
const FIRST_PARTY_CLAUDE: ReadonlySet<string> = new Set([
  'anthropic.claude-3-sonnet-20240229-v1:0',
  'anthropic.claude-3-haiku-20240307-v1:0',
]);

/**
 * Sold through AWS Marketplace: Claude from 3 Opus to 3.7, of which bills of 2025 have lines, and the vendors whose models
 * only the price list AmazonBedrockFoundationModels has. Newer Claude is sold both ways; the configuration says which.
 */
const MARKETPLACE_MODELS = /^(anthropic\.claude-3-(opus|5-|7-)|(cohere|ai21|writer|stability)\.)/;

/** Product codes that were seen in a bill (2025-02). */
const MARKETPLACE_CODES: Readonly<Record<string, { readonly productCode: string }>> = {
  'anthropic.claude-3-5-sonnet-20240620-v1:0': { productCode: '4a524th30q694o538qndh9ucht' },
};

/** Where the price reference repeats the id as the name. */
const DISPLAY_NAMES: Readonly<Record<string, string>> = {
  'amazon.titan-embed-g1-text-02': 'Titan Text Embeddings v2',
  'amazon.titan-embed-text-v2:0': 'Titan Text Embeddings V2',
  'cohere.command-light-text-v14': 'Command Light',
  'cohere.command-r-plus-v1:0': 'Command R+',
  'cohere.command-r-v1:0': 'Command R',
  'cohere.command-text-v14': 'Command',
  'cohere.embed-english-v3': 'Embed English',
  'cohere.embed-multilingual-v3': 'Embed Multilingual',
  'cohere.embed-v4:0': 'Embed v4',
  'deepseek.v3-v1:0': 'DeepSeek-V3.1',
  'deepseek.v3.1': 'DeepSeek V3.1',
  'deepseek.v3.2': 'DeepSeek V3.2',
  'google.gemma-4-26b-a4b': 'Gemma 4 26B A4B',
  'google.gemma-4-31b': 'Gemma 4 31B',
  'google.gemma-4-e2b': 'Gemma 4 E2B',
  'meta.llama2-13b-chat-v1': 'Llama 2 Chat 13B',
  'meta.llama2-70b-chat-v1': 'Llama 2 Chat 70B',
  'meta.llama3-1-405b-instruct-v1:0': 'Llama 3.1 405B Instruct',
  'minimax.minimax-m2': 'MiniMax M2',
  'minimax.minimax-m2.1': 'MiniMax M2.1',
  'minimax.minimax-m2.5': 'MiniMax M2.5',
  'mistral.mistral-large-2407-v1:0': 'Mistral Large (24.07)',
  'moonshot.kimi-k2-thinking': 'Kimi K2 Thinking',
  'moonshotai.kimi-k2-thinking': 'Kimi K2 Thinking',
  'moonshotai.kimi-k2.5': 'Kimi K2.5',
  'nvidia.nemotron-nano-12b-v2': 'Nemotron Nano 12B v2',
  'openai.gpt-oss-safeguard-20b': 'GPT OSS Safeguard 20B',
  'openai.gpt-oss-safeguard-120b': 'GPT OSS Safeguard 120B',
  'qwen.qwen3-235b-a22b-2507-v1:0': 'Qwen3 235B A22B 2507',
  'qwen.qwen3-coder-30b-a3b-instruct': 'Qwen3 Coder 30B A3B Instruct',
  'qwen.qwen3-coder-480b-a35b-instruct': 'Qwen3 Coder 480B A35B Instruct',
  'qwen.qwen3-coder-next': 'Qwen3 Coder Next',
  'qwen.qwen3-next-80b-a3b': 'Qwen3 Next 80B A3B',
  'qwen.qwen3-next-80b-a3b-instruct': 'Qwen3 Next 80B A3B Instruct',
  'qwen.qwen3-vl-235b-a22b': 'Qwen3 VL 235B A22B',
  'qwen.qwen3-vl-235b-a22b-instruct': 'Qwen3 VL 235B A22B Instruct',
  'writer.palmyra-vision-7b-v1:0': 'Palmyra Vision 7B',
  'xai.grok-4.6': 'Grok 4.6',
  'zai.glm-4.6': 'GLM 4.6',
  'zai.glm-4.7': 'GLM 4.7',
  'zai.glm-4.7-flash': 'GLM 4.7 Flash',
  'zai.glm-5': 'GLM 5',
};

/** System inference profiles, first matching row. The Claude rows follow the model cards of 2026-09. */
const PROFILES: readonly (readonly [pattern: RegExp, prefixes: readonly string[]])[] = [
  [/^anthropic\.claude-3-(sonnet|haiku)-/, ['us', 'eu', 'apac']],
  [/^anthropic\.claude-3-opus-/, ['us']],
  [/^anthropic\.claude-3-5-haiku-/, ['us']],
  [/^anthropic\.claude-3-[57]-sonnet-/, ['us', 'eu', 'apac']],
  [/^anthropic\.claude-opus-4-(1-)?2025/, ['us']],
  [/^anthropic\.claude-sonnet-4-2025/, ['us', 'eu', 'apac', 'global']],
  [/^anthropic\.claude-opus-4-5-/, ['us', 'eu', 'global']],
  [/^anthropic\.claude-opus-4-6-/, ['us', 'eu', 'au', 'global']],
  [/^anthropic\.claude-fable-5$/, ['us', 'eu', 'global']],
  [/^anthropic\.claude-/, ['us', 'eu', 'jp', 'au', 'global']],
  [/^amazon\.nova-2-lite-/, ['us', 'eu', 'jp', 'global']],
  [/^amazon\.nova-premier-/, ['us']],
  [/^amazon\.nova-lite-/, ['us', 'eu', 'apac', 'ca']],
  [/^amazon\.nova-(?!canvas)/, ['us', 'eu', 'apac']],
  [/^meta\.llama3-2-[13]b-/, ['us', 'eu']],
  [/^meta\.llama(3-[123]|4)-/, ['us']],
  [/^mistral\.pixtral-large-/, ['us', 'eu']],
  [/^deepseek\.r1-/, ['us']],
  [/^writer\.palmyra-x/, ['us']],
  [/^cohere\.embed-v4/, ['us', 'eu', 'global']],
  [/^openai\.gpt-5\.6-(luna|terra)$/, ['us', 'in', 'global']],
  [/^openai\.gpt-5\.6-/, ['us', 'global']],
  [/^xai\.grok-4\.6$/, ['us', 'global']],
];

/** Models that read pictures as well as text. */
const READS_IMAGES =
  /^(anthropic\.claude-|amazon\.nova-(lite|pro|premier|2-lite)|meta\.llama(3-2-(11|90)b|4-)|mistral\.(pixtral|mistral-large-3|ministral|magistral)|google\.gemma-(3-(4|12|27)b|4-)|qwen\.qwen3-vl|openai\.gpt-5|xai\.grok|writer\.palmyra-vision|nvidia\.nemotron-nano-12b|moonshotai\.kimi-k2\.5|cohere\.embed-v4|amazon\.(titan-embed-image|titan-image|nova-canvas)|stability\.sd3)/;
const TEXT_CLAUDE = /^anthropic\.claude-3-5-haiku-/;
const EMBEDS = /embed/;
/** Models that make pictures. */
const MAKES_IMAGES = /^(amazon\.(nova-canvas|titan-image)|stability\.)/;
const RERANKS = /[.]rerank-/;

/** All facts about one model beyond its prices; members that equal the defaults of `FoundationModel` are left out. */
export function modelFacts(modelId: string, displayName: string, provider: string, isMantleOnly: boolean): Facts {
  const isKnownClassic = modelId in USAGE_TYPE_NAMES;
  const isMantle = MANTLE_MODELS.has(modelId) || (isMantleOnly && !isKnownClassic);
  const profiles = PROFILES.find(([pattern]) => pattern.test(modelId))?.[1];
  const readsImages = READS_IMAGES.test(modelId) && !TEXT_CLAUDE.test(modelId);
  const isAwsSoldClaude = modelId.startsWith('anthropic.') && !isMantle && !FIRST_PARTY_CLAUDE.has(modelId);
  return {
    provider,
    displayName: displayName === modelId ? (DISPLAY_NAMES[modelId] ?? modelId) : displayName,
    usageTypeName: isMantle ? modelId : (USAGE_TYPE_NAMES[modelId] ?? derivedName(modelId)),
    usageTypeFamily: isMantle ? 'mantle' : 'classic',
    productCode: isAwsSoldClaude ? 'AmazonBedrockService' : 'AmazonBedrock',
    ...(MARKETPLACE_MODELS.test(modelId) && {
      marketplace: { metrics: 'camel', ...MARKETPLACE_CODES[modelId] },
    }),
    ...(readsImages ? { inputModalities: ['TEXT', 'IMAGE'] } : {}),
    ...(EMBEDS.test(modelId) ? { outputModalities: ['EMBEDDING'], isStreaming: false } : {}),
    ...(MAKES_IMAGES.test(modelId) ? { outputModalities: ['IMAGE'], isStreaming: false } : {}),
    ...(RERANKS.test(modelId) ? { isStreaming: false } : {}),
    ...(profiles ? { profiles } : {}),
  };
}

/** Rules that reproduce every seen name of their family; a model without a rule is billed under its id, as AWS does lately. */
function derivedName(modelId: string): string {
  const claude =
    /^anthropic\.claude-(?:(\d(?:-\d)?)-(opus|sonnet|haiku)|(opus|sonnet|haiku)-(\d(?:-\d)?))(?:-|$)(?:\d{8}(-v2)?)?/.exec(
      modelId,
    );
  if (claude) {
    const version = (claude[1] ?? claude[4])!.replace('-', '.');
    return `Claude${version}${capitalized((claude[2] ?? claude[3])!)}${claude[5] === '-v2' ? 'v2' : ''}`;
  }
  const nova = /^amazon\.nova-(2-)?(\w+)-v1:0$/.exec(modelId);
  if (nova) return `Nova${nova[1] ? '2.0' : ''}${capitalized(nova[2]!)}`;
  const llama = /^meta\.llama(\d(?:-\d)?)-(?:(scout|maverick)-)?(\d+)b-/.exec(modelId);
  if (llama) return ['Llama', llama[1], llama[2] ? `-${capitalized(llama[2])}` : '', '-', llama[3], 'B'].join('');
  return modelId.replace(/(-v?1)?:\d$/, '');
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
