import type { KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import { CHAIN_START, type ChainEnd, type ChainedLine, isChainedTo, readLine } from './chain.ts';
import { type Head, readHead } from './head-file.ts';
import { cutTornLine, linesBackwards, listDays, segmentPath } from './segment.ts';

export interface RecoveredLog {
  readonly head: Head;
  /** What is not as it was left, in a few words; absent when all is well. */
  readonly damage?: string;
}

/** More lines than this were never written without the head being brought up to date. */
const TAIL_LINES_MAX = 100_000;
/** Numbers beyond this are not believed. */
const SEQUENCE_MAX = 1e12;

/**
 * Finds the end of the log after a stop or a crash: the head says how far it went, and what was written behind the head is
 * followed along the chain. Where that does not work out the log goes on with a number left out, which `verify` finds for
 * good: nothing that is written later can hide it.
 */
export async function recoverLog(folder: string, key: KeyObject, isNewKey: boolean): Promise<RecoveredLog> {
  const days = listDays(folder);
  const newest = days.at(-1);
  if (newest !== undefined) cutTornLine(folder, newest);
  const head = readHead(folder, key);
  if (!head) {
    if (isNewKey && newest === undefined) return { head: { before: CHAIN_START, last: CHAIN_START } };
    const last = await lastLine(folder, days);
    const end = { sequence: Math.min(last?.sequence ?? 0, SEQUENCE_MAX), chain: last?.chain ?? '' };
    return broken({ before: CHAIN_START, last: end }, 'its head is missing or was changed');
  }
  const tail = await tailBehind(folder, days, head.last.sequence);
  // Retention may have deleted the segment of the last record; then nothing is in front of the tail.
  const known = tail[0]?.sequence === head.last.sequence ? tail.shift() : undefined;
  if (known?.chain !== head.last.chain && head.last.sequence > head.before.sequence) {
    return broken(head, `record ${head.last.sequence} is missing or was changed`);
  }
  let last: ChainEnd = head.last;
  for (const line of tail) {
    if (line?.sequence !== last.sequence + 1 || !isChainedTo(key, last.chain, line)) {
      return broken({ ...head, last }, `what follows record ${last.sequence} was not written here`);
    }
    last = { sequence: line.sequence, chain: line.chain };
  }
  return { head: { ...head, last } };
}

function broken(head: Head, damage: string): RecoveredLog {
  const { sequence, chain } = head.last;
  return { head: { ...head, last: { sequence: sequence + 1, chain } }, damage };
}

async function lastLine(folder: string, days: readonly string[]): Promise<ChainedLine | undefined> {
  const tail = await tailBehind(folder, days.slice(-1), Number.POSITIVE_INFINITY);
  return tail[0];
}

/** The lines from the record `sequence` on, or from the last one before it, first first; undefined for a foreign line. */
async function tailBehind(
  folder: string,
  days: readonly string[],
  sequence: number,
): Promise<(ChainedLine | undefined)[]> {
  const tail: (ChainedLine | undefined)[] = [];
  for (const day of [...days].reverse()) {
    await using file = await open(segmentPath(folder, day), 'r');
    for await (const lines of linesBackwards(file, (await file.stat()).size)) {
      for (const { text } of lines) {
        const line = readLine(text);
        tail.push(line);
        if ((line && line.sequence <= sequence) || tail.length > TAIL_LINES_MAX) return tail.reverse();
      }
    }
  }
  return tail.reverse();
}
