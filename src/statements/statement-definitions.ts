import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, RecordConflict, type RecordStore } from '../kernel/record-store.ts';
import { checkDefinition, checkUnchanged } from './definition-check.ts';
import type { StatementDefinition } from './statement-definition.ts';
import type { StatementLedger } from './statement-ledger.ts';

const DEFINITION_KIND = 'statementDefinition';
/** Whose a prefix is; it stays with what was issued. */
const PREFIX_KIND = 'statementPrefix';
const DEFINITIONS_MAX = 200;

/** The definitions of statements that are kept. */
export class StatementDefinitions {
  readonly #records: RecordStore;
  readonly #ledger: StatementLedger;

  constructor(records: RecordStore, ledger: StatementLedger) {
    this.#records = records;
    this.#ledger = ledger;
  }

  /** By name. */
  all(): StatementDefinition[] {
    const all = Array.from(this.#records.all<StatementDefinition>(DEFINITION_KIND), ({ body }) => body);
    return all.sort((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1));
  }

  find(id: string): StatementDefinition | undefined {
    return this.#records.get<StatementDefinition>(DEFINITION_KIND, id)?.body;
  }

  /** Throws ResourceNotFoundException. */
  get(id: string): StatementDefinition {
    const definition = this.find(id);
    if (!definition) throw new Fault('ResourceNotFoundException', `there is no statement definition \`${id}\``);
    return definition;
  }

  /** Throws ValidationException, LimitExceededException, and ConflictException for a prefix that another has. */
  async create(definition: StatementDefinition): Promise<StatementDefinition> {
    checkDefinition(definition);
    if (this.all().length >= DEFINITIONS_MAX) {
      throw new Fault('LimitExceededException', `${DEFINITIONS_MAX} statement definitions are kept: delete one first`);
    }
    const { id, prefix } = definition;
    try {
      await this.#records.write([
        { kind: PREFIX_KIND, key: prefix, body: id, expectedVersion: 0 },
        { kind: DEFINITION_KIND, key: id, body: definition, expectedVersion: 0 },
      ]);
    } catch (error) {
      if (error instanceof RecordConflict) throw prefixTaken(prefix);
      throw error;
    }
    return definition;
  }

  /** Throws as `create`, and ConflictException for a change of what was issued. */
  change(id: string, next: (before: StatementDefinition) => StatementDefinition): Promise<StatementDefinition> {
    return anewOnConflict(async () => {
      const before = this.get(id);
      const record = this.#records.get(DEFINITION_KIND, id)!;
      const definition = next(before);
      checkDefinition(definition);
      if (this.#ledger.runs(id).length > 0) checkUnchanged(before, definition);
      const isRenamed = before.prefix !== definition.prefix;
      if (isRenamed && this.#records.get(PREFIX_KIND, definition.prefix)) throw prefixTaken(definition.prefix);
      await this.#records.write([
        { kind: DEFINITION_KIND, key: id, body: definition, expectedVersion: record.version },
        ...(isRenamed
          ? [
              { kind: PREFIX_KIND, key: before.prefix },
              { kind: PREFIX_KIND, key: definition.prefix, body: id, expectedVersion: 0 },
            ]
          : []),
      ]);
      return definition;
    });
  }

  /** Throws ConflictException when something was issued: statements need what they were issued by. */
  async delete(id: string): Promise<void> {
    const { name, prefix } = this.get(id);
    if (this.#ledger.runs(id).length > 0) {
      throw new Fault('ConflictException', `statements of \`${name}\` were issued, so the definition stays`);
    }
    await this.#records.write([
      { kind: DEFINITION_KIND, key: id },
      { kind: PREFIX_KIND, key: prefix },
    ]);
  }
}

function prefixTaken(prefix: string): Fault {
  return new Fault('ConflictException', `the prefix \`${prefix}\` is another definition's: choose one of its own`);
}
