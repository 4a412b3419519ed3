/** What every named thing of an account has. */
interface Named {
  readonly accountId: string;
  readonly id: string;
  readonly name: string;
}

/** Users, roles, groups or managed policies by account and name, letter case ignored, and by unique id. */
export class EntityTable<Entity extends Named> {
  readonly #byAccount = new Map<string, Map<string, Entity>>();
  readonly #byId = new Map<string, Entity>();

  /** Key of the entity's record: two names that differ in letter case alone are one name. */
  static keyOf(entity: Pick<Named, 'accountId' | 'name'>): string {
    return `${entity.accountId}/${entity.name.toLowerCase()}`;
  }

  get(accountId: string, name: string): Entity | undefined {
    return this.#byAccount.get(accountId)?.get(name.toLowerCase());
  }

  byId(id: string): Entity | undefined {
    return this.#byId.get(id);
  }

  /** All of one account, in no order. */
  of(accountId: string): Iterable<Entity> {
    return this.#byAccount.get(accountId)?.values() ?? [];
  }

  countOf(accountId: string): number {
    return this.#byAccount.get(accountId)?.size ?? 0;
  }

  /** Puts the entity in place, or takes it away when `entity` is absent; answers what was there before. */
  replace(key: string, entity: Entity | undefined): Entity | undefined {
    const slash = key.indexOf('/');
    const accountId = key.slice(0, slash);
    const name = key.slice(slash + 1);
    const names = this.#byAccount.get(accountId) ?? new Map<string, Entity>();
    this.#byAccount.set(accountId, names);
    const before = names.get(name);
    // A renamed entity keeps its id, and its new name may have been put before the old one goes.
    if (before && this.#byId.get(before.id) === before) this.#byId.delete(before.id);
    if (entity) {
      names.set(name, entity);
      this.#byId.set(entity.id, entity);
    } else {
      names.delete(name);
    }
    return before;
  }
}
