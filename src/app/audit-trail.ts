import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { FileAuditLog } from '../adapters/file-audit-log.ts';
import { RefusalTally } from '../audit/refusal-tally.ts';
import type { Config } from '../config.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import { type Clock, DAY_MS, MINUTE_MS } from '../kernel/time.ts';

const KEY_BYTES = 32;
/** The key of the chain is sealed in the directory, so that it outlives a change of the master key. */
const KEY_KIND = 'audit-key';
const KEY_NAME = 'chain';
const LOOK_EVERY_MS = MINUTE_MS;

export interface AuditTrailParts {
  readonly config: Config;
  readonly dataFolder: string;
  readonly records: RecordStore;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The audit log with what keeps it: counts of refused calls are written every minute, old days deleted. */
export class AuditTrail {
  readonly auditLog: FileAuditLog;
  readonly refusals = new RefusalTally(randomUUID);
  readonly #parts: AuditTrailParts;
  #timer: NodeJS.Timeout | undefined;

  private constructor(parts: AuditTrailParts, auditLog: FileAuditLog) {
    this.#parts = parts;
    this.auditLog = auditLog;
  }

  static async open(parts: AuditTrailParts): Promise<AuditTrail> {
    const { config, dataFolder, records, secretBox, clock, log } = parts;
    const sealed = records.get<{ readonly sealedKey: string }>(KEY_KIND, KEY_NAME)?.body.sealedKey;
    const key =
      sealed === undefined ? randomBytes(KEY_BYTES) : Buffer.from(secretBox.open(KEY_KIND, sealed), 'base64url');
    const auditLog = await FileAuditLog.open({
      folder: join(dataFolder, 'audit'),
      key,
      isNewKey: sealed === undefined,
      durability: config.durability,
      clock,
      onTrouble: (message) => log.error(message),
      onUnwritten: (record) => log.error({ record }, 'an audit record could not be written'),
    });
    if (sealed === undefined) {
      const sealedKey = secretBox.seal(KEY_KIND, key.toString('base64url'));
      await records.write([{ kind: KEY_KIND, key: KEY_NAME, body: { sealedKey } }]);
    }
    return new AuditTrail(parts, auditLog);
  }

  start(): void {
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const counts = this.refusals.drain(this.#parts.clock());
    // One that cannot be written is told to the log of the process.
    await Promise.allSettled(counts.map((count) => this.auditLog.append(count)));
    await this.auditLog.close();
  }

  async #look(): Promise<void> {
    const { clock, config, log } = this.#parts;
    await Promise.allSettled(this.refusals.due(clock()).map((count) => this.auditLog.append(count)));
    const { retentionDays } = config.audit;
    if (retentionDays === undefined) return;
    const oldest = new Date(clock() - retentionDays * DAY_MS).toISOString().slice(0, 10);
    try {
      for (const day of await this.auditLog.deleteBefore(oldest)) log.info(`audit records of ${day} deleted`);
    } catch (error) {
      log.error({ err: error }, 'old audit records cannot be deleted');
    }
  }
}
