import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, type RecordStore } from '../kernel/record-store.ts';

/** What somebody keeps, for themselves or for everybody of their account. */
export interface Owned {
  readonly id: string;
  readonly accountId: string;
  /** ARN of who made it: a user, or a role session with its name. */
  readonly ownerArn: string;
  /** False: the owner alone sees it. */
  readonly isShared: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Who asks. */
export interface Viewer {
  readonly arn: string;
  readonly accountId: string;
}

export interface OwnedRecordsParts {
  readonly records: RecordStore;
  readonly kind: string;
  /** In messages: `saved view`. */
  readonly noun: string;
  readonly ownerMax: number;
  readonly accountMax: number;
}

/** Owned records of one kind on the record store. Whose may be changed by whom is decided by whoever calls. */
export class OwnedRecords<Body extends Owned> {
  readonly #parts: OwnedRecordsParts;

  constructor(parts: OwnedRecordsParts) {
    this.#parts = parts;
  }

  find(accountId: string, id: string): Body | undefined {
    return this.#parts.records.get<Body>(this.#parts.kind, keyOf(accountId, id))?.body;
  }

  /** The viewer's own, and those that others of the account share; in no order. */
  visibleTo({ arn, accountId }: Viewer): Body[] {
    return this.#ofAccount(accountId).filter(({ ownerArn, isShared }) => isShared || ownerArn === arn);
  }

  /** Throws LimitExceededException when the owner, or the account, keeps as many as it may. */
  async create(body: Body): Promise<void> {
    const { records, kind, noun, ownerMax, accountMax } = this.#parts;
    const known = this.#ofAccount(body.accountId);
    const own = known.filter(({ ownerArn }) => ownerArn === body.ownerArn);
    if (own.length >= ownerMax) throw tooMany(`you keep ${ownerMax} ${noun}s already: delete one first`);
    if (known.length >= accountMax) throw tooMany(`the account keeps ${accountMax} ${noun}s already: delete one first`);
    await records.write([{ kind, key: keyOf(body.accountId, body.id), body, expectedVersion: 0 }]);
  }

  /** Throws ResourceNotFoundException. */
  change(accountId: string, id: string, next: (before: Body) => Body): Promise<Body> {
    const { records, kind } = this.#parts;
    const key = keyOf(accountId, id);
    return anewOnConflict(async () => {
      const record = records.get<Body>(kind, key);
      if (!record) throw this.#missing(id);
      const body = next(record.body);
      await records.write([{ kind, key, body, expectedVersion: record.version }]);
      return body;
    });
  }

  /** Throws ResourceNotFoundException. */
  async delete(accountId: string, id: string): Promise<void> {
    if (!this.find(accountId, id)) throw this.#missing(id);
    await this.#parts.records.write([{ kind: this.#parts.kind, key: keyOf(accountId, id) }]);
  }

  #ofAccount(accountId: string): Body[] {
    const all = this.#parts.records.all<Body>(this.#parts.kind);
    return Array.from(all, ({ body }) => body).filter((body) => body.accountId === accountId);
  }

  #missing(id: string): Fault {
    return new Fault('ResourceNotFoundException', `there is no ${this.#parts.noun} \`${id}\``);
  }
}

function keyOf(accountId: string, id: string): string {
  return `${accountId}/${id}`;
}

function tooMany(message: string): Fault {
  return new Fault('LimitExceededException', message);
}
