import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver, { type S3Context } from '@20minutes/s3rver';

/** One request as the server saw it: `PUT /bills/key?partNumber=1`. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * A real S3 server (s3rver) in a temporary folder. It lacks AbortMultipartUpload and ListMultipartUploads, which are added
 * over its folder of uploads; with a delimiter it does not list folders that have nothing but folders, so that is done here; it cannot list in pages (its tokens need a cipher that OpenSSL 3 lacks); and it refuses the signature of requests whose path ends in a slash, as the SDK's lists do;
 * so it is told not to compare signatures, only to know the access key.
 */
export class S3Server {
  readonly #app: S3rver;
  readonly #folder: string;
  readonly url: string;
  readonly seen: SeenRequest[] = [];
  /** Answers a request instead of the server: an HTTP status, and S3's code of an error or a whole document. */
  reply: (request: SeenRequest) => readonly [status: number, codeOrXml: string] | undefined = () => undefined;

  static async start(...buckets: readonly string[]): Promise<S3Server> {
    const folder = mkdtempSync(join(tmpdir(), 'tallyline-s3-'));
    const options = { address: '127.0.0.1', port: 0, silent: true, directory: folder, allowMismatchedSignatures: true };
    const app = new S3rver({ ...options, configureBuckets: buckets.map((name) => ({ name })) });
    const server = new S3Server(app, folder);
    app.middleware.unshift((context, next) => server.#answer(context, next));
    const { port } = await app.run();
    return Object.assign(server, { url: `http://127.0.0.1:${port}` });
  }

  private constructor(app: S3rver, folder: string) {
    this.#app = app;
    this.#folder = folder;
    this.url = '';
  }

  /** Keys of a bucket's objects, in order. */
  keys(bucket: string): string[] {
    const suffix = '._S3rver_object';
    const files = readdirSync(join(this.#folder, bucket), { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => file.endsWith(suffix))
      .map((file) => file.slice(0, -suffix.length))
      .sort();
  }

  object(bucket: string, key: string): Buffer {
    return readFileSync(join(this.#folder, bucket, `${key}._S3rver_object`));
  }

  /** Keys of uploads that are neither completed nor aborted. */
  uploads(bucket: string): string[] {
    return this.#uploadsOf(bucket).map(({ key }) => key);
  }

  async close(): Promise<void> {
    await this.#app.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answer(context: S3Context, next: () => Promise<void>): Promise<void> {
    const { method, path, query, headers } = context;
    const request = { method, path: decodeURIComponent(path), query, headers };
    this.seen.push(request);
    const reply = this.reply(request);
    const bucket = path.split('/')[1]!;
    if (reply) {
      const [status, text] = reply;
      context.status = status;
      context.type = 'application/xml';
      context.body = text.startsWith('<')
        ? text
        : `<Error><Code>${text}</Code><Message>from the test</Message></Error>`;
    } else if (method === 'DELETE' && query.uploadId !== undefined) {
      rmSync(join(this.#uploadFolder(bucket), query.uploadId), { recursive: true, force: true });
      context.status = 204;
    } else if (method === 'GET' && query.uploads !== undefined) {
      const uploads = this.#uploadsOf(bucket).filter(({ key }) => key.startsWith(query.prefix ?? ''));
      const xml = uploads.map(({ key, id }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
      context.status = 200;
      context.type = 'application/xml';
      context.body = `<ListMultipartUploadsResult>${xml.join('')}</ListMultipartUploadsResult>`;
    } else if (method === 'GET' && query['list-type'] !== undefined && query.delimiter !== undefined) {
      context.status = 200;
      context.type = 'application/xml';
      context.body = this.#level(bucket, query.prefix ?? '');
    } else {
      await next();
    }
  }

  /** What lies in a folder, and the folders in it. */
  #level(bucket: string, prefix: string): string {
    const below = this.keys(bucket).filter((key) => key.startsWith(prefix));
    const folders = below.flatMap((key) => /^[^/]*\//.exec(key.slice(prefix.length)) ?? []);
    const files = below.filter((key) => !key.slice(prefix.length).includes('/'));
    const contents = files.map((key) => {
      const bytes = this.object(bucket, key);
      const tag = createHash('md5').update(bytes).digest('hex');
      return `<Contents><Key>${key}</Key><Size>${bytes.length}</Size><ETag>"${tag}"</ETag></Contents>`;
    });
    const prefixes = [...new Set(folders)].map(
      (name) => `<CommonPrefixes><Prefix>${prefix}${name}</Prefix></CommonPrefixes>`,
    );
    return `<ListBucketResult>${contents.join('')}${prefixes.join('')}</ListBucketResult>`;
  }

  #uploadFolder(bucket: string): string {
    const folder = join(this.#folder, bucket, '._S3rver_uploads');
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  #uploadsOf(bucket: string): { readonly id: string; readonly key: string }[] {
    const folder = this.#uploadFolder(bucket);
    return readdirSync(folder).map((id) => ({ id, key: readFileSync(join(folder, id, 'key'), 'utf8') }));
  }
}
