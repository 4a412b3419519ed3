import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { formatImages, readImages } from '../../inference/images.ts';
import type { NativeAnswer } from '../../inference/model-backend.ts';
import type { NativeCall } from '../../inference/native-call.ts';

/** Side of the pictures in pixels, whatever was asked for: they are there to be counted. */
const SIDE = 8;

/** Pictures of one colour that follows from the request. */
export function simulatedImages(call: NativeCall): NativeAnswer {
  const { count, meter } = readImages(call.modelId, call.body);
  const seed = JSON.stringify([call.modelId, call.body]);
  const images = Array.from({ length: count }, (_, index) => png(`${index}/${seed}`).toString('base64'));
  return {
    body: formatImages(call.modelId, images),
    usage: {
      ...{ inputTokens: 0, outputTokens: 0, units: { [meter]: count }, isEstimated: false },
      raw: JSON.stringify({ images: count }),
    },
  };
}

/** 8 bits per channel, no interlace; every line has the filter `none`. */
function png(seed: string): Buffer {
  const colour = createHash('sha256').update(seed).digest().subarray(0, 3);
  const line = Buffer.concat([Buffer.of(0), ...Array.from({ length: SIDE }, () => colour)]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header.set([8, 2], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: SIDE }, () => line)));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
