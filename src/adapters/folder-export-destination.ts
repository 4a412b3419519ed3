import { mkdir, open, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../kernel/fault.ts';
import { type ExportDestination, isBucketName, isObjectKey } from '../reports/export-destination.ts';

/** Errors of the file system that mean "not allowed to write there". */
const REFUSALS = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Buckets as folders: bucket NAME is the folder NAME under the root, made on first use, and keys are paths inside it. */
export class FolderExportDestination implements ExportDestination {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async put(bucket: string, key: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    // Callers have checked both; nothing that is not a plain name may reach the file system, whoever calls.
    if (!isBucketName(bucket) || !isObjectKey(key)) throw new Error(`not an object: ${bucket}/${key}`);
    const path = join(this.#root, bucket, key);
    const folder = dirname(path);
    // A dot in front and a name without the file's extension: readers of the folder never take it for data. One name per
    // object, so that what a killed process left behind is overwritten by the next attempt.
    const unfinished = join(folder, `.${key.slice(key.lastIndexOf('/') + 1)}.unfinished`);
    try {
      await mkdir(folder, { recursive: true });
      await writeDurably(unfinished, content);
      await rename(unfinished, path);
      await syncFolder(folder);
    } catch (error) {
      await unlink(unfinished).catch(() => {});
      throw refusal(error, bucket) ?? error;
    }
  }
}

async function writeDurably(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'w');
  try {
    await writeFile(file, content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself survive a power failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function refusal(error: unknown, bucket: string): Fault | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === undefined || !REFUSALS.has(code)) return undefined;
  return new Fault('AccessDeniedException', `the folder of bucket \`${bucket}\` cannot be written (${code})`);
}
