import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { Fault } from '../../kernel/fault.ts';
import { bytesAt } from '../../kernel/file-bytes.ts';
import type { TallylineClient } from '../client.ts';
import { type LocalFile, localPlace } from './local-place.ts';

interface UploadAnswer {
  readonly UploadId: string;
  readonly Location: string;
  readonly PartBytes: number;
  readonly Files: readonly { readonly Path: string; readonly ReceivedBytes: string }[];
}

/** Tries of one part while nothing answers. */
const TRIES = 3;
/** Files of a log that are sent at a time: it has thousands of small ones, and each waits for a disk. */
const LOG_FILES_AT_ONCE = 4;

/** A folder of an export or a log, or one file of it, and the name under which it is sent. */
export interface SentPlace {
  readonly place: string;
  /** Absent: that of the folder or file; of a log, that of the folder in which its `AWSLogs` lies. */
  readonly name?: string;
}

/**
 * Sends the files of a bill or a log to the server, and says where they are imported from there. What an earlier try has sent of the same
 * files is not sent again. `tell` is told how far it is.
 */
export async function uploadPlace(
  client: TallylineClient,
  { place, name }: SentPlace,
  tell: (line: string) => void,
): Promise<string> {
  tell('looking at the files');
  const { files, isLog, name: ownName } = await localPlace(place);
  const Files = files.map(({ path, bytes, sha256 }) => ({ Path: path, Bytes: `${bytes}`, Sha256: sha256 }));
  const upload = await client.call<UploadAnswer>('StartBillUpload', { Name: name ?? ownName, Files });
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const receivedOf = new Map(upload.Files.map(({ Path, ReceivedBytes }) => [Path, Number(ReceivedBytes)]));
  let bytesDone = 0;
  const waiting = inOrder(files);
  const sendWaiting = async () => {
    // Shared: each takes the next file, and none is taken after one has failed.
    for (const file of waiting) {
      const received = receivedOf.get(file.path) ?? 0;
      bytesDone += received;
      await sendFile(client, upload, file, received, (bytes) => {
        bytesDone += bytes;
        tell(`sending ${megabytes(bytesDone)} of ${megabytes(bytesTotal)} MB`);
      });
    }
  };
  // A manifest that is older than a file of its bill is one of a refresh that is under way.
  await Promise.all(Array.from({ length: isLog ? LOG_FILES_AT_ONCE : 1 }, sendWaiting));
  await client.call<UploadAnswer>('CompleteBillUpload', { UploadId: upload.UploadId });
  return upload.Location;
}

/** Ends for all who take from it when one of them ends it. */
function* inOrder<Item>(items: readonly Item[]): Generator<Item> {
  yield* items;
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
      const data = await bytesAt(handle, offset, Math.min(PartBytes, bytes - offset));
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

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
