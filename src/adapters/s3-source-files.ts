import { GetObjectCommand, ListObjectsV2Command, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { type FolderContents, MAX_SOURCE_FILES, type SourceFile, type SourceFiles } from '../imports/source-files.ts';
import { Fault } from '../kernel/fault.ts';
import { MAX_READ_BYTES } from '../kernel/object-store.ts';

export interface S3SourceOptions {
  readonly bucket: string;
  /** Keys begin with it: a folder with a slash at its end, or one object. Empty: the whole bucket. */
  readonly prefix: string;
  readonly region: string;
  /** Absent: AWS's, by region. */
  readonly endpoint?: string;
  readonly pathStyle: boolean;
  /** Absent: the SDK's own chain. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** For one answer to begin; the bytes of a file may take as long as they take. */
const REQUEST_TIMEOUT_MS = 60_000;

/** A prefix of a bucket of Amazon S3, or of a store that speaks its protocol. Reads alone. */
export class S3SourceFiles implements SourceFiles {
  readonly #options: S3SourceOptions;
  readonly #client: S3Client;

  constructor(options: S3SourceOptions) {
    this.#options = options;
    const { region, endpoint, pathStyle, credentials } = options;
    this.#client = new S3Client({
      region,
      ...(endpoint !== undefined && { endpoint }),
      forcePathStyle: pathStyle,
      ...(credentials && { credentials }),
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 10_000, requestTimeout: REQUEST_TIMEOUT_MS },
    });
  }

  async list(): Promise<readonly SourceFile[]> {
    const { bucket, prefix } = this.#options;
    const files: SourceFile[] = [];
    for await (const page of this.#pages({ Prefix: prefix })) {
      files.push(...page.files);
      if (files.length > MAX_SOURCE_FILES) {
        throw new Fault(
          'ValidationException',
          `\`s3://${bucket}/${prefix}\` has more than ${MAX_SOURCE_FILES} objects; give the prefix of one export`,
        );
      }
    }
    return files;
  }

  async look(folder: string): Promise<FolderContents> {
    const key = folder === '' ? this.#options.prefix : `${this.#keyOf(folder)}/`;
    const folders: string[] = [];
    const files: SourceFile[] = [];
    for await (const page of this.#pages({ Prefix: key, Delimiter: '/' })) {
      folders.push(...page.folders);
      files.push(...page.files);
    }
    return { folders, files };
  }

  async *#pages(request: { readonly Prefix: string; readonly Delimiter?: string }): AsyncGenerator<FolderContents> {
    const Bucket = this.#options.bucket;
    for (let token: string | undefined, isMore = true; isMore; isMore = token !== undefined) {
      const more = token !== undefined && { ContinuationToken: token };
      const page = await this.#asked((s3) => s3.send(new ListObjectsV2Command({ Bucket, ...request, ...more })));
      const objects = (page.Contents ?? []).filter(({ Key = '' }) => !Key.endsWith('/'));
      yield {
        folders: (page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix.split('/').at(-2)!),
        files: objects.map(({ Key = '', Size = 0, LastModified, ETag = '' }) => ({
          path: this.#pathOf(Key),
          sizeBytes: Size,
          modifiedAtMs: LastModified?.getTime() ?? 0,
          version: ETag,
        })),
      };
      token = page.NextContinuationToken;
    }
  }

  async readText(path: string): Promise<string> {
    const found = await this.#get(path);
    if ((found.ContentLength ?? 0) > MAX_READ_BYTES) {
      throw new Fault('ValidationException', `\`${path}\` is too large for a manifest`);
    }
    return this.#asked(() => found.Body!.transformToString());
  }

  async readEnd({ path, sizeBytes }: SourceFile, byteCount: number): Promise<Buffer> {
    // An empty object has no range.
    if (sizeBytes === 0) return Buffer.alloc(0);
    // By its first byte: not every store knows ranges that are counted from the end.
    const { Body } = await this.#get(path, `bytes=${Math.max(0, sizeBytes - byteCount)}-`);
    return Buffer.from(await this.#asked(() => Body!.transformToByteArray()));
  }

  async open(path: string): Promise<AsyncIterable<Uint8Array>> {
    const { Body } = await this.#get(path);
    return Body!.transformToWebStream() as unknown as AsyncIterable<Uint8Array>;
  }

  #get(path: string, Range?: string) {
    const Key = this.#keyOf(path);
    const request = { Bucket: this.#options.bucket, Key, ...(Range !== undefined && { Range }) };
    return this.#asked((s3) => s3.send(new GetObjectCommand(request)));
  }

  /** Paths of a source that is one object are its name alone. */
  #pathOf(key: string): string {
    const { prefix } = this.#options;
    return key.slice(prefix.lastIndexOf('/') + 1);
  }

  #keyOf(path: string): string {
    const { prefix } = this.#options;
    return `${prefix.slice(0, prefix.lastIndexOf('/') + 1)}${path}`;
  }

  async #asked<Answer>(ask: (s3: S3Client) => Promise<Answer>): Promise<Answer> {
    try {
      return await ask(this.#client);
    } catch (error) {
      throw faultOf(error, this.#options.bucket);
    }
  }
}

/** What the client says stays here, where credentials may be in it; its name for the error goes on. */
function faultOf(error: unknown, bucket: string): Fault {
  const isAnswer = error instanceof S3ServiceException;
  const code = isAnswer ? error.name : ((error as { code?: string; name?: string }).code ?? (error as Error).name);
  const reason = isAnswer ? 'refuses' : 'cannot be reached';
  return new Fault(
    'ValidationException',
    `the bucket \`${bucket}\` ${reason} (${code}); it needs s3:ListBucket and s3:GetObject`,
  );
}
