import { join, resolve } from 'node:path';
import { parseMasterKey, runMasterKeyCommand } from '../adapters/master-key-command.ts';
import { MasterKeyFile, readKeyFile } from '../adapters/master-key-file.ts';
import { MasterKeySecretBox, masterKeyId } from '../adapters/master-key-secret-box.ts';
import type { Config, MasterKeySource } from '../config.ts';
import { Fault } from '../kernel/fault.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import type { MasterKeyStatus, PreviousKeyStatus } from '../kernel/secret-box.ts';
import { type Clock, HOUR_MS } from '../kernel/time.ts';
import { type Resealed, resealRecords, staleCount } from './sealed-records.ts';

/** The longest that a session lives (GetSessionToken, GetFederationToken): so long is a previous key needed. */
const LONGEST_SESSION_MS = 36 * HOUR_MS;
/** Texts of the older format are tried with every key. */
const PREVIOUS_MAX = 8;

export interface MasterKeysParts {
  readonly config: Config;
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly records: RecordStore;
  readonly clock: Clock;
}

/**
 * The master keys of this installation, from a file, an environment variable or a command. A change needs nothing but that
 * the new key is the current one and the old one is among the previous ones: whatever the old one sealed is sealed anew,
 * now or at the next start, and sessions under it go on.
 */
export class MasterKeys {
  readonly box: MasterKeySecretBox;
  readonly #parts: MasterKeysParts;
  /** Absent when the key comes from somewhere else. */
  readonly #file: MasterKeyFile | undefined;
  #current: Buffer;
  readonly #configured: readonly Buffer[];
  #isChanging = false;
  #onDrop = () => {};

  private constructor(parts: MasterKeysParts, current: Buffer, configured: readonly Buffer[], file?: MasterKeyFile) {
    this.#parts = parts;
    this.#current = current;
    this.#configured = configured;
    this.#file = file;
    this.box = new MasterKeySecretBox(current, this.#previous());
  }

  /** Throws ConfigInvalid when a key cannot be had. */
  static async open(parts: MasterKeysParts): Promise<MasterKeys> {
    const { config, dataFolder, environment } = parts;
    const source = sourceOf(config, dataFolder);
    const configured: Buffer[] = [];
    for (const previous of config.previousMasterKeys ?? []) configured.push(await readKey(previous, environment));
    if (!('file' in source)) return new MasterKeys(parts, await readKey(source, environment), configured);
    const file = new MasterKeyFile(resolve(source.file));
    return new MasterKeys(parts, file.current(), configured, file);
  }

  /** `forget` is called when keys are gone: what was opened with them is not good any more. */
  onDrop(forget: () => void): void {
    this.#onDrop = forget;
  }

  reseal(): Promise<Resealed> {
    return resealRecords(this.#parts.records, this.box);
  }

  status(): MasterKeyStatus {
    const kept = this.#keptFiles().map(({ bytes, retiredAtMs }): PreviousKeyStatus => {
      return { keyId: masterKeyId(bytes), retiredAtMs, neededUntilMs: retiredAtMs + LONGEST_SESSION_MS };
    });
    const configured = this.#configured.map((bytes): PreviousKeyStatus => ({ keyId: masterKeyId(bytes) }));
    return {
      source: sourceName(this.#parts.config),
      keyId: masterKeyId(this.#current),
      previous: [...kept, ...configured],
      sealedUnderPrevious: staleCount(this.#parts.records, this.box),
    };
  }

  /** Puts a new key in the file, and seals everything anew under it. */
  async rotate(): Promise<Resealed> {
    const file = this.#requireFile('give the new key there');
    if (this.#previous().length >= PREVIOUS_MAX) {
      const text = `there are ${PREVIOUS_MAX} previous master keys already: run \`tallyline master-key drop\` first`;
      throw new Fault('ValidationException', text);
    }
    return await this.#change(async () => {
      file.keepCurrent(masterKeyId(this.#current));
      file.replace();
      this.#useFile(file);
      return await this.reseal();
    });
  }

  /**
   * Forgets the previous keys in the file's place. Refused while sessions under them may live, unless they are to end now.
   * Returns their ids.
   */
  async drop(endsSessions: boolean): Promise<string[]> {
    const file = this.#requireFile('take the old ones out of `previousMasterKeys` in the configuration');
    return await this.#change(async () => {
      const kept = this.#keptFiles();
      const neededUntilMs = Math.max(0, ...kept.map(({ retiredAtMs }) => retiredAtMs + LONGEST_SESSION_MS));
      if (!endsSessions && this.#parts.clock() < neededUntilMs) {
        const until = new Date(neededUntilMs).toISOString();
        const text = `sessions under a previous master key may live until \`${until}\`: wait, or end them now with --now`;
        throw new Fault('ValidationException', text);
      }
      await this.reseal();
      const stale = staleCount(this.#parts.records, this.box);
      if (stale > 0) {
        const text = `${stale} secrets are not under the current master key and cannot be sealed anew: restore the key they need`;
        throw new Fault('ValidationException', text);
      }
      file.dropPrevious();
      this.#useFile(file);
      this.#onDrop();
      return kept.map(({ bytes }) => masterKeyId(bytes));
    });
  }

  /** One change at a time. */
  async #change<Result>(change: () => Promise<Result>): Promise<Result> {
    if (this.#isChanging) throw new Fault('ValidationException', 'the master key is being changed already');
    this.#isChanging = true;
    try {
      return await change();
    } finally {
      this.#isChanging = false;
    }
  }

  #useFile(file: MasterKeyFile): void {
    this.#current = file.current();
    this.box.useKeys(this.#current, this.#previous());
  }

  #previous(): Buffer[] {
    return [...this.#keptFiles().map(({ bytes }) => bytes), ...this.#configured];
  }

  /** Not the current one, which a change that was broken off has left there. */
  #keptFiles(): { bytes: Buffer; retiredAtMs: number }[] {
    return (this.#file?.previous() ?? []).filter(({ bytes }) => !bytes.equals(this.#current));
  }

  #requireFile(advice: string): MasterKeyFile {
    if (this.#file) return this.#file;
    const source = sourceName(this.#parts.config);
    throw new Fault('ValidationException', `the master key comes from ${source}: ${advice} and restart`);
  }
}

function sourceOf(config: Config, dataFolder: string): MasterKeySource {
  if (config.masterKeyEnv !== undefined) return { env: config.masterKeyEnv };
  return config.masterKey ?? { file: join(dataFolder, 'master.key') };
}

/** Where the key comes from, in a few words that name no secret. */
function sourceName(config: Config): string {
  const source = sourceOf(config, '');
  if ('env' in source) return `the environment variable \`${source.env}\``;
  if ('command' in source) return `the command \`${source.command[0]}\``;
  return `the file \`${source.file}\``;
}

async function readKey(
  source: MasterKeySource,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Buffer> {
  if ('file' in source) return readKeyFile(resolve(source.file));
  if ('command' in source) {
    return await runMasterKeyCommand({ argv: source.command, timeoutMs: source.timeoutMs ?? 10_000, environment });
  }
  const text = environment[source.env];
  if (text === undefined) {
    const what = `the master key is to be in the environment variable \`${source.env}\`, which is not set`;
    throw new Fault('ConfigInvalid', what);
  }
  return parseMasterKey(text.trim(), `the master key in \`${source.env}\``);
}
