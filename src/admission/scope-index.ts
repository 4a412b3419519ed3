import { compileScope, type SpendScope, type SpendSubject } from './spend-scope.ts';

interface Indexed<Entry> {
  readonly entry: Entry;
  readonly matches: (subject: SpendSubject) => boolean;
}

/**
 * Finds the entries whose scope matches a call without looking at the others: each lies under the values of one member of its
 * scope that have no wildcards, the member that tells most callers apart. Only scopes made of nothing but wildcards are all
 * looked at.
 */
export class ScopeIndex<Entry extends { readonly scope: SpendScope }> {
  readonly #byPlace = new Map<string, Indexed<Entry>[]>();
  readonly #tagKeys = new Set<string>();
  readonly #everywhere: Indexed<Entry>[] = [];

  constructor(entries: Iterable<Entry>) {
    for (const entry of entries) {
      const indexed = { entry, matches: compileScope(entry.scope) };
      const places = placesOf(entry.scope);
      for (const place of places ?? []) {
        const there = this.#byPlace.get(place);
        if (there) there.push(indexed);
        else this.#byPlace.set(place, [indexed]);
      }
      if (!places) this.#everywhere.push(indexed);
      for (const [key] of entry.scope.tags ?? []) this.#tagKeys.add(key);
    }
  }

  matching(subject: SpendSubject): Entry[] {
    const found: Entry[] = [];
    const look = (there: readonly Indexed<Entry>[] | undefined) => {
      for (const { entry, matches } of there ?? []) if (matches(subject)) found.push(entry);
    };
    look(this.#byPlace.get(`key/${subject.keyId}`));
    look(this.#byPlace.get(`principal/${subject.principalArn}`));
    for (const key of this.#tagKeys) {
      const value = subject.tags.get(key);
      if (value !== undefined) look(this.#byPlace.get(tagPlace(key, value)));
    }
    look(this.#byPlace.get(`role/${subject.roleArn}`));
    look(this.#byPlace.get(`account/${subject.accountId}`));
    look(this.#byPlace.get(`model/${subject.modelId}`));
    look(this.#everywhere);
    return found;
  }
}

/** Where a scope is found; undefined when it has no member without wildcards. */
function placesOf(scope: SpendScope): ReadonlySet<string> | undefined {
  const [firstTag] = scope.tags ?? [];
  const tagsOfKey = scope.tags?.filter(([key]) => key === firstTag?.[0]);
  const candidates = [
    scope.keys?.map((value) => ['key', value]),
    scope.principals?.map((value) => ['principal', value]),
    tagsOfKey?.map(([key, value]) => ['tag', value, tagPlace(key, value)]),
    scope.roles?.map((value) => ['role', value]),
    scope.accounts?.map((value) => ['account', value]),
    scope.models?.map((value) => ['model', value]),
  ];
  const exact = candidates.find((values) => values?.every(([, value]) => !/[*?]/.test(value!)));
  return exact && new Set(exact.map(([kind, value, place]) => place ?? `${kind}/${value}`));
}

function tagPlace(key: string, value: string): string {
  return `tag/${key}\n${value}`;
}
