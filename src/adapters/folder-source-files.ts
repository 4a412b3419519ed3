import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { type FolderContents, MAX_SOURCE_FILES, type SourceFile, type SourceFiles } from '../imports/source-files.ts';
import { Fault } from '../kernel/fault.ts';
import { bytesAt } from '../kernel/file-bytes.ts';
import { MAX_READ_BYTES } from '../kernel/object-store.ts';

/**
 * A folder of this machine, or one file of it. Nothing outside is ever opened: links that lead out are refused, whoever
 * made them.
 */
export class FolderSourceFiles implements SourceFiles {
  readonly #root: string;
  /** Set for a source that is one file. */
  readonly #only: string | undefined;

  private constructor(root: string, only: string | undefined) {
    this.#root = root;
    this.#only = only;
  }

  /** `path` is absolute. Throws ValidationException for what is neither a folder nor a file. */
  static async open(path: string): Promise<FolderSourceFiles> {
    const real = await realpath(path).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    const found = await stat(real);
    if (found.isDirectory()) return new FolderSourceFiles(real, undefined);
    if (found.isFile()) return new FolderSourceFiles(dirname(real), basename(real));
    throw new Fault('ValidationException', `\`${path}\` is neither a folder nor a file`);
  }

  async list(): Promise<readonly SourceFile[]> {
    if (this.#only !== undefined) return [await this.#file(this.#only)];
    const files: SourceFile[] = [];
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const found = await this.look(folder);
      folders.push(...found.folders.map((name) => pathIn(folder!, name)));
      files.push(...found.files);
      if (files.length > MAX_SOURCE_FILES) {
        throw new Fault(
          'ValidationException',
          `\`${this.#root}\` has more than ${MAX_SOURCE_FILES} files; give a folder of one export`,
        );
      }
    }
    return files.toSorted(byPath);
  }

  async look(folder: string): Promise<FolderContents> {
    if (this.#only !== undefined) return { folders: [], files: [await this.#file(this.#only)] };
    const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(join(this.#root, folder), error);
    });
    const seen = entries.filter(({ name }) => !name.startsWith('.'));
    const files: SourceFile[] = [];
    for (const entry of seen) if (entry.isFile()) files.push(await this.#file(pathIn(folder, entry.name)));
    const folders = seen.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return { folders: folders.toSorted(), files: files.toSorted(byPath) };
  }

  async readText(path: string): Promise<string> {
    return this.#withFile(path, async (file) => {
      const { size } = await file.stat();
      if (size > MAX_READ_BYTES) throw new Fault('ValidationException', `\`${path}\` is too large for a manifest`);
      return file.readFile('utf8');
    });
  }

  async readEnd({ path }: SourceFile, byteCount: number): Promise<Buffer> {
    return this.#withFile(path, async (file) => {
      const { size } = await file.stat();
      const length = Math.min(size, byteCount);
      return bytesAt(file, size - length, length);
    });
  }

  async open(path: string): Promise<AsyncIterable<Uint8Array>> {
    return (await this.#open(path)).createReadStream({ highWaterMark: 2 ** 20 });
  }

  async #file(path: string): Promise<SourceFile> {
    const { size, mtimeMs } = await stat(join(this.#root, path));
    return { path, sizeBytes: size, modifiedAtMs: mtimeMs, version: `${size}-${mtimeMs}` };
  }

  async #withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await this.#open(path);
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }

  async #open(path: string): Promise<FileHandle> {
    const full = join(this.#root, path);
    try {
      const folder = await realpath(dirname(full));
      if (folder !== this.#root && !folder.startsWith(`${this.#root}${sep}`))
        throw new Error('it leads out of the folder');
      return await open(full, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      throw unreadable(path, error);
    }
  }
}

function pathIn(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function byPath(a: SourceFile, b: SourceFile): number {
  return a.path < b.path ? -1 : 1;
}

function unreadable(path: string, error: unknown): Fault {
  const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  return new Fault('ValidationException', `\`${path}\` cannot be read (${reason})`);
}
