import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, type RecordStore } from '../kernel/record-store.ts';
import {
  type HardBudget,
  type HardBudgetDraft,
  hardBudgetOf,
  readAmount,
  type TemporaryIncrease,
} from './hard-budget.ts';
import { isInForce, type SpendStop } from './spend-stop.ts';

const BUDGET_KIND = 'hard-budget';
const STOP_KIND = 'spend-stop';

const MAX_BUDGETS = 1_000;
const MAX_STOPS = 1_000;
const MAX_INCREASES = 20;

/** Budgets and stops as they are kept: durable before they are answered, and seen by every node within a second. */
export class AdmissionRecords {
  readonly #records: RecordStore;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /** Calls back after every change of a budget or stop, of other nodes as well. */
  watch(onChange: () => void): void {
    this.#records.watch((changes) => {
      if (changes.some(({ kind }) => kind === BUDGET_KIND || kind === STOP_KIND)) onChange();
    });
  }

  /** By name. */
  budgets(): HardBudget[] {
    return this.#all<HardBudget>(BUDGET_KIND).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  budget(name: string): HardBudget {
    const record = this.#records.get<HardBudget>(BUDGET_KIND, name);
    if (!record) throw noBudget(name);
    return record.body;
  }

  /** Throws ValidationException for a definition that makes no sense, or a name that is taken. */
  async create(draft: HardBudgetDraft, isDeclared = false): Promise<HardBudget> {
    const budget: HardBudget = { ...hardBudgetOf(draft), increases: [], isDeclared };
    const { name } = budget;
    if (this.budgets().length >= MAX_BUDGETS) throw invalid(`no more than ${MAX_BUDGETS} hard budgets can be kept`);
    return anewOnConflict(async () => {
      if (this.#records.get(BUDGET_KIND, name)) throw invalid(`there is a hard budget \`${name}\` already`);
      await this.#records.write([{ kind: BUDGET_KIND, key: name, body: budget, expectedVersion: 0 }]);
      return budget;
    });
  }

  /** Puts a whole definition in place of the old one; increases stay. */
  update(draft: HardBudgetDraft): Promise<HardBudget> {
    return this.#change(draft.name, (before) => {
      requireOwn(before);
      return { ...hardBudgetOf(draft), increases: before.increases, isDeclared: false };
    });
  }

  async delete(name: string): Promise<void> {
    requireOwn(this.budget(name));
    await this.#records.write([{ kind: BUDGET_KIND, key: name }]);
  }

  increase(name: string, increase: TemporaryIncrease): Promise<HardBudget> {
    return this.#change(name, (before) => {
      readAmount(increase.amount, before.unit);
      const inForce = before.increases.filter(({ expiresAtMs }) => expiresAtMs > increase.createdAtMs);
      if (inForce.length >= MAX_INCREASES) throw invalid(`no more than ${MAX_INCREASES} increases can be in force`);
      return { ...before, increases: [...inForce, increase] };
    });
  }

  /** Ends an increase at once. */
  endIncrease(name: string, id: string): Promise<HardBudget> {
    return this.#change(name, (before) => {
      const increases = before.increases.filter((one) => one.id !== id);
      if (increases.length === before.increases.length) throw notFound(`\`${name}\` has no increase \`${id}\``);
      return { ...before, increases };
    });
  }

  /** Brings the budgets of the configuration in line with it; the others stay. */
  async declare(drafts: readonly HardBudgetDraft[]): Promise<void> {
    const names = new Set(drafts.map(({ name }) => name));
    if (names.size < drafts.length) throw invalid('two hard budgets have one name');
    for (const draft of drafts) {
      const before = this.#records.get<HardBudget>(BUDGET_KIND, draft.name)?.body;
      if (!before) await this.create(draft, true);
      else await this.#change(draft.name, ({ increases }) => ({ ...hardBudgetOf(draft), increases, isDeclared: true }));
    }
    const gone = this.budgets().filter(({ name, isDeclared }) => isDeclared && !names.has(name));
    if (gone.length > 0) await this.#records.write(gone.map(({ name }) => ({ kind: BUDGET_KIND, key: name })));
  }

  /** Those that are in force, newest first. */
  stops(nowMs: number): SpendStop[] {
    return this.#all<SpendStop>(STOP_KIND)
      .filter((stop) => isInForce(stop, nowMs))
      .sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  async stop(stop: SpendStop): Promise<void> {
    const over = this.#all<SpendStop>(STOP_KIND).filter((one) => !isInForce(one, stop.createdAtMs));
    if (this.stops(stop.createdAtMs).length >= MAX_STOPS)
      throw invalid(`no more than ${MAX_STOPS} stops can be in force`);
    await this.#records.write([
      { kind: STOP_KIND, key: stop.id, body: stop },
      ...over.map(({ id }) => ({ kind: STOP_KIND, key: id })),
    ]);
  }

  /** Lifts a stop; returns what it was. */
  async resume(id: string): Promise<SpendStop> {
    const stop = this.#records.get<SpendStop>(STOP_KIND, id)?.body;
    if (!stop) throw notFound(`there is no stop \`${id}\``);
    await this.#records.write([{ kind: STOP_KIND, key: id }]);
    return stop;
  }

  #all<Body>(kind: string): Body[] {
    return [...this.#records.all<Body>(kind)].map(({ body }) => body);
  }

  #change(name: string, next: (before: HardBudget) => HardBudget): Promise<HardBudget> {
    return anewOnConflict(async () => {
      const record = this.#records.get<HardBudget>(BUDGET_KIND, name);
      if (!record) throw noBudget(name);
      const body = next(record.body);
      if (JSON.stringify(body) === JSON.stringify(record.body)) return body;
      await this.#records.write([{ kind: BUDGET_KIND, key: name, body, expectedVersion: record.version }]);
      return body;
    });
  }
}

function requireOwn({ name, isDeclared }: HardBudget): void {
  if (isDeclared) throw invalid(`the configuration declares \`${name}\`: change it there`);
}

function noBudget(name: string): Fault {
  return notFound(`there is no hard budget \`${name}\``);
}

function notFound(message: string): Fault {
  return new Fault('ResourceNotFoundException', message);
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
