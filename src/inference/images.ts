import { Fault } from '../kernel/fault.ts';
import { isJsonObject } from './json-value.ts';
import type { JsonObject } from './model-call.ts';
import { checkFields } from './native/malformed-input.ts';
import type { UnitMeter } from './token-usage.ts';

/** What a request asks a model to draw. */
export interface ImageRequest {
  /** How many images: what is billed is how many come. */
  readonly count: number;
  /** What each of them is metered as. */
  readonly meter: UnitMeter;
}

/** Nova Canvas and Titan Image Generator draw at most this many at once (Bedrock User Guide, read 2026-11). */
const IMAGES_MAX = 5;
const SIDE_DEFAULT = 1_024;

/** Throws ValidationException. */
export function readImages(modelId: string, body: JsonObject): ImageRequest {
  if (modelId.startsWith('amazon.')) return readAmazonImages(modelId, body);
  if (modelId.startsWith('stability.')) {
    checkFields(body, { prompt: { types: ['String'], isRequired: true } });
    return { count: 1, meter: 'image' };
  }
  throw new Fault('ValidationException', `the native body of \`${modelId}\` is not supported`);
}

/** The vendor's body of an answer with these images, each as base64. */
export function formatImages(modelId: string, images: readonly string[]): JsonObject {
  if (!modelId.startsWith('stability.')) return { images, error: null };
  return { seeds: images.map(() => 0), finish_reasons: images.map(() => null), images };
}

/** The images of an answer: the same member with every vendor; undefined for what is no answer. Filtered ones do not come. */
export function imagesOf({ images }: JsonObject): readonly string[] | undefined {
  return Array.isArray(images) ? images.filter((image): image is string => typeof image === 'string') : undefined;
}

function readAmazonImages(modelId: string, body: JsonObject): ImageRequest {
  checkFields(body, {
    taskType: { types: ['String'], isRequired: true },
    imageGenerationConfig: { types: ['JSONObject'] },
  });
  const config = isJsonObject(body.imageGenerationConfig) ? body.imageGenerationConfig : {};
  checkFields(
    config,
    {
      numberOfImages: { types: ['Integer'], min: 1, max: IMAGES_MAX },
      quality: { types: ['String'], values: ['standard', 'premium'] },
      width: { types: ['Integer'], min: 1 },
      height: { types: ['Integer'], min: 1 },
    },
    '#/imageGenerationConfig',
  );
  const side = Math.max(Number(config.width ?? SIDE_DEFAULT), Number(config.height ?? SIDE_DEFAULT));
  return {
    // A background that is removed is one image, and such a request has no configuration.
    count: Number(config.numberOfImages ?? 1),
    meter: amazonMeter(modelId, side, config.quality === 'premium'),
  };
}

/** Sizes that are priced: up to 1024 and 2048 for Nova Canvas, up to 512 and above for Titan. */
function amazonMeter(modelId: string, side: number, isPremium: boolean): UnitMeter {
  const isTitan = modelId.startsWith('amazon.titan-');
  const size = isTitan ? (side <= 512 ? 512 : 1_024) : side <= 1_024 ? 1_024 : 2_048;
  const standard = `image_${size}` as const;
  return isPremium ? `${standard}_premium` : standard;
}
