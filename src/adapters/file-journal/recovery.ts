import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Admission } from '../../metering/usage-event.ts';
import { callIn, requestIdIn } from './call-record.ts';
import { listSegments, RECORD, RECORD_HEADER_BYTES, recordAt, sealRecord, segmentPath } from './segment.ts';

/** What a start finds in the journal folder. */
export interface Recovery {
  /** Segments that still hold records, ascending; all are sealed now. */
  readonly segments: readonly number[];
  /** Admitted and never settled: the process died in between. By segment, for deletion in order. */
  readonly interrupted: readonly { readonly admission: Admission; readonly segment: number }[];
  /** Number for the next new segment. */
  readonly nextSegment: number;
}

/**
 * Reads every segment, seals the last one behind its last sound record (what follows was never acknowledged), and lists
 * the requests that were in flight.
 */
export function recover(folder: string): Recovery {
  const segments = listSegments(folder);
  const open = new Map<string, { payload: Buffer; segment: number }>();
  for (const segment of segments) {
    const bytes = readFileSync(segmentPath(folder, segment));
    let at = 0;
    let isSealed = false;
    for (;;) {
      const record = recordAt(bytes, at, segment, 0);
      if (!record) break;
      if (record.type === RECORD.segmentEnd) {
        isSealed = true;
        break;
      }
      const requestId = requestIdIn(record.payload);
      if (record.type === RECORD.admission) open.set(requestId, { payload: Buffer.from(record.payload), segment });
      else open.delete(requestId);
      at = record.endOffset;
    }
    if (!isSealed) sealSegment(folder, segment, at, bytes.length);
  }
  const interrupted = Array.from(open.values(), ({ payload, segment }) => ({
    admission: callIn<Admission>(payload),
    segment,
  }));
  return { segments, interrupted, nextSegment: (segments.at(-1) ?? 0) + 1 };
}

function sealSegment(folder: string, segment: number, offset: number, segmentBytes: number): void {
  const room = segmentBytes - offset;
  if (room < RECORD_HEADER_BYTES + 1) return;
  const mark = endMark(segment, offset);
  const fd = openSync(segmentPath(folder, segment), 'r+');
  try {
    writeSync(fd, mark, 0, mark.length, offset);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The record that says: go on in the next segment. */
export function endMark(segment: number, offset: number): Buffer {
  const mark = Buffer.alloc(RECORD_HEADER_BYTES + 1);
  sealRecord(mark, 0, 1, RECORD.segmentEnd, segment, offset);
  return mark;
}
