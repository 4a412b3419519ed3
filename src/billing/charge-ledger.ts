import { createHash } from 'node:crypto';
import { Fault } from '../kernel/fault.ts';
import { type RecordChange, RecordConflict, type RecordStore } from '../kernel/record-store.ts';
import type { Charge } from './charge.ts';
import type { Credit } from './credit.ts';

const CHARGE_KIND = 'charge';
const CREDIT_KIND = 'credit';
/** Charges and credits that are kept: all of them are in memory. */
const RECORDS_MAX = 100_000;

/** What is kept of a charge. */
interface ChargeRecord extends Charge {
  /** False until the cost store is known to have its line item. */
  readonly isBooked: boolean;
}

/**
 * The charges that are no usage, and the credits that are drawn down. A charge is recorded first and booked as a line item
 * afterwards; what a crash left between the two is booked at the next start.
 */
export class ChargeLedger {
  readonly #records: RecordStore;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /** All charges, the oldest first. */
  charges(): ChargeRecord[] {
    return [...this.#records.all<ChargeRecord>(CHARGE_KIND)].map(({ body }) => body).sort(byCreation);
  }

  charge(chargeId: string): ChargeRecord | undefined {
    return this.#records.get<ChargeRecord>(CHARGE_KIND, chargeId)?.body;
  }

  credits(): Credit[] {
    return [...this.#records.all<Credit>(CREDIT_KIND)].map(({ body }) => body).sort(byCreation);
  }

  /** Charges whose line item may be missing in the store. */
  unbooked(period?: string): Charge[] {
    return this.charges().filter((one) => !one.isBooked && (period === undefined || one.period === period));
  }

  /**
   * Records a charge once: the same one again answers what is recorded.
   * Throws ValidationException when another one has its id, that is, its client token.
   */
  async addCharge(charge: Charge): Promise<ChargeRecord> {
    return this.#addOnce(CHARGE_KIND, charge.chargeId, { ...charge, isBooked: false });
  }

  /** As `addCharge`. */
  async addCredit(credit: Credit): Promise<Credit> {
    return this.#addOnce(CREDIT_KIND, credit.creditId, credit);
  }

  /** What to write to record charges that are not recorded yet, in a transaction of the caller's. */
  changesFor(charges: readonly Charge[]): RecordChange[] {
    return charges
      .filter(({ chargeId }) => this.charge(chargeId) === undefined)
      .map((charge) => ({ kind: CHARGE_KIND, key: charge.chargeId, body: { ...charge, isBooked: false } }));
  }

  async markBooked(chargeIds: readonly string[]): Promise<void> {
    const booked = chargeIds.flatMap((id) => this.charge(id) ?? []);
    await this.#records.write(
      booked.map((charge) => ({ kind: CHARGE_KIND, key: charge.chargeId, body: { ...charge, isBooked: true } })),
    );
  }

  async #addOnce<Body extends object>(kind: string, key: string, body: Body): Promise<Body> {
    const known = this.#records.get<Body>(kind, key)?.body;
    if (known) return sameOr(known, body);
    if (this.charges().length + this.credits().length >= RECORDS_MAX) {
      throw new Fault('ValidationException', `no more than ${RECORDS_MAX} charges and credits can be kept`);
    }
    try {
      await this.#records.write([{ kind, key, body, expectedVersion: 0 }]);
      return body;
    } catch (error) {
      const winner = error instanceof RecordConflict && this.#records.get<Body>(kind, key)?.body;
      if (!winner) throw error;
      return sameOr(winner, body);
    }
  }
}

/** The id of what a client made with a token, the same whenever it tries again. */
export function idOfToken(prefix: 'charge' | 'credit', clientToken: string): string {
  return `${prefix}-${createHash('sha256').update(clientToken).digest('hex').slice(0, 24)}`;
}

/** Members that differ between two tries of one request. */
const OF_THE_TRY = ['createdAtMs', 'bucketStartMs', 'isBooked', 'period', 'accountTags'];

function sameOr<Body extends object>(known: Body, asked: Body): Body {
  const content = (body: Body) =>
    JSON.stringify(
      Object.entries(body)
        .filter(([name]) => !OF_THE_TRY.includes(name))
        .sort(),
    );
  if (content(known) === content(asked)) return known;
  throw new Fault('ValidationException', 'the client token was used for another charge; use a new one');
}

function byCreation(a: { readonly createdAtMs: number }, b: { readonly createdAtMs: number }): number {
  return a.createdAtMs - b.createdAtMs;
}
