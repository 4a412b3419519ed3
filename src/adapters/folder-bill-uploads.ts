import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type BillUploads,
  checkUpload,
  UPLOAD_PART_BYTES,
  type Upload,
  type UploadFile,
  type UploadPart,
  uploadIdOf,
} from '../imports/bill-uploads.ts';
import { isLogFile } from '../imports/log-layout.ts';
import { Fault } from '../kernel/fault.ts';
import { type Clock, DAY_MS } from '../kernel/time.ts';
import { Turns } from '../kernel/turns.ts';

/** Says what an upload consists of, beside its files. */
const LIST = '.upload.json';
/** What was replaced, on its way out. */
const REPLACED = '.replaced-';
/** Nobody goes on with an upload of yesterday, or imports what was only looked at. */
const KEPT_MS = DAY_MS;

interface UploadList {
  readonly name: string;
  readonly files: readonly UploadFile[];
}

export interface FolderBillUploadsParts {
  /** `<data>/imports/uploads`. */
  readonly folder: string;
  /** Of all uploads together, those under way as large as they will be. */
  readonly bytesMax: number;
  readonly clock: Clock;
}

/**
 * Bills and logs that were sent to the server, in a folder of each: `.<id>` while it is under way, which readers of folders pass over. What
 * has arrived of one is the size of its files.
 */
export class FolderBillUploads implements BillUploads {
  readonly #folder: string;
  readonly #bytesMax: number;
  readonly #clock: Clock;
  /** One after another: parts of a file must not meet. */
  readonly #turns = new Turns();
  /** What parts came for last: a log has thousands of files, each with a part of its own, and the list of them does not change. */
  #latest: (FoundUpload & { readonly id: string }) | undefined;

