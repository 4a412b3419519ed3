import { Readable } from 'node:stream';
import { createGunzip, createInflateRaw, type Gunzip, type InflateRaw } from 'node:zlib';
import { BOMB, isBomb, type Packing } from '../imports/packing.ts';
import { Fault } from '../kernel/fault.ts';
import { checkedEntry, entryBytes } from './unpacked-bytes/zip-entry.ts';

/**
 * The plain bytes of a file. Reading what is torn fails with an error code of zlib, and what becomes far too large with
 * ValidationException, before more of it is unpacked.
 */
export async function* unpackedBytes(bytes: AsyncIterable<Uint8Array>, packing: Packing): AsyncGenerator<Uint8Array> {
  if (packing.kind === 'zip') {
    const { entry } = packing;
    const packed = entryBytes(bytes, entry);
    yield* checkedEntry(entry.isDeflated ? inflated(packed, createInflateRaw()) : packed, entry);
  } else if (packing.kind === 'gzip') yield* inflated(bytes, createGunzip());
  else yield* bytes;
}

async function* inflated(bytes: AsyncIterable<Uint8Array>, engine: Gunzip | InflateRaw): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(bytes, { objectMode: false });
  packed.on('error', (error) => engine.destroy(error));
  let plainBytes = 0;
  try {
    for await (const chunk of packed.pipe(engine)) {
      plainBytes += (chunk as Uint8Array).length;
      // Of the input, what the engine has taken so far.
      if (isBomb(engine.bytesWritten, plainBytes)) throw new Fault('ValidationException', BOMB);
      yield chunk as Uint8Array;
    }
  } finally {
    packed.destroy();
    engine.destroy();
  }
}
