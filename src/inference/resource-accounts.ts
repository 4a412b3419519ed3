/** For all ids that are not named, and for every account. */
const ALL = '*';

/**
 * Which accounts may use the guardrails or the knowledge bases of an upstream, by id. An upstream knows one owner of them,
 * whoever calls through the gateway; nobody else keeps accounts apart there.
 */
export class ResourceAccounts {
  readonly #accounts: ReadonlyMap<string, readonly string[]>;
  readonly #isManagement: (accountId: string) => boolean;

  /** An id that is not named, where `*` is not either, is the management account's alone. */
  constructor(accounts: Readonly<Record<string, readonly string[]>>, isManagement: (accountId: string) => boolean) {
    this.#accounts = new Map(Object.entries(accounts));
    this.#isManagement = isManagement;
  }

  has(accountId: string, id: string): boolean {
    const named = this.#accounts.get(id) ?? this.#accounts.get(ALL);
    if (!named) return this.#isManagement(accountId);
    return named.includes(ALL) || named.includes(accountId);
  }
}
