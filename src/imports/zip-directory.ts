import { BOMB, isBomb, type ZipEntry } from './packing.ts';

/** Signatures and lengths of records (PKWARE APPNOTE 6.3.10, 4.3). */
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const LOCATOR_64_SIGNATURE = 0x07064b50;
const LOCATOR_64_BYTES = 20;
const HEADER_SIGNATURE = 0x02014b50;
const HEADER_BYTES = 46;
/** Of a number that stands in the records of ZIP64 instead. */
const IN_ZIP64 = 0xffffffff;
/** Flags of encrypted entries: ordinary, strong, and with a masked directory (4.4.4). */
const ENCRYPTED = 0x2041;
const STORED = 0;
const DEFLATED = 8;

/** The directory of one entry before the end, which may have a comment of 64 KiB, as may the entry. */
export const ZIP_END_BYTES = 256 * 1024;

const TORN = 'it is torn: it does not end as a ZIP file does; get it anew';
const TOO_NEW = 'it is ZIP64, which is not read';
const OTHERWISE = 'unpack it, or have the report delivered with GZIP';

/** The entry of a ZIP file of a legacy report: one of CSV. A sentence where it is something else. `end`: its last bytes. */
export function readZipDirectory(end: Buffer, sizeBytes: number): ZipEntry | string {
  const at = endRecordAt(end);
  if (at === undefined) return TORN;
  const isZip64 = at >= LOCATOR_64_BYTES && end.readUInt32LE(at - LOCATOR_64_BYTES) === LOCATOR_64_SIGNATURE;
  if (isZip64) return `${TOO_NEW}: ${OTHERWISE}`;
  if (end.readUInt32LE(at + 4) !== 0) return `it is a part of a ZIP file of several: ${OTHERWISE}`;
  const entries = end.readUInt16LE(at + 10);
  if (entries !== 1) return `it has ${entries} entries, and a report's has one: ${OTHERWISE}`;
  const start = end.readUInt32LE(at + 16) - (sizeBytes - end.length);
  if (start < 0 || start + HEADER_BYTES > at || end.readUInt32LE(start) !== HEADER_SIGNATURE) return TORN;
  return readHeader(end.subarray(start, at), sizeBytes);
}

/** Where the end record is whose comment reaches to the end of the file. */
function endRecordAt(end: Buffer): number | undefined {
  for (let at = end.length - END_BYTES; at >= 0; at -= 1) {
    if (end.readUInt32LE(at) !== END_SIGNATURE) continue;
    if (at + END_BYTES + end.readUInt16LE(at + 20) === end.length) return at;
  }
  return undefined;
}

function readHeader(header: Buffer, sizeBytes: number): ZipEntry | string {
  const [flags, method] = [header.readUInt16LE(8), header.readUInt16LE(10)];
  if ((flags & ENCRYPTED) !== 0) return `it is encrypted: ${OTHERWISE}`;
  if (method !== STORED && method !== DEFLATED) return `it is packed by method ${method}, not by deflate: ${OTHERWISE}`;
  const [checksum, packedBytes, plainBytes] = [
    header.readUInt32LE(16),
    header.readUInt32LE(20),
    header.readUInt32LE(24),
  ];
  const offset = header.readUInt32LE(42);
  if ([packedBytes, plainBytes, offset].includes(IN_ZIP64)) return `${TOO_NEW}: ${OTHERWISE}`;
  const name = header.toString('utf8', HEADER_BYTES, HEADER_BYTES + header.readUInt16LE(28));
  if (!/\.csv$/i.test(name)) return `it holds \`${name}\`, and no CSV: give the report's own files`;
  if (offset + packedBytes > sizeBytes) return TORN;
  if (isBomb(packedBytes, plainBytes)) return BOMB;
  return { offset, isDeflated: method === DEFLATED, packedBytes, plainBytes, checksum };
}
