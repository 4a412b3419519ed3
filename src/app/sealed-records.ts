import { setImmediate } from 'node:timers/promises';
import type { MasterKeySecretBox } from '../adapters/master-key-secret-box.ts';
import { RecordConflict, type RecordStore, type StoredRecord } from '../kernel/record-store.ts';
import type { KeptPurpose } from '../kernel/secret-box.ts';

type Body = Readonly<Record<string, unknown>>;

/** Where sealed texts are kept: the kind of the record and the member of its body. A purpose without a place does not compile. */
const PLACES: Readonly<Record<KeptPurpose, { readonly kind: string; readonly member: string }>> = {
  'access-key': { kind: 'access-key', member: 'sealedSecret' },
  'audit-key': { kind: 'audit-key', member: 'sealedKey' },
};

/** Records of one transaction; between two of them requests are answered. */
const BATCH = 200;

export interface Resealed {
  /** Sealed anew under the current master key. */
  readonly resealed: number;
  /** Records that no master key here opens; they are left as they are. */
  readonly unopened: number;
}

/** Seals everything that another key sealed under the current one. May be broken off anywhere and run again. */
export async function resealRecords(records: RecordStore, box: MasterKeySecretBox): Promise<Resealed> {
  let resealed = 0;
  const unopened = new Set<string>();
  for (const [purpose, { kind, member }] of Object.entries(PLACES) as [KeptPurpose, (typeof PLACES)[KeptPurpose]][]) {
    for (;;) {
      const batch = staleRecords(records, box, kind, member, unopened).slice(0, BATCH);
      if (batch.length === 0) break;
      resealed += await resealBatch(records, box, { purpose, kind, member, batch, unopened });
      await setImmediate();
    }
  }
  return { resealed, unopened: unopened.size };
}

/** Sealed texts that the current master key does not open. */
export function staleCount(records: RecordStore, box: MasterKeySecretBox): number {
  const none = new Set<string>();
  return Object.values(PLACES).reduce(
    (sum, { kind, member }) => sum + staleRecords(records, box, kind, member, none).length,
    0,
  );
}

function staleRecords(
  records: RecordStore,
  box: MasterKeySecretBox,
  kind: string,
  member: string,
  except: ReadonlySet<string>,
): StoredRecord<Body>[] {
  return [...records.all<Body>(kind)].filter(
    ({ key, body }) => !except.has(`${kind} ${key}`) && !box.isSealedUnderCurrent(body[member] as string),
  );
}

async function resealBatch(
  records: RecordStore,
  box: MasterKeySecretBox,
  stale: {
    readonly purpose: KeptPurpose;
    readonly kind: string;
    readonly member: string;
    readonly batch: readonly StoredRecord<Body>[];
    /** Is added to. */
    readonly unopened: Set<string>;
  },
): Promise<number> {
  const { purpose, kind, member, batch, unopened } = stale;
  const changes = batch.flatMap(({ key, version, body }) => {
    try {
      const sealed = box.seal(purpose, box.open(purpose, body[member] as string));
      return [{ kind, key, body: { ...body, [member]: sealed }, expectedVersion: version }];
    } catch {
      unopened.add(`${kind} ${key}`);
      return [];
    }
  });
  try {
    await records.write(changes);
    return changes.length;
  } catch (error) {
    // One of them was changed meanwhile: the next round reads them again.
    if (error instanceof RecordConflict) return 0;
    throw error;
  }
}
