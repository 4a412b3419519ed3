import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, type RecordChange, type RecordStore } from '../kernel/record-store.ts';
import type { TagHolder } from '../kernel/tag-holder.ts';
import { sortedTagPairs, type TagSet } from '../kernel/tags.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs, type Clock } from '../kernel/time.ts';
import {
  type CategoryCatalog,
  type CostCategoryChange,
  type CostCategoryDefinition,
  type CostCategoryVersion,
  referencedCategories,
  versionAt,
  versionsOf,
} from './cost-category.ts';

const CATEGORY_KIND = 'costCategory';
/** One record that every change of a definition writes: names, quotas and references are judged over all of them. */
const REVISION_KIND = 'costCategoryRevision';
const REVISION_KEY = 'all';

/** Of one payer (Billing User Guide, quotas, checked 2026-11). */
const MAX_CATEGORIES = 50;
/** Those that were deleted included: what they said about months before stays. */
const MAX_RECORDS = 1_000;
/** Changes of one category that wait to be processed. */
const MAX_CHANGES = 100;
/** Months that a definition may reach back (API reference, CreateCostCategoryDefinition, checked 2026-11). */
const MONTHS_BACK = 12;

export interface CostCategory {
  readonly arn: string;
  readonly accountId: string;
  readonly name: string;
  /** In the order in which they were made, without those that say nothing any more. */
  readonly changes: readonly CostCategoryChange[];
  /** Tags of the resource, as pairs in key order. */
  readonly tags: readonly (readonly [string, string])[];
}

/** A category and the version of it that counts at some instant. */
export interface EffectiveCategory {
  readonly category: CostCategory;
  readonly version: CostCategoryVersion;
}

export interface CostCategoryRegistryDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Whether reports about the month of an instant can carry the rules of all these categories. */
  readonly fits: (categories: CategoryCatalog, atMs: number) => boolean;
  /** From a change until usage is shown by it. Default 0; AWS takes up to 24 hours. */
  readonly processingDelayMs?: number;
}

export interface NewCostCategory {
  readonly accountId: string;
  readonly name: string;
  readonly definition: CostCategoryDefinition;
  /** Absent: the start of this month. */
  readonly fromMs?: number | undefined;
  readonly tags: TagSet;
}

/**
 * The payer's cost categories with their history. Usage gets its values when it is asked for, so that a change is a change
 * of records alone. Faults say the reason; the operation puts in front what failed.
 */
export class CostCategoryRegistry implements TagHolder {
  readonly #deps: CostCategoryRegistryDeps;
  readonly #delayMs: number;
  #catalog: { readonly untilMs: number; readonly categories: CategoryCatalog } | undefined;

  constructor(deps: CostCategoryRegistryDeps) {
    this.#deps = deps;
    this.#delayMs = deps.processingDelayMs ?? 0;
    deps.records.watch((changes) => {
      if (changes.some(({ kind }) => kind === CATEGORY_KIND)) this.#catalog = undefined;
    });
  }

  /** What usage is shown by now. */
  catalog(): CategoryCatalog {
    const nowMs = this.#deps.clock();
    if (!this.#catalog || nowMs >= this.#catalog.untilMs) this.#catalog = this.#processed(nowMs);
    return this.#catalog.categories;
  }

  /** The version of a category that counts at an instant. Throws ResourceNotFoundException. */
  version(arn: string, atMs: number): EffectiveCategory {
    const category = this.#deps.records.get<CostCategory>(CATEGORY_KIND, arn)?.body;
    const version = category && versionAt(versionsOf(category.changes), atMs);
    if (!version) throw notFound(arn);
    return { category, version };
  }

  /** The versions that count at an instant, in the order of the categories' names. */
  versions(atMs: number): EffectiveCategory[] {
    return this.#all()
      .flatMap((category) => {
        const version = versionAt(versionsOf(category.changes), atMs);
        return version ? [{ category, version }] : [];
      })
      .sort((a, b) => (a.category.name < b.category.name ? -1 : 1));
  }

  /** False until usage is shown by the category's last change. */
  isProcessed({ changes }: CostCategory): boolean {
    return changes.at(-1)!.changedAtMs + this.#delayMs <= this.#deps.clock();
  }

  /** Answers the category and the month from which it counts. */
  async create(wanted: NewCostCategory): Promise<{ readonly arn: string; readonly fromMs: number }> {
    const { accountId, name, definition } = wanted;
    const fromMs = this.#effectiveStart(wanted.fromMs);
    const arn = `arn:aws:ce::${accountId}:costcategory/${this.#deps.newId()}`;
    await this.#write(() => {
      const all = this.#all();
      const live = all.filter(isLive);
      if (live.some((other) => other.name === name)) throw invalid(`Cost category name ${name} already exists`);
      if (live.length >= MAX_CATEGORIES) throw exceeded(`The number of cost categories exceeds ${MAX_CATEGORIES}`);
      if (all.length >= MAX_RECORDS) throw exceeded(`More than ${MAX_RECORDS} cost categories have been deleted`);
      this.#checkReferences(name, fromMs, definition);
      this.#checkSize(name, fromMs, definition);
      const change = { changedAtMs: this.#deps.clock(), fromMs, definition };
      const tags = sortedTagPairs(wanted.tags);
      return [
        ...this.#silenced(name, fromMs),
        { kind: CATEGORY_KIND, key: arn, body: { arn, accountId, name, changes: [change], tags }, expectedVersion: 0 },
      ];
    });
    return { arn, fromMs };
  }

