import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipOptions {
  readonly name?: string;
  readonly text: string;
  /** Bit 0: encrypted. Bit 3, as Java writes it: sizes follow the entry. Default that. */
  readonly flags?: number;
  /** Default deflate, 8. */
  readonly method?: number;
  /** As the end record says; default 1. */
  readonly entries?: number;
  /** As the directory says; default: as they are. */
  readonly plainBytes?: number;
  readonly checksum?: number;
}

/** A ZIP file of one entry (PKWARE APPNOTE 6.3.10), or one that says of itself what is not so. */
export function zipFile({ name = 'report-00001.csv', text, flags = 8, method = 8, entries = 1, ...said }: ZipOptions) {
  const plain = Buffer.from(text);
  const packed = method === 8 ? deflateRawSync(plain) : plain;
  const { plainBytes = plain.length, checksum = crc32(plain) } = said;
  const isStreamed = (flags & 8) !== 0;
  const shared = (sizes: boolean) => {
    const sums = sizes ? [checksum, packed.length, plainBytes] : [0, 0, 0];
    return [u16(20), u16(flags), u16(method), u16(0), u16(0), ...sums.map(u32), u16(name.length), u16(0)];
  };
  const local = Buffer.concat([u32(0x04034b50), ...shared(!isStreamed), Buffer.from(name), packed]);
  const descriptor = isStreamed ? [u32(0x08074b50), u32(checksum), u32(packed.length), u32(plainBytes)] : [];
  const body = Buffer.concat([local, ...descriptor]);
  const header = [u32(0x02014b50), u16(20), ...shared(true), u16(0), u16(0), u16(0), u32(0), u32(0), Buffer.from(name)];
  const directory = Buffer.concat(header);
  const end = [u32(0x06054b50), u32(0), u16(entries), u16(entries), u32(directory.length), u32(body.length), u16(0)];
  return Buffer.concat([body, directory, ...end]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
