import { createHash } from 'node:crypto';
import { Fault } from '../kernel/fault.ts';
import { fileTypeOf } from './file-type.ts';
import { isLogFile } from './log-layout.ts';
import { isUploadName } from './upload-location.ts';

/** A file that is sent to the server. */
export interface UploadFile {
  /** Below the folder that is sent, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 in hexadecimal, lower case. */
  readonly sha256: string;
}

/** A folder of bills, or of a model invocation log, that is sent to the server, file by file and part by part. */
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

/** Port: bills and logs that were sent to the server. Every method throws ValidationException for what it does not take. */
export interface BillUploads {
  /**
   * Begins an upload, or goes on with it. Files of a log that were sent before under its name have arrived already. Drops older
   * uploads that nobody has completed, or that no source is of.
   */
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
/** As of any file that is imported. */
export const MAX_UPLOAD_FILE_BYTES = 8 * 2 ** 30;

/** Throws ValidationException with what is wrong with a name or a list of files. */
export function checkUpload(name: string, files: readonly UploadFile[]): void {
  const refuse = (text: string) => {
    throw new Fault('ValidationException', text);
  };
  if (!isUploadName(name)) {
    refuse(`\`${name}\` is no name of an upload: letters, digits, dots, dashes and underscores`);
  }
  if (files.length === 0) refuse('an upload needs a file of a bill (.parquet, .csv, .csv.gz, .zip) or of a log');
  const paths = new Set<string>();
  for (const { path, bytes } of files) {
    if (!isUploadPath(path))
      refuse(`\`${path}\` is no path of a file of a bill or a log below the folder that is sent`);
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

/** Files that are worth sending: those that hold bills, manifests, and files of a model invocation log in their place. */
function isRead(path: string): boolean {
  return fileTypeOf(path) !== undefined || /-manifest\.json$/i.test(path) || isLogFile(path);
}

/** Nothing that leads out of the folder, or that readers of folders pass over. */
function isUploadPath(path: string): boolean {
  const isPlain = path.split('/').every((part) => /^[^.\\\p{Cc}][^\\\p{Cc}]{0,254}$/u.test(part));
  return isPlain && path.length <= 1_024 && isRead(path);
}

export function uploadIdOf(name: string, files: readonly UploadFile[]): string {
  const digest = createHash('sha256').update(name);
  for (const { path, bytes, sha256 } of files) digest.update(`\n${path}\t${bytes}\t${sha256}`);
  return digest.digest('hex').slice(0, 32);
}
