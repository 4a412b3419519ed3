import { join } from 'node:path';
import { FileJournal } from '../../src/adapters/file-journal.ts';
import { totalInputTokens } from '../../src/inference/token-usage.ts';
import { Fault } from '../../src/kernel/fault.ts';
import type { Admission } from '../../src/metering/usage-event.ts';
import type { Founded } from './founding.ts';
import { incidents } from './incidents.ts';
import { type PastCall, PastCalls } from './past-calls.ts';
import { dayMs } from './timeline.ts';
import { WORKLOADS } from './workloads.ts';

/** What the journal was given, to know when the cost store has all of it. */
export interface WrittenHistory {
  readonly events: number;
  /** Of calls that cost something, those that the next start will find interrupted among them. */
  readonly tokens: number;
}

/** Calls that are admitted and settled together: what the journal can have in flight. */
const CALLS_AT_ONCE = 500;
const ROOM_WAIT_MS = 10;

/**
 * Writes the calls of the days before `nowMs` with the journal's own writer, as the request path would have: admitted, then
 * settled. The server that starts next reads, rates, itemizes and stores them. No server may run meanwhile.
 */
export async function writeHistory(parts: {
  readonly dataFolder: string;
  readonly founded: Founded;
  readonly nowMs: number;
  readonly days: number;
  /** Calls as a share of the full history's. */
  readonly scale: number;
}): Promise<WrittenHistory> {
  const { dataFolder, nowMs, days, scale } = parts;
  const calls = new PastCalls(parts.founded, nowMs);
  const folder = join(dataFolder, 'journal');
  const journal = await FileJournal.open({ folder, durability: 'os', onDurable: () => {} });
  let events = 0;
  let tokens = 0;
  for (let daysAgo = days; daysAgo >= 0; daysAgo--) {
    const usual = WORKLOADS.flatMap((workload) => calls.ofDay(workload, daysAgo, scale));
    const day = [...usual, ...incidents(calls, daysAgo, scale)]
      .filter(({ event }) => event.endedAtMs < nowMs && event.admittedAtMs >= dayMs(nowMs, days))
      .sort((a, b) => a.event.endedAtMs - b.event.endedAtMs);
    for (let at = 0; at < day.length; at += CALLS_AT_ONCE) await write(day.slice(at, at + CALLS_AT_ONCE), journal);
    events += day.length;
    for (const { event } of day) tokens += totalInputTokens(event.usage) + event.usage.outputTokens;
  }
  for (const admission of calls.inFlight()) {
    await admit(admission, journal);
    tokens += admission.inputTokensEstimate;
    events++;
  }
  await journal.close();
  return { events, tokens };
}

async function write(calls: readonly PastCall[], journal: FileJournal): Promise<void> {
  await Promise.all(calls.map(({ admission }) => admit(admission, journal)));
  await Promise.all(calls.map(({ event }) => journal.settle(event)));
}

/** The journal prepares its next file while calls go on; one that comes too early is turned away. */
async function admit(admission: Admission, journal: FileJournal): Promise<void> {
  for (;;) {
    try {
      return await journal.admit(admission);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'ServiceUnavailableException') throw error;
      await new Promise((resolve) => setTimeout(resolve, ROOM_WAIT_MS));
    }
  }
}
