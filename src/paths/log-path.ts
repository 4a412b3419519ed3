import type { ImportLedger } from '../imports/import-ledger.ts';
import type { BillImport, BillSource } from '../imports/import-records.ts';
import { ImportRefused } from '../imports/import-refused.ts';
import { type FoundLog, findLog, type LogHour, logHours } from '../imports/log-layout.ts';
import { marked, mayHaveNews, newFiles } from '../imports/log-marks.ts';
import { type LogSource, logUpstream } from '../imports/log-source.ts';
import { added, type LogTally, NOTHING_READ, withNote } from '../imports/log-tally.ts';
import type { SourceFile, SourceFiles, Unpack } from '../imports/source-files.ts';
import { totalInputTokens } from '../inference/token-usage.ts';
import type { Clock } from '../kernel/time.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { PastCalls } from '../metering/usage-journal.ts';
import type { CostStore } from '../reports/cost-store.ts';
import type { ImportProgress } from './import-path/import-parts.ts';
import { knownCalls } from './log-path/known-calls.ts';
import { checkLog } from './log-path/log-check.ts';
import { type LogFile, readLogFile } from './log-path/log-file.ts';
import type { LoggedCallers } from './log-path/logged-callers.ts';

export { checkLog, type LoggedCallers };

export interface LogPathParts {
  readonly ledger: ImportLedger;
  readonly files: SourceFiles;
  readonly unpack: Unpack;
  readonly callers: LoggedCallers;
  readonly journal: PastCalls;
  /** Resolves when what is in the journal is in the store. */
  readonly ship: () => Promise<unknown>;
  readonly store: Pick<CostStore, 'query'>;
  readonly nodeId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: ImportProgress;
}

/** Calls that are handed over together: so many that the cost thread does not wait for more. */
const CALLS_AT_ONCE = 4_000;
/** Files that are read ahead of their turn: most are small and far away. */
const FILES_AHEAD = 8;

/**
 * One import of a model invocation log: find > count > read > leave out what is known > note in the journal > ship > remember,
 * some files at a time. From the journal on, a call goes the way of every other one. What is cut off is read again from where
 * it was, and what is in the ledger by then is known by its request id. Throws ImportRefused.
 */
export async function runLogImport(
  one: BillImport,
  source: BillSource,
  log: FoundLog,
  parts: LogPathParts,
): Promise<void> {
  const { ledger, ship, nodeId, progress, clock } = parts;
  await ship();
  let record = await ledger.takeLog(source.id, (before) => {
    refuseHeld(ledger, nodeId);
    const goesOn = before?.markedBy === one.id || (before && one.cause === 'watch');
    return {
      ...{ sourceId: source.id, tally: before?.tally ?? NOTHING_READ, markedBy: one.id },
      ...{ marks: goesOn ? before.marks : {}, handingOverAt: nodeId },
    };
  });
  await count(source, log, record, parts);
  progress.step = 'reading';
  let waiting: LogFile[] = [];
  let whole = one.log ?? NOTHING_READ;
  const flush = async () => {
    const tally = await handOver(waiting, source, parts);
    waiting = [];
    whole = added(whole, tally);
    record = { ...record, tally: added(record.tally, tally) };
    await ledger.putLog(record);
    await ledger.changeImport(one.id, (stored) => ({ ...stored, log: whole }));
  };
  const fileParts = { ...parts, nowMs: clock() };
  for await (const { hour, files } of newsOf(source.location, log, record, parts.files)) {
    let read: SourceFile[] = [];
    const mark = () => {
      record = { ...record, marks: marked(hour, read, record.marks) };
      read = [];
    };
    for await (const file of inTurn(files, (next) => readLogFile(next, fileParts))) {
      parts.signal.throwIfAborted();
      waiting.push(file);
      read.push(file.file);
      progress.filesDone += 1;
      progress.bytesDone += file.file.sizeBytes;
      progress.rowsDone += file.tally.records;
      if (waiting.reduce((sum, { calls }) => sum + calls.length, 0) < CALLS_AT_ONCE) continue;
      mark();
      await flush();
    }
    if (read.length > 0) mark();
  }
  await flush();
  await ledger.settleLog(source.id);
}

