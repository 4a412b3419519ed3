import { crc32 } from 'node:zlib';
import type { ZipEntry } from '../../imports/packing.ts';
import { Fault } from '../../kernel/fault.ts';

/** Header before an entry's bytes, with a name and more of its own after it (PKWARE APPNOTE 6.3.10, 4.3.7). */
const SIGNATURE = 0x04034b50;
const HEADER_BYTES = 30;

const TORN = 'it is torn: its entry is not where its directory says, or not what was packed; get it anew';

/** The packed bytes of an entry, out of the bytes of the file. */
export async function* entryBytes(bytes: AsyncIterable<Uint8Array>, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  let skip = entry.offset;
  let header: Buffer | undefined = Buffer.alloc(0);
  let left = entry.packedBytes;
  for await (const chunk of bytes) {
    let rest = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - rest.length;
    if (header && rest.length > 0) {
      header = Buffer.concat([header, rest]);
      const length = headerBytes(header);
      if (length === undefined || header.length < length) continue;
      rest = header.subarray(length);
      header = undefined;
    }
    const part = rest.subarray(0, left);
    left -= part.length;
    if (part.length > 0) yield part;
    if (!header && left === 0) return;
  }
  if (left > 0) throw new Fault('ValidationException', TORN);
}

/** Undefined: too little of it is there. */
function headerBytes(header: Buffer): number | undefined {
  if (header.length < HEADER_BYTES) return undefined;
  if (header.readUInt32LE(0) !== SIGNATURE) throw new Fault('ValidationException', TORN);
  return HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

/** The same bytes; throws at their end where they are not those that were packed. */
export async function* checkedEntry(plain: AsyncIterable<Uint8Array>, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  let checksum = 0;
  let left = entry.plainBytes;
  for await (const chunk of plain) {
    checksum = crc32(chunk, checksum);
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0 || checksum !== entry.checksum) throw new Fault('ValidationException', TORN);
}
