import { closeSync, fsyncSync, ftruncateSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesAt } from '../../kernel/file-bytes.ts';
import { type ChainEnd, readLine } from './chain.ts';

/** A segment holds the records of one UTC day, `2026-11-24`, one a line, oldest first. */
export function segmentPath(folder: string, day: string): string {
  return join(folder, `${day}.jsonl`);
}

/** Days that have a segment, ascending. */
export function listDays(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(name)?.[1] ?? [])
    .sort();
}

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

export interface Line {
  readonly text: string;
  /** Of its first byte in the segment. */
  readonly offset: number;
}

/** Whole lines of a segment before `endOffset`, or of all of it where it is shorter; last first, block by block. */
export async function* linesBackwards(file: FileHandle, endOffset: number): AsyncGenerator<Line[]> {
  let end = endOffset;
  /** The end of a line that begins in a block which was not read yet. */
  let rest: Buffer = Buffer.alloc(0);
  while (end > 0) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const bytes = Buffer.concat([await bytesAt(file, start, end - start), rest]);
    const newline = bytes.indexOf(NEWLINE);
    const first = start === 0 ? 0 : newline < 0 ? bytes.length : newline + 1;
    rest = Buffer.from(bytes.subarray(0, first));
    end = start;
    yield linesOf(bytes, first, start).reverse();
  }
}

/** Whole lines of a segment before `endOffset`, or of all of it where it is shorter; first first, block by block. */
export async function* linesForwards(file: FileHandle, endOffset: number): AsyncGenerator<Line[]> {
  let rest: Buffer = Buffer.alloc(0);
  let restOffset = 0;
  for (let start = 0; start < endOffset; start += BLOCK_BYTES) {
    const bytes = Buffer.concat([rest, await bytesAt(file, start, Math.min(BLOCK_BYTES, endOffset - start))]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    yield linesOf(bytes.subarray(0, end), 0, restOffset);
    rest = Buffer.from(bytes.subarray(end));
    restOffset += end;
  }
  // Written by nobody here: a line always ends.
  if (rest.length > 0) yield [{ text: rest.toString('utf8'), offset: restOffset }];
}

function linesOf(bytes: Buffer, from: number, bytesOffset: number): Line[] {
  const lines: Line[] = [];
  for (let at = from; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at);
    const stop = end < 0 ? bytes.length : end;
    lines.push({ text: bytes.toString('utf8', at, stop), offset: bytesOffset + at });
    at = stop + 1;
  }
  return lines;
}

/** Cuts a torn last line off a segment, one that a crash kept from being acknowledged. */
export function cutTornLine(folder: string, day: string): void {
  const path = segmentPath(folder, day);
  const descriptor = openSync(path, 'r+');
  try {
    const sizeBytes = statSync(path).size;
    const soundBytes = endOfLastLine(descriptor, sizeBytes);
    if (soundBytes === sizeBytes) return;
    ftruncateSync(descriptor, soundBytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The end of the chain in a segment that is complete; undefined when it has no line of ours. */
export function chainEndOf(folder: string, day: string): ChainEnd | undefined {
  const path = segmentPath(folder, day);
  const descriptor = openSync(path, 'r');
  try {
    const line = readLine(lastLine(descriptor, statSync(path).size));
    return line && { sequence: line.sequence, chain: line.chain };
  } finally {
    closeSync(descriptor);
  }
}

function endOfLastLine(descriptor: number, endOffset: number): number {
  for (let end = endOffset; end > 0; ) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const at = readAt(descriptor, start, end).lastIndexOf(NEWLINE);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

/** Of a text that ends with a newline, without it. */
function lastLine(descriptor: number, endOffset: number): string {
  if (endOffset === 0) return '';
  const start = endOfLastLine(descriptor, endOffset - 1);
  return readAt(descriptor, start, endOffset - 1).toString('utf8');
}

function readAt(descriptor: number, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start));
}
