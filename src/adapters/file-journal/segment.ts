import { readdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * A journal segment: a file of fixed size, filled with zeros when it is made, then overwritten front to back with records
 *
 *     length u32 | crc32 u32 | type u8 | payload (JSON, UTF-8)      big-endian; length counts the payload
 *
 * The checksum covers type, payload and the record's own place (segment, offset), so that bytes which an earlier run left
 * at another place never pass for a record. A length of zero ends the segment's written part. Because the zeros are
 * written beforehand, the blocks exist: an admitted request's outcome cannot meet a full disk.
 */
export const RECORD_HEADER_BYTES = 9;

export const RECORD = { admission: 1, outcome: 2, segmentEnd: 3 } as const;
export type RecordType = (typeof RECORD)[keyof typeof RECORD];

export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(10, '0')}.journal`);
}

/** Segment numbers in a folder, ascending. */
export function listSegments(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => /^(\d{10})\.journal$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

const ZEROS_BYTES = 1 << 20;

/**
 * Makes a segment full of zeros, durable before it is used. Rejects (ENOSPC) when the disk cannot hold it. `inSteps` syncs every
 * mebibyte: who syncs another file meanwhile waits for that much and not for all of it (32 MiB: 25 ms on a virtual disk).
 */
export async function createSegment(
  folder: string,
  segment: number,
  segmentBytes: number,
  { inSteps }: { readonly inSteps: boolean },
): Promise<FileHandle> {
  const file = await open(segmentPath(folder, segment), 'w+', 0o600);
  try {
    const zeros = Buffer.alloc(Math.min(segmentBytes, ZEROS_BYTES));
    for (let offset = 0; offset < segmentBytes; ) {
      const { bytesWritten } = await file.write(zeros, 0, Math.min(zeros.length, segmentBytes - offset), offset);
      offset += bytesWritten;
      if (inSteps || offset >= segmentBytes) await file.datasync();
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Writes a record into `target` at `at`; the payload must already stand at `at + RECORD_HEADER_BYTES`. */
export function sealRecord(
  target: Buffer,
  at: number,
  payloadBytes: number,
  type: RecordType,
  segment: number,
  offset: number,
): void {
  target.writeUInt32BE(payloadBytes, at);
  target[at + 8] = type;
  const body = target.subarray(at + 8, at + RECORD_HEADER_BYTES + payloadBytes);
  target.writeUInt32BE(crc32(body, placeSeed(segment, offset)), at + 4);
}

export interface RawRecord {
  readonly type: RecordType;
  readonly payload: Buffer;
  readonly offset: number;
  readonly endOffset: number;
}

/** The record at `at` of `bytes`, which begin at `bytesOffset` of the segment; undefined where no whole, sound one stands. */
export function recordAt(bytes: Buffer, at: number, segment: number, bytesOffset: number): RawRecord | undefined {
  if (at + RECORD_HEADER_BYTES > bytes.length) return undefined;
  const payloadBytes = bytes.readUInt32BE(at);
  const end = at + RECORD_HEADER_BYTES + payloadBytes;
  if (payloadBytes === 0 || end > bytes.length) return undefined;
  const offset = bytesOffset + at;
  if (crc32(bytes.subarray(at + 8, end), placeSeed(segment, offset)) !== bytes.readUInt32BE(at + 4)) return undefined;
  const type = bytes[at + 8] as RecordType;
  return { type, payload: bytes.subarray(at + RECORD_HEADER_BYTES, end), offset, endOffset: bytesOffset + end };
}

function placeSeed(segment: number, offset: number): number {
  return (Math.imul(segment, 0x9e3779b1) ^ offset) >>> 0;
}