  constructor({ folder, bytesMax, clock }: FolderBillUploadsParts) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
    this.#clock = clock;
  }

  begin(name: string, files: readonly UploadFile[], isSource: (name: string) => boolean): Promise<Upload> {
    return this.#turns.take(async () => {
      checkUpload(name, files);
      this.#latest = undefined;
      const id = uploadIdOf(name, files);
      const begun = await this.#find(id);
      if (begun) return this.#upload(id, begun);
      await this.#dropOld(isSource);
      const taken = await this.#bytes();
      const known = await this.#knownFiles(name, files);
      const wanted = sumOf(files) - sumOf(known);
      if (taken + wanted > this.#bytesMax) {
        const text = `it has ${wanted} bytes to send, and uploads may have ${this.#bytesMax} together, of which ${taken} are taken; delete a source that was sent, or set \`import.uploadGib\``;
        throw new Fault('ValidationException', text);
      }
      const folder = join(this.#folder, `.${id}`);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(folder, LIST), JSON.stringify({ name, files }), { mode: 0o600 });
      for (const { path } of known) {
        const full = join(folder, path);
        await mkdir(dirname(full), { recursive: true, mode: 0o700 });
        // Where there are no links, it is sent again. What has arrived whole is never written to.
        await link(join(this.#folder, name, path), full).catch(() => {});
      }
      return this.#upload(id, { folder, name, files });
    });
  }

  put(uploadId: string, { path, offset, data, sha256 }: UploadPart): Promise<number> {
    return this.#turns.take(async () => {
      const found = await this.#foundForPart(uploadId);
      const file = found.files.find((one) => one.path === path);
      if (!file) throw new Fault('ValidationException', `\`${path}\` is no file of the upload`);
      if (data.length > UPLOAD_PART_BYTES) throw new Fault('ValidationException', 'a part has at most 4 MiB');
      if (createHash('sha256').update(data).digest('hex') !== sha256) {
        throw new Fault(
          'ValidationException',
          `the part of \`${path}\` at ${offset} is not what was sent; send it again`,
        );
      }
      const end = offset + data.length;
      if (end > file.bytes) throw new Fault('ValidationException', `\`${path}\` has ${file.bytes} bytes, not ${end}`);
      const full = join(found.folder, path);
      const received = await sizeOf(full);
      // An answer was lost, and the part came again.
      if (end <= received) return received;
      if (offset !== received) {
        throw new Fault('ValidationException', `the next part of \`${path}\` begins at ${received}, not at ${offset}`);
      }
      await mkdir(dirname(full), { recursive: true, mode: 0o700 });
      const handle = await open(
        full,
        constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
        0o600,
      );
      try {
        await handle.writeFile(data);
        if (end === file.bytes) await handle.sync();
      } finally {
        await handle.close();
      }
      if (end === file.bytes) await this.#verify(full, file);
      return end;
    });
  }

  complete(uploadId: string, isRead: (name: string) => boolean): Promise<Upload> {
    return this.#turns.take(async () => {
      this.#latest = undefined;
      const found = await this.#found(uploadId);
      const upload = await this.#upload(uploadId, found);
      const missing = found.files.filter(({ bytes }, at) => upload.received[at] !== bytes);
      if (missing.length > 0) {
        const paths = missing.map(({ path }) => `\`${path}\``).slice(0, 10);
        throw new Fault('ValidationException', `parts are missing of ${paths.join(', ')}; send them first`);
      }
      const place = join(this.#folder, found.name);
      if (found.folder === place) return upload;
      if (isRead(found.name)) {
        const text = `an import of what was sent as \`${found.name}\` is under way; wait for its end, or cancel it`;
        throw new Fault('ValidationException', text);
      }
      // Empty files have no part.
      for (const { path, bytes } of found.files) {
        if (bytes > 0) continue;
        await mkdir(dirname(join(found.folder, path)), { recursive: true, mode: 0o700 });
        await writeFile(join(found.folder, path), '', { mode: 0o600 });
      }
      const replaced = join(this.#folder, `${REPLACED}${uploadId}`);
      await rename(place, replaced).catch(ignoreAbsence);
      await rename(found.folder, place);
      await rm(replaced, { recursive: true, force: true });
      return upload;
    });
  }

  remove(name: string): Promise<void> {
    return this.#turns.take(() => {
      this.#latest = undefined;
      return rm(join(this.#folder, name), { recursive: true, force: true });
    });
  }

  async #foundForPart(id: string): Promise<FoundUpload> {
    if (this.#latest?.id !== id) this.#latest = { id, ...(await this.#found(id)) };
    return this.#latest;
  }

  async #found(id: string): Promise<FoundUpload> {
    const found = await this.#find(id);
    if (found) return found;
    throw new Fault('ResourceNotFoundException', `there is no upload \`${id}\`; begin it anew`);
  }

  /** One that is under way, or that is whole and was not replaced since. */
  async #find(id: string): Promise<FoundUpload | undefined> {
    for (const entry of await this.#entries()) {
      const folder = join(this.#folder, entry);
      if (entry.startsWith('.') && entry !== `.${id}`) continue;
      const list = await readList(folder);
      if (list && (entry === `.${id}` || uploadIdOf(list.name, list.files) === id)) return { folder, ...list };
    }
    return undefined;
  }

  async #upload(id: string, { folder, name, files }: FoundUpload): Promise<Upload> {
    const received = await Promise.all(files.map(({ path }) => sizeOf(join(folder, path))));
    return { id, name, files, received };
  }

  /**
   * Files of a log that are there from an earlier upload of that name: a log grows, and its files do not change. Those of a bill are
   * sent together, for their times tell whether a delivery is whole.
   */
  async #knownFiles(name: string, files: readonly UploadFile[]): Promise<UploadFile[]> {
    const folder = join(this.#folder, name);
    const before = new Map(((await readList(folder))?.files ?? []).map((file) => [file.path, file]));
    const known: UploadFile[] = [];
    for (const file of files) {
      const { path, bytes, sha256 } = file;
      if (!isLogFile(path) || before.get(path)?.sha256 !== sha256) continue;
      if ((await sizeOf(join(folder, path))) === bytes) known.push(file);
    }
    return known;
  }

  /** A file that arrived whole and is another than was announced begins anew. */
  async #verify(full: string, { path, sha256 }: UploadFile): Promise<void> {
    const digest = createHash('sha256');
    const handle = await open(full);
    for await (const chunk of handle.createReadStream({ highWaterMark: 2 ** 20 })) digest.update(chunk as Buffer);
    if (digest.digest('hex') === sha256) return;
    await rm(full);
    throw new Fault('ValidationException', `\`${path}\` changed while it was sent; send it again`);
  }

  async #bytes(): Promise<number> {
    const lists = await Promise.all((await this.#entries()).map((entry) => readList(join(this.#folder, entry))));
    return lists.reduce((sum, list) => sum + (list ? sumOf(list.files) : 0), 0);
  }

  async #dropOld(isSource: (name: string) => boolean): Promise<void> {
    for (const entry of await this.#entries()) {
      const folder = join(this.#folder, entry);
      const isOld = async () =>
        !isSource(entry) && (await readList(folder)) && (await lastChangeMs(folder)) < this.#clock() - KEPT_MS;
      if (entry.startsWith(REPLACED) || (await isOld())) await rm(folder, { recursive: true, force: true });
    }
  }

  async #entries(): Promise<string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    if ((await lstat(this.#folder)).isSymbolicLink()) {
      throw new Fault(
        'ValidationException',
        "`uploads` in the data folder's `imports` is a link to elsewhere; remove it",
      );
    }
    return readdir(this.#folder);
  }
}

interface FoundUpload extends UploadList {
  readonly folder: string;
}

/** Undefined where none was begun, or its beginning was cut off. */
async function readList(folder: string): Promise<UploadList | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, LIST), 'utf8')) as UploadList;
  } catch {
    return undefined;
  }
}

async function lastChangeMs(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const times = await Promise.all(['', ...entries].map(async (path) => (await stat(join(folder, path))).mtimeMs));
  return Math.max(...times);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function sumOf(files: readonly UploadFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
