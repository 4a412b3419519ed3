import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { WireRequest, WireResponse } from '../wire/exchange.ts';

const PREFIX = '/console/';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

/** Best first. The build writes them beside the files. */
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

/** No inline script, no other origin, and no frame around it. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

interface ConsoleFile {
  readonly contentType: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly encoded: Readonly<Record<string, Buffer>>;
}

/** The console's pages as `npm run build:console` made them: read once, and served to anybody, for there is nothing in them. */
export class ConsoleFiles {
  /** By path below the prefix. */
  readonly #files: ReadonlyMap<string, ConsoleFile>;

  constructor(folder: string) {
    this.#files = new Map(existsSync(folder) ? readFiles(folder) : []);
  }

  /** Undefined when the request is not for the console. Every path without a file is a page, which the browser knows. */
  answer({ method, path, query, headers }: WireRequest): WireResponse | undefined {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    const isFrontDoor = path === '/' && query === '' && (headers.accept ?? '').includes('text/html');
    if (isFrontDoor || path === '/console') return { status: 302, headers: { location: PREFIX }, body: '' };
    if (!path.startsWith(PREFIX)) return undefined;
    const name = path.slice(PREFIX.length);
    const isPage = !this.#files.has(name) && !name.startsWith('assets/');
    const file = this.#files.get(isPage ? 'index.html' : name);
    if (!file) return isPage ? NOT_BUILT : NOT_FOUND;
    return respond(file, name.startsWith('assets/'), method, headers);
  }
}

const NOT_BUILT = text(503, 'the console is not built: run `npm run build:console` and start the server again\n');
const NOT_FOUND = text(404, 'there is no such file\n');

function text(status: number, body: string): WireResponse {
  return { status, headers: { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' }, body };
}

function respond(
  { contentType, etag, plain, encoded }: ConsoleFile,
  isHashed: boolean,
  method: string,
  headers: WireRequest['headers'],
): WireResponse {
  const accepted = (headers['accept-encoding'] ?? '').split(',').map((one) => one.split(';')[0]!.trim());
  const encoding = ENCODINGS.find(({ name }) => accepted.includes(name) && encoded[name]);
  const answer = {
    ...SECURITY_HEADERS,
    etag,
    vary: 'accept-encoding',
    // The names of assets have a hash of what is in them.
    'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  if (headers['if-none-match'] === etag) return { status: 304, headers: answer, body: '' };
  return {
    status: 200,
    headers: { ...answer, 'content-type': contentType, ...(encoding && { 'content-encoding': encoding.name }) },
    body: method === 'HEAD' ? '' : encoding ? encoded[encoding.name]! : plain,
  };
}

function readFiles(folder: string): [string, ConsoleFile][] {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !ENCODINGS.some(({ suffix }) => entry.name.endsWith(suffix)))
    .map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => [relative(folder, path).replaceAll('\\', '/'), readConsoleFile(path)]);
}

function readConsoleFile(path: string): ConsoleFile {
  const plain = readFileSync(path);
  const encoded = ENCODINGS.filter(({ suffix }) => existsSync(path + suffix));
  return {
    contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    encoded: Object.fromEntries(encoded.map(({ name, suffix }) => [name, readFileSync(path + suffix)])),
  };
}