  /** Answers the month from which the new definition counts. Throws ResourceNotFoundException. */
  async update(arn: string, definition: CostCategoryDefinition, wantedFromMs: number | undefined): Promise<number> {
    const fromMs = this.#effectiveStart(wantedFromMs);
    await this.#write(() => {
      const category = this.#live(arn);
      this.#checkReferences(category.name, fromMs, definition);
      this.#checkSize(category.name, fromMs, definition);
      return [
        ...this.#silenced(category.name, fromMs),
        this.#changed(category, { changedAtMs: this.#deps.clock(), fromMs, definition }),
      ];
    });
    return fromMs;
  }

  /** The category says nothing about this month and later ones. Answers the first instant about which it is silent. */
  async delete(arn: string): Promise<number> {
    const fromMs = this.#monthStartMs();
    await this.#write(() => [this.#changed(this.#live(arn), { changedAtMs: this.#deps.clock(), fromMs })]);
    return fromMs;
  }

  tagged(arn: string): { readonly accountId: string; readonly tags: TagSet } | undefined {
    const category = this.#deps.records.get<CostCategory>(CATEGORY_KIND, arn)?.body;
    if (!category || !isLive(category)) return undefined;
    return { accountId: category.accountId, tags: new Map(category.tags) };
  }

  async changeTags(arn: string, change: (present: TagSet) => TagSet): Promise<void> {
    await this.#write(() => {
      const category = this.#live(arn);
      return [this.#put({ ...category, tags: sortedTagPairs(change(new Map(category.tags))) })];
    });
  }

  #all(): CostCategory[] {
    return [...this.#deps.records.all<CostCategory>(CATEGORY_KIND)].map(({ body }) => body);
  }

  #live(arn: string): CostCategory {
    const category = this.#deps.records.get<CostCategory>(CATEGORY_KIND, arn)?.body;
    if (!category || !isLive(category)) throw notFound(arn);
    return category;
  }

  /** The catalogue by the changes that are processed, and until when nothing more will be. */
  #processed(nowMs: number): { readonly untilMs: number; readonly categories: CategoryCatalog } {
    const processedAtMs = ({ changedAtMs }: CostCategoryChange) => changedAtMs + this.#delayMs;
    const categories = new Map<string, readonly CostCategoryVersion[]>();
    let untilMs = Number.POSITIVE_INFINITY;
    for (const { name, changes } of this.#all()) {
      const versions = versionsOf(changes.filter((change) => processedAtMs(change) <= nowMs));
      if (versions.length > 0) {
        const all = [...(categories.get(name) ?? []), ...versions];
        categories.set(
          name,
          all.sort((a, b) => a.fromMs - b.fromMs),
        );
      }
      const next = changes.map(processedAtMs).find((atMs) => atMs > nowMs);
      untilMs = Math.min(untilMs, next ?? untilMs);
    }
    return { untilMs, categories };
  }

  #monthStartMs(): number {
    return billingPeriodStartMs(billingPeriodOf(this.#deps.clock()));
  }

  /** AWS publishes the wording of the second alone. */
  #effectiveStart(wantedMs: number | undefined): number {
    const thisMonthMs = this.#monthStartMs();
    const fromMs = wantedMs ?? thisMonthMs;
    if (fromMs !== billingPeriodStartMs(billingPeriodOf(fromMs))) {
      throw invalid('Effective start must be the first day of a month');
    }
    const thisMonth = new Date(thisMonthMs);
    if (fromMs < Date.UTC(thisMonth.getUTCFullYear(), thisMonth.getUTCMonth() - MONTHS_BACK)) {
      throw invalid(`Effective start cannot be more than ${MONTHS_BACK} months ago`);
    }
    if (fromMs > thisMonthMs) throw invalid('Effective start cannot be in the future');
    return fromMs;
  }

  /**
   * Rules may look at other categories as long as no category comes to look at itself in any month. AWS publishes no
   * wording.
   */
  #checkReferences(name: string, fromMs: number, definition: CostCategoryDefinition): void {
    const others = new Map<string, readonly CostCategoryVersion[]>();
    for (const other of this.#all()) {
      if (other.name === name) continue;
      others.set(other.name, [...(others.get(other.name) ?? []), ...versionsOf(other.changes)]);
    }
    const liveNames = new Set(this.#all().flatMap((other) => (isLive(other) ? [other.name] : [])));
    for (const referenced of referencedCategories(definition)) {
      if (referenced !== name && !liveNames.has(referenced)) {
        throw invalid(`Cost category ${referenced} does not exist`);
      }
    }
    const instants = [...others.values()]
      .flat()
      .flatMap((version) => (version.fromMs > fromMs ? [version.fromMs] : []));
    for (const atMs of new Set([fromMs, ...instants])) {
      const seen = new Set<string>();
      const visit = (from: CostCategoryDefinition): void => {
        for (const referenced of referencedCategories(from)) {
          if (referenced === name) throw invalid(`Cost category ${name} cannot depend on itself`);
          const next = versionAt(others.get(referenced) ?? [], atMs);
          if (!next || seen.has(referenced)) continue;
          seen.add(referenced);
          visit(next);
        }
      };
      visit(definition);
    }
  }

  /** Exports of a month show the values of all categories at once. AWS publishes no such limit and no wording. */
  #checkSize(name: string, fromMs: number, definition: CostCategoryDefinition): void {
    const nowMs = this.#deps.clock();
    for (let monthMs = fromMs; monthMs <= nowMs; monthMs = billingPeriodEndMs(billingPeriodOf(monthMs))) {
      const present = this.versions(monthMs).map(({ category, version }) => [category.name, [version]] as const);
      const categories = new Map([...present, [name, [{ ...definition, fromMs }]] as const]);
      if (!this.#deps.fits(categories, monthMs)) {
        throw exceeded('The rules of all cost categories together are too long');
      }
    }
  }

  /** Months that a category takes over are no longer those of deleted ones of its name. */
  #silenced(name: string, fromMs: number): RecordChange[] {
    const deleted = this.#all().filter((other) => {
      const speaksLater = versionsOf(other.changes).some(({ toMs = fromMs + 1 }) => toMs > fromMs);
      return other.name === name && !isLive(other) && speaksLater;
    });
    return deleted.map((other) => this.#changed(other, { changedAtMs: this.#deps.clock(), fromMs }));
  }

  /** With one more change, and without those that count for no month any more; a deletion when none is left that does. */
  #changed(category: CostCategory, change: CostCategoryChange): RecordChange {
    const nowMs = this.#deps.clock();
    const all = [...category.changes, change];
    const changes = all.filter(({ fromMs }, index) => {
      const isReplaced = all.slice(index + 1).some((later) => {
        return later.fromMs <= fromMs && later.changedAtMs + this.#delayMs <= nowMs;
      });
      return !isReplaced;
    });
    if (changes.length > MAX_CHANGES) {
      throw new Fault('LimitExceededException', 'Too many changes of the cost category wait to be processed');
    }
    if (changes.some(({ definition }) => definition)) return this.#put({ ...category, changes });
    return { kind: CATEGORY_KIND, key: category.arn, expectedVersion: this.#versionOf(category.arn) };
  }

  #put(category: CostCategory): RecordChange {
    return { kind: CATEGORY_KIND, key: category.arn, body: category, expectedVersion: this.#versionOf(category.arn) };
  }

  #versionOf(arn: string): number {
    return this.#deps.records.get(CATEGORY_KIND, arn)?.version ?? 0;
  }

  /** Writes what `decide` says; decides anew when another writer was faster. */
  #write(decide: () => readonly RecordChange[]): Promise<void> {
    return anewOnConflict(() => {
      const expectedVersion = this.#deps.records.get(REVISION_KIND, REVISION_KEY)?.version ?? 0;
      const body = { changedAtMs: this.#deps.clock() };
      const changes = decide();
      return this.#deps.records.write([...changes, { kind: REVISION_KIND, key: REVISION_KEY, body, expectedVersion }]);
    });
  }
}

function isLive({ changes }: CostCategory): boolean {
  return changes.at(-1)!.definition !== undefined;
}

function notFound(arn: string): Fault {
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  return new Fault('ResourceNotFoundException', `No Cost Categories found with ID ${id}`, { ResourceName: arn });
}

function exceeded(message: string): Fault {
  return new Fault('ServiceQuotaExceededException', message);
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
