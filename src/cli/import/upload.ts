import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { Fault } from '../../kernel/fault.ts';
import type { TallylineClient } from '../client.ts';

interface LocalFile {
  readonly full: string;
  /** Below the folder that is sent, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface UploadAnswer {
  readonly UploadId: string;
  readonly Location: string;
  readonly PartBytes: number;
  readonly Files: readonly { readonly Path: string; readonly ReceivedBytes: string }[];
}

/** Tries of one part while nothing answers. */
const TRIES = 3;

/** A folder of an export, or one file of a bill, and the name under which it is sent. */
export interface SentPlace {
  readonly place: string;
  /** Absent: that of the folder or file. */
  readonly name?: string;
}

/**
 * Sends the files of a bill to the server, and says where they are imported from there. What an earlier try has sent of the same
 * files is not sent again. `tell` is told how far it is.
 */
export async function uploadBill(
  client: TallylineClient,
  { place, name }: SentPlace,
  tell: (line: string) => void,
): Promise<string> {
  tell('looking at the files');
  const files = await localFiles(place);
  const Files = files.map(({ path, bytes, sha256 }) => ({ Path: path, Bytes: `${bytes}`, Sha256: sha256 }));
  const Name = name ?? nameOf(place);
  const upload = await client.call<UploadAnswer>('StartBillUpload', { Name, Files });
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytesDone = 0;
  for (const file of files) {
    const received = Number(upload.Files.find(({ Path }) => Path === file.path)?.ReceivedBytes ?? 0);
    bytesDone += received;
    await sendFile(client, upload, file, received, (bytes) => {
      bytesDone += bytes;
      tell(`sending ${megabytes(bytesDone)} of ${megabytes(bytesTotal)} MB`);
    });
  }
  await client.call<UploadAnswer>('CompleteBillUpload', { UploadId: upload.UploadId });
  return upload.Location;
}

async function sendFile(
  client: TallylineClient,
  { UploadId, PartBytes }: UploadAnswer,
  { full, path, bytes }: LocalFile,
  received: number,
  onSent: (bytes: number) => void,
): Promise<void> {
  const handle = await open(full, constants.O_RDONLY);
  try {
    for (let offset = received; offset < bytes; ) {
      const data = await readPart(handle, offset, Math.min(PartBytes, bytes - offset));
      if (data.length === 0) throw new Fault('NotFound', `\`${full}\` became shorter while it was sent; begin again`);
      const part = { UploadId, Path: path, Offset: `${offset}`, Data: data.toString('base64'), Sha256: sha256(data) };
      await tried(() => client.call('PutBillFilePart', part));
      offset += data.length;
      onSent(data.length);
    }
  } finally {
    await handle.close();
  }
}

async function readPart(handle: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const data = Buffer.alloc(bytes);
  let read = 0;
  while (read < bytes) {
    const { bytesRead } = await handle.read(data, read, bytes - read, offset + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return data.subarray(0, read);
}

/** A part that comes twice does no harm. */
async function tried<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (attempt === TRIES || !(error instanceof Fault && error.code === 'NotFound')) throw error;
    }
  }
}

/** Files that hold bills, and manifests. Links are not followed: a folder that is sent is what lies in it. */
async function localFiles(place: string): Promise<LocalFile[]> {
  const found = await stat(place).catch((error: NodeJS.ErrnoException) => {
    throw new Fault('NotFound', `\`${place}\` cannot be read (${error.code})`);
  });
  const isFolder = found.isDirectory();
  const root = isFolder ? place : dirname(place);
  const entries = isFolder ? await readdir(place, { recursive: true, withFileTypes: true }) : [];
  const fulls = isFolder
    ? entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    : [place];
  const paths = fulls
    .map((full) => ({ full, path: full.slice(join(root, sep).length).split(sep).join('/') }))
    .sort(byPath);
  const wanted = paths.filter(({ path }) => IS_OF_BILL.test(path) && !IS_HIDDEN.test(path));
  if (wanted.length === 0) {
    throw new Fault('NotFound', `\`${place}\` has no file of a bill: .parquet, .csv, .csv.gz or .zip`);
  }
  const files: LocalFile[] = [];
  for (const { full, path } of wanted) files.push({ full, path, ...(await digest(full)) });
  return files;
}

const IS_OF_BILL = /(\.(parquet|csv|csv\.gz|zip)|-manifest\.json)$/i;
const IS_HIDDEN = /(^|\/)\./;

async function digest(full: string): Promise<Pick<LocalFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(full);
  for await (const chunk of handle.createReadStream({ highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function nameOf(place: string): string {
  return basename(place)
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128);
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
