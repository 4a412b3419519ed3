import { createHash } from 'node:crypto';
import { Fault } from '../kernel/fault.ts';
import { fileTypeOf } from './file-type.ts';

/** A file that is sent to the server. */
export interface UploadFile {
  /** Below the folder that is sent, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 in hexadecimal, lower case. */
  readonly sha256: string;
}

/** A folder of bills that is sent to the server, file by file and part by part. */
export interface Upload {
  /** The same for the same files under the same name, so that one that was cut off goes on. */
  readonly id: string;
  readonly name: string;
  readonly files: readonly UploadFile[];
  /** Of each file, in order: what has arrived. */
  readonly received: readonly number[];
}

export interface UploadPart {
  readonly path: string;
  /** Where in the file it belongs. */
  readonly offset: number;
  readonly data: Uint8Array;
  readonly sha256: string;
}

/** Port: bills that were sent to the server. Every method throws ValidationException for what it does not take. */
export interface BillUploads {
  /** Begins an upload, or goes on with it. Drops older ones that nobody has completed, or that no source is of. */
  begin(name: string, files: readonly UploadFile[], isSource: (name: string) => boolean): Promise<Upload>;
  /** Adds a part at the end of what has arrived, and says how much of the file has. What arrived before is passed over. */
  put(uploadId: string, part: UploadPart): Promise<number>;
  /** Puts an upload that is whole in the place of what was sent under its name, unless that is being read. */
  complete(uploadId: string, isRead: (name: string) => boolean): Promise<Upload>;
  /** Removes what was sent under a name. */
  remove(name: string): Promise<void>;
}

/** Most bytes of one part. A request has 26 MB, and carries them as base64. */
export const UPLOAD_PART_BYTES = 4 * 2 ** 20;
/** One upload's. More are another export's, or another year's. */
export const MAX_UPLOAD_FILES = 5_000;
/** As of any file that is imported. */
export const MAX_UPLOAD_FILE_BYTES = 8 * 2 ** 30;

const LOCATION = 'upload://';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Where bills that were sent under a name are imported from. */
export function uploadLocation(name: string): string {
  return `${LOCATION}${name}`;
}

/** Undefined for what is no such place. */
export function uploadedName(location: string): string | undefined {
  const name = location.startsWith(LOCATION) ? location.slice(LOCATION.length) : '';
  return NAME.test(name) ? name : undefined;
}

/** Throws ValidationException with what is wrong with a name or a list of files. */
export function checkUpload(name: string, files: readonly UploadFile[]): void {
  const refuse = (text: string) => {
    throw new Fault('ValidationException', text);
  };
  if (!NAME.test(name)) refuse(`\`${name}\` is no name of an upload: letters, digits, dots, dashes and underscores`);
  if (files.length === 0) refuse('an upload needs a file of a bill: .parquet, .csv, .csv.gz or .zip');
  const paths = new Set<string>();
  for (const { path, bytes } of files) {
    if (!isUploadPath(path)) refuse(`\`${path}\` is no path of a file of a bill below the folder that is sent`);
    if (paths.has(path)) refuse(`\`${path}\` is there twice`);
    if (bytes > MAX_UPLOAD_FILE_BYTES) refuse(`\`${path}\` is larger than 8 GiB`);
    paths.add(path);
  }
  for (const path of paths) {
    const folders = path.split('/').slice(0, -1);
    const twice = folders.map((_, at) => folders.slice(0, at + 1).join('/')).find((folder) => paths.has(folder));
    if (twice !== undefined) refuse(`\`${twice}\` is a file and a folder`);
  }
}

/** Files that are worth sending: those that hold bills, and manifests. */
export function isBillFile(path: string): boolean {
  return fileTypeOf(path) !== undefined || /-manifest\.json$/i.test(path);
}

/** Nothing that leads out of the folder, or that readers of folders pass over. */
function isUploadPath(path: string): boolean {
  const isPlain = path.split('/').every((part) => /^[^.\\\p{Cc}][^\\\p{Cc}]{0,254}$/u.test(part));
  return isPlain && path.length <= 1_024 && isBillFile(path);
}

export function uploadIdOf(name: string, files: readonly UploadFile[]): string {
  const digest = createHash('sha256').update(name);
  for (const { path, bytes, sha256 } of files) digest.update(`\n${path}\t${bytes}\t${sha256}`);
  return digest.digest('hex').slice(0, 32);
}