/** Of calls in the journal of another node the store does not know yet; a log at another place may have them, too. */
function refuseHeld(ledger: ImportLedger, nodeId: string): void {
  const held = ledger.logs().find(({ handingOverAt = nodeId }) => handingOverAt !== nodeId);
  if (!held) return;
  const location = ledger.source(held.sourceId)?.location;
  const text = `calls of the log at \`${location}\` may be in the journal of node \`${held.handingOverAt}\`: start it once, and import again; where it is lost, remove that source first (\`tallyline bill-source remove ${held.sourceId}\`)`;
  throw new ImportRefused([{ text }]);
}

/** True where the watch has something to read. */
export async function hasLogNews(location: string, record: LogSource, files: SourceFiles): Promise<boolean> {
  for await (const _ of newsOf(location, await findLog(files, location), record, files)) return true;
  return false;
}

/** Hours with files that were not read yet. */
async function* newsOf(
  location: string,
  log: FoundLog,
  { marks }: Pick<LogSource, 'marks'>,
  files: SourceFiles,
): AsyncGenerator<{ readonly hour: LogHour; readonly files: readonly SourceFile[] }> {
  for await (const hour of logHours(files, location, log, (place) => mayHaveNews(place, marks))) {
    const news = newFiles(hour, marks);
    if (news.length > 0) yield { hour, files: news };
  }
}

/** How much there is to read. */
async function count(source: BillSource, log: FoundLog, record: LogSource, parts: LogPathParts): Promise<void> {
  const { progress, signal } = parts;
  for await (const { files } of newsOf(source.location, log, record, parts.files)) {
    signal.throwIfAborted();
    progress.filesTotal += files.length;
    progress.bytesTotal += files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }
}

/** Puts the calls of files into the ledger that are not there, and says what came of all of them. */
async function handOver(files: readonly LogFile[], { id }: BillSource, parts: LogPathParts): Promise<LogTally> {
  const { store, journal, ship, signal } = parts;
  let tally = files.reduce((sum, file) => added(sum, file.tally), NOTHING_READ);
  const calls = files.flatMap((file) => file.calls);
  for (let from = 0; from < calls.length; from += CALLS_AT_ONCE) {
    signal.throwIfAborted();
    const some = calls.slice(from, from + CALLS_AT_ONCE);
    const known = await knownCalls(some, store);
    const fresh = new Map<string, UsageEvent>();
    for (const { event } of some) {
      const how = known.get(event.requestId) ?? (fresh.has(event.requestId) ? 'imported' : undefined);
      if (how === undefined) fresh.set(event.requestId, eventOf(event, id, parts));
      else tally = { ...tally, notes: withNote(tally.notes, leftOut(REASONS[how], event.requestId)) };
    }
    const events = [...fresh.values()];
    // All of them first: what is noted after a failure would be in nobody's sight.
    const noted = await Promise.allSettled(events.map((event) => journal.note(event)));
    const failed = noted.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    await ship();
    tally = added(tally, sumOf(events));
  }
  return tally;
}

const REASONS = { imported: 'in the ledger already', metered: 'metered here' } as const;

function leftOut(reason: string, requestId: string) {
  return { isKept: false, reason, records: 1, examples: [requestId] };
}

function eventOf(event: UsageEvent, sourceId: string, { callers }: LogPathParts): UsageEvent {
  return {
    ...event,
    upstream: logUpstream(sourceId),
    principalTags: callers.principalTagsOf(event.principalArn),
    accountTags: callers.accountTagsOf(event.accountId),
  };
}

function sumOf(events: readonly UsageEvent[]): LogTally {
  if (events.length === 0) return NOTHING_READ;
  const times = events.map(({ admittedAtMs }) => admittedAtMs);
  return {
    ...{ ...NOTHING_READ, calls: events.length, fromMs: Math.min(...times), toMs: Math.max(...times) },
    tokens: events.reduce((sum, { usage }) => sum + totalInputTokens(usage) + usage.outputTokens, 0),
  };
}

/** Reads some files ahead; they come in their order. */
async function* inTurn<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const ahead: Promise<Result>[] = [];
  for (let next = 0; next < items.length || ahead.length > 0; ) {
    while (next < items.length && ahead.length < FILES_AHEAD) {
      const reading = read(items[next]!);
      // A failure is met when it is the file's turn.
      reading.catch(() => {});
      ahead.push(reading);
      next += 1;
    }
    yield await ahead.shift()!;
  }
}
