import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FileType } from '../imports/file-type.ts';

/** The plain bytes of a file. Reading what is torn fails with an error code of zlib. */
export async function* unpackedBytes(bytes: AsyncIterable<Uint8Array>, type: FileType): AsyncGenerator<Uint8Array> {
  if (type !== 'csv.gz') {
    yield* bytes;
    return;
  }
  const packed = Readable.from(bytes, { objectMode: false });
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error));
  try {
    yield* packed.pipe(gunzip);
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}
