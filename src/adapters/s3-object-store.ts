import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Fault } from '../kernel/fault.ts';
import { type Bucket, MAX_READ_BYTES, type ObjectStore, type StagedObject } from '../kernel/object-store.ts';
import { cutParts } from './s3-object-store/parts.ts';

export interface S3DestinationOptions {
  /** Absent: AWS's, by region. */
  readonly endpoint?: string;
  /** Absent: the region of the export's destination. */
  readonly region?: string;
  /** The bucket in the path instead of the host name, as most stores other than AWS's want it. */
  readonly pathStyle: boolean;
  /** Absent: the SDK's own chain (environment, shared files, the role of the machine or container). */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** S3 takes 10,000 parts of at least 5 MiB: with these an object can have 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;
/** Parts on their way at once. With the one that is being filled, a delivery holds 32 MiB. */
const PARALLEL_PARTS = 3;
/** For one part, over a line of 70 KB/s. */
const REQUEST_TIMEOUT_MS = 120_000;

/** Regions come from exports; what is over this gives way, and is made again when it is wanted. */
const MAX_CLIENTS = 32;

/** Codes by which S3 and its likes say that a bucket is not there or not for these credentials. */
const REFUSALS = new Set([
  ...['AccessDenied', 'AllAccessDisabled', 'AccountProblem', 'NoSuchBucket', 'PermanentRedirect'],
  ...['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken', 'InvalidToken', 'CredentialsProviderError'],
  ...['AuthorizationHeaderMalformed', 'Forbidden'],
]);

/** What a store that does not list unfinished uploads answers with; such stores clear them away by themselves. */
const NOT_THERE = new Set(['NotImplemented', 'MethodNotAllowed']);

/**
 * Amazon S3 and stores that speak its protocol. An object is staged as a multipart upload, which readers see when it is
 * completed. Every body goes with its length, its SHA-256 in the signature, and its MD5: what every store understands, unlike
 * the SDK's default of checksums in trailers.
 */
export class S3ObjectStore implements ObjectStore {
  readonly #options: S3DestinationOptions;
  /** By region. */
  readonly #clients = new Map<string, S3Client>();

  constructor(options: S3DestinationOptions) {
    this.#options = options;
  }

  async put(bucket: Bucket, key: string, content: string): Promise<void> {
    const Body = Buffer.from(content);
    const target = { ...place(bucket), Key: key };
    await this.#asked(bucket, (s3) => s3.send(new PutObjectCommand({ ...target, Body, ContentMD5: md5(Body) })));
  }

