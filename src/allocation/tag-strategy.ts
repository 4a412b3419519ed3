import { Fault } from '../kernel/fault.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import { likenessOf, type SimilarNames, similarNames } from './similar-names.ts';

const KIND = 'tag-strategy';
const KEY = 'strategy';

/** What the payer wants of its tags. */
export interface TagStrategy {
  readonly requiredTags: readonly RequiredTag[];
  readonly updatedAtMs: number;
  /** ARN of who asked for it. */
  readonly updatedBy: string;
}

export interface RequiredTag {
  /** With the prefix of its source. */
  readonly key: string;
  /** Empty: any. */
  readonly allowedValues: readonly string[];
  /** For people. */
  readonly description?: string;
}

/** One strategy of the payer; none at first. */
export class TagStrategyRecord {
  readonly #records: RecordStore;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  get(): TagStrategy | undefined {
    return this.#records.get<TagStrategy>(KIND, KEY)?.body;
  }

  /** Throws ValidationException for a key or a value that is named twice. */
  async put(strategy: TagStrategy): Promise<void> {
    requireOnce(strategy.requiredTags.map(({ key }) => key));
    for (const { allowedValues } of strategy.requiredTags) requireOnce(allowedValues);
    await this.#records.write([{ kind: KIND, key: KEY, body: strategy }]);
  }
}

/** A value of a key that is in use, with what it costs. */
export interface UsedValue {
  readonly value: string;
  readonly costPicoUsd: bigint;
}

/** A value that the strategy does not allow. */
export interface ForeignValue extends UsedValue {
  /** An allowed one that it is like; absent: none is. */
  readonly meant?: string;
}

/** Values that seem to mean one thing. */
export interface SimilarValues extends Omit<SimilarNames, 'names'> {
  /** The costliest: the least is to be changed. */
  readonly kept: UsedValue;
  /** The costliest first. */
  readonly others: readonly UsedValue[];
}

/** The costliest first. */
export function foreignValues({ allowedValues }: RequiredTag, used: readonly UsedValue[]): ForeignValue[] {
  if (allowedValues.length === 0) return [];
  const allowed = new Set(allowedValues);
  const foreign = used.filter(({ value }) => value !== '' && !allowed.has(value)).sort(byCost);
  return foreign.map((one) => {
    const meant = allowedValues.find((candidate) => likenessOf(candidate, one.value) !== undefined);
    return meant === undefined ? one : { ...one, meant };
  });
}

/** Groups of values, those with the most spend to change first. */
export function similarValues(used: readonly UsedValue[]): SimilarValues[] {
  const byValue = new Map(used.map((one) => [one.value, one]));
  const groups = similarNames([...byValue.keys()].filter((value) => value !== ''));
  return groups
    .map(({ names, likeness }) => {
      const [kept, ...others] = names.map((name) => byValue.get(name)!).sort(byCost);
      return { kept: kept!, others, likeness };
    })
    .sort((a, b) => (costOf(b.others) > costOf(a.others) ? 1 : -1));
}

function costOf(values: readonly UsedValue[]): bigint {
  return values.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n);
}

function byCost(a: UsedValue, b: UsedValue): number {
  if (a.costPicoUsd === b.costPicoUsd) return a.value < b.value ? -1 : 1;
  return a.costPicoUsd > b.costPicoUsd ? -1 : 1;
}

function requireOnce(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new Fault('ValidationException', `\`${twice}\` is named twice`);
}
