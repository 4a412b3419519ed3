import { setTimeout } from 'node:timers/promises';
import { type Gateway, StsSessions } from '../adapters/sts-sessions.ts';
import type { SessionConfig } from '../config/upstream-config.ts';
import type { Config } from '../config.ts';
import { SessionDirectory } from '../inference/session-directory.ts';
import type { RecordStore } from '../kernel/record-store.ts';
import { type Clock, HOUR_MS, SECOND_MS } from '../kernel/time.ts';
import { sessionRule } from './session-rule.ts';

/** Who begins the sessions, and where. */
interface Sts {
  readonly gateway: Gateway;
  readonly region: string;
  /** Absent: AWS's own, by region. */
  readonly stsEndpoint?: string | undefined;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/** Two hundred notes take some milliseconds, in which no request is answered. */
const WRITE_EVERY_MS = SECOND_MS;
const NOTES_PER_WRITE = 200;

/** Sessions that callers have at upstreams: who is behind which name, and what runs. */
export class UpstreamSessions {
  readonly directory: SessionDirectory;
  /** Names of the upstreams whose bill names principals. */
  readonly billing: readonly string[];
  readonly #running: StsSessions[] = [];
  readonly #onTrouble: (message: string) => void;
  #timers: readonly NodeJS.Timeout[] = [];

  constructor({ upstreams = [] }: Config, records: RecordStore, clock: Clock, onTrouble: (message: string) => void) {
    this.directory = new SessionDirectory(records, clock);
    this.billing = upstreams.filter(({ type }) => type === 'bedrock').map(({ name }) => name);
    this.#onTrouble = onTrouble;
  }

  /** Throws ConfigInvalid when an expression is not one. */
  open(upstream: string, config: SessionConfig, { gateway, region, stsEndpoint, clock, onTrouble }: Sts): StsSessions {
    const { onFailure, maxSessions, callsPerSecond, timeoutMs } = config;
    const sessions = new StsSessions({
      ...{ upstream, rule: sessionRule(config), directory: this.directory, gateway, onFailure, region },
      ...(stsEndpoint !== undefined && { endpoint: stsEndpoint }),
      ...{ maxSessions, callsPerSecond, timeoutMs, clock, onTrouble, random: Math.random },
      wait: (delayMs, signal) => setTimeout(delayMs, undefined, { signal }),
    });
    this.#running.push(sessions);
    return sessions;
  }

  /** Gives up the running sessions of a principal, or of all. Returns how many there were. */
  renew(principalArn?: string): number {
    return this.#running.reduce((count, sessions) => count + sessions.renew(principalArn), 0);
  }

  start(): void {
    this.directory.findStale();
    this.#timers = [
      setInterval(() => void this.#write(NOTES_PER_WRITE), WRITE_EVERY_MS).unref(),
      setInterval(() => this.directory.findStale(), HOUR_MS).unref(),
    ];
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#write(Number.POSITIVE_INFINITY);
  }

  /** What cannot be written now is known from the next session on. */
  async #write(count: number): Promise<void> {
    try {
      await this.directory.writeBegun(count);
    } catch (error) {
      this.#onTrouble(`sessions that have begun were not noted: ${(error as Error).message}`);
    }
  }
}
