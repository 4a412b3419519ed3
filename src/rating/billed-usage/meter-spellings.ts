import { isTokenMeter, METERS, type Meter } from '../meter.ts';
import { TOKEN_NAMES } from '../usage-type/token-names.ts';
import { UNIT_NAMES } from '../usage-type/unit-names.ts';

/** Spellings that are read and not written. Seen in price lists, bills and the sources of tools (read 2026-11). */
const ALSO_SEEN: readonly (readonly [spelling: string, meter: Meter])[] = [
  ['input-token-count', 'input'],
  ['output-token-count', 'output'],
  ['response-token-count', 'output'],
  ['response-tokens', 'output'],
  ['cache-read-input-tokens', 'cache_read'],
  ['cache-read-token-count', 'cache_read'],
  ['cache-write-input-tokens', 'cache_write_5m'],
  ['cache-write-token-count', 'cache_write_5m'],
  ['cache-write-1h-input-tokens', 'cache_write_1h'],
  ['speech-input-tokens', 'input_audio'],
  ['speech-output-tokens', 'output_audio'],
  ['audio-input-tokens', 'input_audio'],
  ['audio-output-tokens', 'output_audio'],
  ['video-second', 'input_video_second'],
  ['output-seconds', 'output_video_second'],
  ['t2v', 'output_video_second'],
  ['images-processed', 'input_image'],
  ['imagesprocessed', 'input_image'],
  ['structured-data-retrieval', 'structured_retrieval'],
  ['search-units', 'query'],
  ['searchunit', 'query'],
  ['input-tokens-per-minute', 'reserved_input_tpm_hour'],
  ['output-tokens-per-minute', 'reserved_output_tpm_hour'],
  ['input-tpm', 'reserved_input_tpm_hour'],
  ['output-tpm', 'reserved_output_tpm_hour'],
];

/** What each meter is called in usage types, in the form of `spelled`. Of those that agree the first meter is meant. */
const METER_OF: ReadonlyMap<string, Meter> = meterSpellings();

function meterSpellings(): ReadonlyMap<string, Meter> {
  const meters = new Map<string, Meter>();
  const note = (meter: Meter, ...spellings: readonly string[]) => {
    for (const spelling of spellings) if (!meters.has(spelling)) meters.set(spelling, meter);
  };
  for (const meter of METERS) {
    if (isTokenMeter(meter)) {
      const { classic, mantle, mantleLifetime, camel, snake } = TOKEN_NAMES[meter];
      const lasting = mantleLifetime === undefined ? mantle : `${mantle}-${mantleLifetime}`;
      note(meter, spelled(classic), lasting, spelledMetric(camel), spelledMetric(snake));
      if (mantleLifetime !== '1h') note(meter, mantle);
    } else {
      const { suffix, metric } = UNIT_NAMES[meter];
      note(meter, spelled(suffix), spelledMetric(metric));
    }
  }
  for (const [spelling, meter] of ALSO_SEEN) note(meter, spelling);
  return meters;
}

/** Longer spellings first: `cache-read-input-token-count` ends as plain input does. */
const ALTERNATIVES = [...METER_OF.keys()].sort((a, b) => b.length - a.length).map(escaped);

/** The shortest name before a spelling that ends at a word's end. */
const METERED = new RegExp(`^(?:(?<name>.*?)-)??(?<meter>${ALTERNATIVES.join('|')})(?<rest>-.*)?$`);

/** A usage type without its region, around the words for what is counted. */
export interface MeteredText {
  /** Length of what stands before the words for the meter. */
  readonly nameLength: number;
  readonly meter: Meter;
  /** What follows, in words. */
  readonly rest: string;
}

/** Undefined where nothing is said that any meter is called. `text` is in the form of `spelled` or `spelledMetric`. */
export function findMeter(text: string): MeteredText | undefined {
  const groups = METERED.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { name = '', meter, rest = '' } = groups;
  return { nameLength: name.length, meter: METER_OF.get(meter!)!, rest: rest.slice(1) };
}

/** Lower case, words apart by hyphens; every character keeps its place. */
export function spelled(text: string): string {
  return text.toLowerCase().replaceAll(/[:_]/g, '-');
}

/** The same for metrics of AWS Marketplace in camel case: `CacheWrite1hInputTokenCount` becomes `cache-write-1h-input-token-count`. */
export function spelledMetric(metric: string): string {
  const words = metric.replaceAll(/([a-z])([A-Z0-9])|(\d)([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3$5-$2$4$6');
  return spelled(words);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