  async stage(bucket: Bucket, key: string, content: AsyncIterable<Uint8Array>): Promise<StagedObject> {
    const target = { ...place(bucket), Key: key };
    const begun = await this.#asked(bucket, (s3) => s3.send(new CreateMultipartUploadCommand(target)));
    const upload = { ...target, UploadId: begun.UploadId! };
    // A failure to give up is left to the next run, which looks for such uploads.
    const discard = async () => {
      await this.#client(bucket)
        .send(new AbortMultipartUploadCommand(upload))
        .catch(() => {});
    };
    const eTags: string[] = [];
    const send = async (Body: Buffer, PartNumber: number) => {
      const command = new UploadPartCommand({ ...upload, PartNumber, Body, ContentMD5: md5(Body) });
      eTags[PartNumber - 1] = (await this.#asked(bucket, (s3) => s3.send(command))).ETag!;
    };
    try {
      await inParallel(cutParts(content, PART_BYTES), send);
    } catch (error) {
      await discard();
      throw error;
    }
    const publish = async () => {
      const Parts = eTags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
      const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } });
      await this.#asked(bucket, (s3) => s3.send(command));
    };
    return { publish, discard };
  }

  async read(bucket: Bucket, key: string): Promise<string | undefined> {
    return this.#asked(bucket, async (s3) => {
      try {
        const found = await s3.send(new GetObjectCommand({ ...place(bucket), Key: key }));
        if ((found.ContentLength ?? 0) <= MAX_READ_BYTES) return await found.Body!.transformToString();
        await found.Body!.transformToWebStream().cancel();
        return undefined;
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return undefined;
        throw error;
      }
    });
  }

  async open(bucket: Bucket, key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#asked(bucket, async (s3) => {
      try {
        const { Body } = await s3.send(new GetObjectCommand({ ...place(bucket), Key: key }));
        return Body!.transformToWebStream() as unknown as AsyncIterable<Uint8Array>;
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return undefined;
        throw error;
      }
    });
  }

  async modifiedAtMs(bucket: Bucket, key: string): Promise<number | undefined> {
    return this.#asked(bucket, async (s3) => {
      try {
        return (await s3.send(new HeadObjectCommand({ ...place(bucket), Key: key }))).LastModified?.getTime();
      } catch (error) {
        // A HEAD has no body to name the error in.
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
        throw error;
      }
    });
  }

  async list(bucket: Bucket, folder: string): Promise<readonly string[]> {
    const keys: string[] = [];
    for (let ContinuationToken: string | undefined, isMore = true; isMore; isMore = ContinuationToken !== undefined) {
      const request = { ...place(bucket), Prefix: folder, ...(ContinuationToken && { ContinuationToken }) };
      const page = await this.#asked(bucket, (s3) => s3.send(new ListObjectsV2Command(request)));
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key!));
      ContinuationToken = page.NextContinuationToken;
    }
    return keys;
  }

  async remove(bucket: Bucket, key: string): Promise<void> {
    await this.#asked(bucket, (s3) => s3.send(new DeleteObjectCommand({ ...place(bucket), Key: key })));
  }

  async discardStaged(bucket: Bucket, folder: string): Promise<void> {
    const request = new ListMultipartUploadsCommand({ ...place(bucket), Prefix: folder });
    const uploads = await this.#asked(bucket, async (s3) => {
      try {
        return (await s3.send(request)).Uploads ?? [];
      } catch (error) {
        if (error instanceof S3ServiceException && NOT_THERE.has(error.name)) return [];
        throw error;
      }
    });
    for (const { Key, UploadId } of uploads) {
      const command = new AbortMultipartUploadCommand({ ...place(bucket), Key, UploadId });
      await this.#asked(bucket, (s3) => s3.send(command));
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
  }

  async #asked<Answer>(bucket: Bucket, ask: (s3: S3Client) => Promise<Answer>): Promise<Answer> {
    try {
      return await ask(this.#client(bucket));
    } catch (error) {
      throw faultOf(error, bucket);
    }
  }

  #client(bucket: Bucket): S3Client {
    const { endpoint, region = bucket.region, pathStyle, credentials } = this.#options;
    const open = this.#clients.get(region);
    if (open) return open;
    const client = new S3Client({
      region,
      ...(endpoint !== undefined && { endpoint }),
      forcePathStyle: pathStyle,
      ...(credentials && { credentials }),
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 10_000, requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
    });
    const [oldest] = this.#clients.keys();
    if (oldest !== undefined && this.#clients.size === MAX_CLIENTS) this.#clients.delete(oldest);
    this.#clients.set(region, client);
    return client;
  }
}

function place({ name, ownerAccountId }: Bucket) {
  return { Bucket: name, ...(ownerAccountId !== undefined && { ExpectedBucketOwner: ownerAccountId }) };
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('base64');
}

/** Sends numbered parts, a few at once. Ends with the first error, when no part is under way any more. */
async function inParallel(
  parts: AsyncIterable<Buffer>,
  send: (part: Buffer, partNumber: number) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let partNumber = 0;
  try {
    for await (const part of parts) {
      partNumber += 1;
      const sent: Promise<void> = send(part, partNumber)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => underWay.delete(sent));
      underWay.add(sent);
      if (underWay.size >= PARALLEL_PARTS) await Promise.race(underWay);
      if (failure) throw failure.error;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.error;
}

/** Errors of the client and of the network are no bugs; what they say stays here, where credentials may be in it. */
function faultOf(error: unknown, { name }: Bucket): Fault {
  const code = error instanceof Error && error.name !== 'Error' ? error.name : (error as { code?: string }).code;
  return code !== undefined && REFUSALS.has(code)
    ? new Fault('AccessDeniedException', `the bucket \`${name}\` cannot be written (${code})`)
    : new Fault('InternalServerException', `the bucket \`${name}\` cannot be reached (${code ?? 'unknown error'})`);
}
