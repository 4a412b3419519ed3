import type { Caller } from '../identity/principal.ts';
import { ScopeIndex } from './scope-index.ts';
import { type SpendScope, subjectOf } from './spend-scope.ts';

/**
 * Entries by whose call it is, each caller's looked for once: callers stay the same objects until what identifies them
 * changes, and so do the tags and ARNs that scopes look at.
 */
export class CallIndex<Entry extends { readonly scope: SpendScope }> {
  readonly #index: ScopeIndex<Entry>;
  readonly #found = new WeakMap<Caller, Map<string, readonly Entry[]>>();

  constructor(entries: Iterable<Entry>) {
    this.#index = new ScopeIndex(entries);
  }

  matching(caller: Caller, modelId: string): readonly Entry[] {
    let ofCaller = this.#found.get(caller);
    if (!ofCaller) {
      ofCaller = new Map();
      this.#found.set(caller, ofCaller);
    }
    let found = ofCaller.get(modelId);
    if (!found) {
      found = this.#index.matching(subjectOf(caller, modelId));
      ofCaller.set(modelId, found);
    }
    return found;
  }
}
