import type { FileHandle } from 'node:fs/promises';

/**
 * Bytes of a file from `offset` on: `length` of them, or fewer where the file ends before. A read by the system may stop
 * anywhere, so it is repeated; what was not read is never part of the answer.
 */
export async function bytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
