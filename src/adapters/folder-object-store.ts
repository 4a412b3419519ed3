import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../kernel/fault.ts';
import {
  type Bucket,
  isBucketName,
  isObjectKey,
  MAX_READ_BYTES,
  type ObjectStore,
  type StagedObject,
} from '../kernel/object-store.ts';

/** Errors of the file system that mean "not allowed to write there". */
const REFUSALS = new Set(['EACCES', 'EPERM', 'EROFS']);

/** A dot in front and another extension: readers of a folder never take what is not published for data. */
const STAGED_NAME = /^\..+\.unfinished$/;

/**
 * Buckets as folders: bucket NAME is the folder NAME under the root, made on first use, and keys are paths inside it. An
 * object is staged under a hidden name beside its own, one per key, so that a later attempt takes the place of what a
 * killed one left.
 */
export class FolderObjectStore implements ObjectStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async put(bucket: Bucket, key: string, content: string): Promise<void> {
    const staged = await this.stage(bucket, key, once(content));
    try {
      await staged.publish();
    } catch (error) {
      await staged.discard();
      throw error;
    }
  }

  async stage(bucket: Bucket, key: string, content: AsyncIterable<Uint8Array>): Promise<StagedObject> {
    const path = this.#path(bucket, key);
    const folder = dirname(path);
    const unfinished = join(folder, `.${path.slice(folder.length + 1)}.unfinished`);
    const discard = () => rm(unfinished, { force: true }).catch(() => {});
    try {
      await mkdir(folder, { recursive: true });
      await writeDurably(unfinished, content);
    } catch (error) {
      await discard();
      throw refusal(error, bucket) ?? error;
    }
    const publish = async () => {
      try {
        await rename(unfinished, path);
        await syncFolder(folder);
      } catch (error) {
        throw refusal(error, bucket) ?? error;
      }
    };
    return { publish, discard };
  }

  async read(bucket: Bucket, key: string): Promise<string | undefined> {
    const path = this.#path(bucket, key);
    try {
      return (await stat(path)).size > MAX_READ_BYTES ? undefined : await readFile(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw refusal(error, bucket) ?? error;
    }
  }

  async open(bucket: Bucket, key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      return (await open(this.#path(bucket, key))).createReadStream();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw refusal(error, bucket) ?? error;
    }
  }

  async modifiedAtMs(bucket: Bucket, key: string): Promise<number | undefined> {
    try {
      return (await stat(this.#path(bucket, key))).mtimeMs;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw refusal(error, bucket) ?? error;
    }
  }

  async list(bucket: Bucket, folder: string): Promise<readonly string[]> {
    return (await this.#names(bucket, folder)).filter((name) => !STAGED_NAME.test(lastSegment(name)));
  }

  async remove(bucket: Bucket, key: string): Promise<void> {
    try {
      await rm(this.#path(bucket, key), { force: true });
    } catch (error) {
      throw refusal(error, bucket) ?? error;
    }
  }

  async discardStaged(bucket: Bucket, folder: string): Promise<void> {
    for (const key of await this.#names(bucket, folder)) {
      if (STAGED_NAME.test(lastSegment(key))) await this.remove(bucket, key);
    }
  }

  /** Keys of everything below a folder, staged objects by their hidden names. */
  async #names(bucket: Bucket, folder: string): Promise<string[]> {
    const path = this.#path(bucket, folder.replace(/\/$/, ''));
    try {
      const found = await readdir(path, { recursive: true, withFileTypes: true });
      const files = found.filter((entry) => entry.isFile());
      return files.map((file) => `${folder}${join(file.parentPath, file.name).slice(path.length + 1)}`);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw refusal(error, bucket) ?? error;
    }
  }

  /** Callers have checked both; nothing that is not a plain name may reach the file system, whoever calls. */
  #path({ name }: Bucket, key: string): string {
    if (!isBucketName(name) || !isObjectKey(key)) throw new Error(`not an object: ${name}/${key}`);
    return join(this.#root, name, key);
  }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
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

function lastSegment(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

function refusal(error: unknown, bucket: Bucket): Fault | undefined {
  const code = codeOf(error);
  if (code === undefined || !REFUSALS.has(code)) return undefined;
  return new Fault('AccessDeniedException', `the folder of bucket \`${bucket.name}\` cannot be written (${code})`);
}
