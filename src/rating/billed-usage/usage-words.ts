import type { Route, Tier } from '../../metering/usage-event.ts';
import { regionOfPrefix } from '../billing-region.ts';
import type { ContextClass } from '../line-item.ts';
import type { Meter } from '../meter.ts';
import { findMeter, spelled, spelledMetric } from './meter-spellings.ts';

/** What a usage type says, as far as it was understood. */
export interface UsageWords {
  /** Undefined where no prefix of a region is known. */
  readonly region: string | undefined;
  /**
   * Name of the model or feature, as it is spelled there; empty on AWS Marketplace. The last words of a whole name may be its
   * own or say more about the meter.
   */
  readonly name: string;
  readonly wholeName: string;
  /** True for the grammar of bedrock-mantle, where the name is a model id. */
  readonly isMantle: boolean;
  /** Undefined where nothing says what is counted. */
  readonly meter: Meter | undefined;
  readonly tier: Tier;
  readonly context: ContextClass;
  /** Undefined where the usage type does not say: it does not tell a geography from the region itself. */
  readonly route: Route | undefined;
  readonly isBatch: boolean;
  /** Words that mean nothing known. */
  readonly unknown: readonly string[];
}

/** `USE1-`, `EU-`, and what our own bills write for a region without a prefix. */
const PREFIX = /^(?:([A-Z]{2,3}\d?)|([a-z]{2}(?:-[a-z]+)+-\d))-/;

/** Reads any of the grammars of usage types, with and without the region in front: FOCUS's `SkuMeter` has none. */
export function readUsageType(usageType: string): UsageWords {
  const [prefix = '', letters = '', code] = PREFIX.exec(usageType) ?? [];
  const region = regionOfPrefix(letters) ?? code;
  // A region that is not known has a digit; names of models may begin with letters alone: `GPT-OSS`.
  const body = region !== undefined || /\d$/.test(letters) ? usageType.slice(prefix.length) : usageType;
  const [, metric] = /^MP:(?:[A-Z0-9]+_)?(.+?)(?:-Units)?$/.exec(body) ?? [];
  if (metric !== undefined) return { region, isMantle: false, ...readBody(spelledMetric(metric), '') };
  const mantle = /^(.+?)-mantle-(.+)$/.exec(body);
  if (mantle) {
    const [, name = '', words = ''] = mantle;
    return { region, isMantle: true, ...readBody(spelled(words), ''), name, wholeName: name };
  }
  return { region, isMantle: false, ...readBody(spelled(body), body) };
}

/**
 * Reads the words for people that price lists have: `Prompt cache read input tokens flex`, `Million Input Tokens Regional CRIS`,
 * `Input Tokens - Standard, Global`.
 */
export function readMeterWords(words: string): UsageWords {
  const text = words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return { region: undefined, isMantle: false, ...readBody(text, '') };
}

type BodyWords = Omit<UsageWords, 'region' | 'isMantle'>;

/** `original` is the same text as it was written, for the name. */
function readBody(text: string, original: string): BodyWords {
  const found = findMeter(text);
  const qualifiers = new Modifiers();
  if (found === undefined) return { name: original, wholeName: original, meter: undefined, ...qualifiers.facts };
  const nameLength = qualifiers.readBackwards(text.slice(0, found.nameLength));
  qualifiers.read(found.rest);
  const { tier, ...facts } = qualifiers.facts;
  return {
    name: original.slice(0, nameLength),
    wholeName: original.slice(0, found.nameLength),
    meter: qualifiers.meterOf(found.meter),
    tier: found.meter.startsWith('reserved_') ? 'reserved' : tier,
    ...facts,
  };
}

type Lifetime = '5m' | '30m' | '1h';

interface Modifier {
  readonly tier?: Tier;
  readonly context?: ContextClass;
  readonly route?: Route;
  readonly isBatch?: true;
  readonly lifetime?: Lifetime;
}

/** What stands around the words for the meter, in any order. */
const MODIFIERS: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ['batch', { isBatch: true }],
  ['cross-region-global', { route: 'global' }],
  ['global', { route: 'global' }],
  ['cross-region-geo', { route: 'geo' }],
  ['geo', { route: 'geo' }],
  ['regional', {}],
  // Cross-region inference within a geography, where it says no more.
  ['cris', { route: 'geo' }],
  ['long-context', { context: 'long_context' }],
  ['long-ctx', { context: 'long_context' }],
  ['standard', { tier: 'standard' }],
  ['priority', { tier: 'priority' }],
  ['flex', { tier: 'flex' }],
  ['reserved', { tier: 'reserved' }],
  ['latency-optimized', { tier: 'latency_optimized' }],
  ['5m', { lifetime: '5m' }],
  ['30m', { lifetime: '30m' }],
  ['1h', { lifetime: '1h' }],
  ['1-hour', { lifetime: '1h' }],
  // Say nothing that has a column: the unit, the term of a reservation, that a customised model answered.
  ['million', {}],
  ['text', {}],
  ['1-month', {}],
  ['3-month', {}],
  ['custom-model', {}],
  ['model-customization', {}],
  // Frames and size of a video that was made.
  ['medfps', {}],
  ['hdres', {}],
]);

const LONGEST_FIRST = [...MODIFIERS.keys()].sort((a, b) => b.length - a.length);

class Modifiers {
  #said: Modifier = {};
  readonly #unknown: string[] = [];

  /** Words after the meter. */
  read(words: string): void {
    let left = words;
    while (left !== '') {
      const known = LONGEST_FIRST.find((word) => left === word || left.startsWith(`${word}-`));
      const word = known ?? left.split('-', 1)[0]!;
      if (known === undefined) this.#unknown.push(word);
      else this.#note(known);
      left = left.slice(word.length + 1);
    }
  }

  /** Words between the name and the meter. Returns where the name ends; a whole name is never such a word. */
  readBackwards(name: string): number {
    let left = name;
    for (;;) {
      const known = LONGEST_FIRST.find((word) => left === word || left.endsWith(`-${word}`));
      if (known === undefined) return left.length;
      this.#note(known);
      left = left.slice(0, Math.max(left.length - known.length - 1, 0));
    }
  }

  meterOf(meter: Meter): Meter {
    const { lifetime } = this.#said;
    if (lifetime === undefined || !meter.startsWith('cache_write')) return meter;
    return `cache_write_${lifetime}`;
  }

  get facts(): Pick<UsageWords, 'tier' | 'context' | 'route' | 'isBatch' | 'unknown'> {
    const { tier = 'standard', context = 'default', route, isBatch = false } = this.#said;
    return { tier, context, route, isBatch, unknown: this.#unknown };
  }

  #note(word: string): void {
    const isGlobal = this.#said.route === 'global';
    this.#said = { ...this.#said, ...MODIFIERS.get(word), ...(isGlobal && { route: 'global' }) };
  }
}
