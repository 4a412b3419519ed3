import { Fault } from '../kernel/fault.ts';

type Pairs = readonly (readonly [string, string])[];

const NONE: Pairs = [];
const PAIRS_MAX = 16;
/** Characters and lengths of Converse's `requestMetadata`, which the header form shares. */
const KEY = /^[a-zA-Z0-9\s:_@$#=/+,\-.]{1,256}$/;
const VALUE = /^[a-zA-Z0-9\s:_@$#=/+,\-.]{0,256}$/;

/** Converse: a map that the wire has checked. */
export function converseMetadataPairs(metadata: Readonly<Record<string, string>> | undefined): Pairs {
  return metadata ? Object.entries(metadata) : NONE;
}

/** Every other door: the header `X-Amzn-Bedrock-Request-Metadata`, a JSON object of strings. */
export function headerMetadataPairs(header: string | undefined): Pairs {
  if (header === undefined) return NONE;
  const pairs = Object.entries(parseObject(header));
  const isValid =
    pairs.length <= PAIRS_MAX &&
    pairs.every(([key, value]) => KEY.test(key) && typeof value === 'string' && VALUE.test(value));
  if (!isValid) throw invalid();
  return pairs as [string, string][];
}

function parseObject(header: string): object {
  try {
    const value: unknown = JSON.parse(header);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Answered below, in the same words as a value of the wrong form.
  }
  throw invalid();
}

function invalid(): Fault {
  return new Fault(
    'ValidationException',
    `The request metadata is invalid. Provide a JSON object of at most ${PAIRS_MAX} strings and try again.`,
  );
}
