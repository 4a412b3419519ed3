/** Records by key and by owner: keys of a user, providers of an account. */
export class OwnedTable<Entity> {
  readonly #byKey = new Map<string, Entity>();
  readonly #byOwner = new Map<string, Map<string, Entity>>();
  readonly #ownerOf: (entity: Entity) => string;

  constructor(ownerOf: (entity: Entity) => string) {
    this.#ownerOf = ownerOf;
  }

  get(key: string): Entity | undefined {
    return this.#byKey.get(key);
  }

  values(): Iterable<Entity> {
    return this.#byKey.values();
  }

  /** All of one owner, in no order. */
  of(ownerId: string): Iterable<Entity> {
    return this.#byOwner.get(ownerId)?.values() ?? [];
  }

  /** Puts the entity in place, or takes it away when `entity` is absent; answers what was there before. */
  replace(key: string, entity: Entity | undefined): Entity | undefined {
    const before = this.#byKey.get(key);
    if (before) {
      const ownerId = this.#ownerOf(before);
      const owned = this.#byOwner.get(ownerId);
      owned?.delete(key);
      if (owned?.size === 0) this.#byOwner.delete(ownerId);
    }
    if (!entity) {
      this.#byKey.delete(key);
      return before;
    }
    this.#byKey.set(key, entity);
    const ownerId = this.#ownerOf(entity);
    const owned = this.#byOwner.get(ownerId) ?? new Map<string, Entity>();
    this.#byOwner.set(ownerId, owned.set(key, entity));
    return before;
  }
}
