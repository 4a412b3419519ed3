import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Secret } from './evidence.ts';

type Form = readonly [what: string, form: RegExp];

/** Secrets that tell what they are by their form, whoever made them. */
const FORMS: readonly Form[] = [
  ['a long-term Bedrock API key', /ABSK[A-Za-z0-9+/]{24,}/g],
  ['a short-term Bedrock API key', /bedrock-api-key-[A-Za-z0-9+/]{24,}/g],
  ['a gateway key', /tly-[A-Z2-7]{16}-[0-9A-Za-z]{24,}/g],
  ['a JSON Web Token', /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g],
  ['a SAML assertion', /<(?:saml2?:)?Assertion[ >]|PHNhbWwyP[A-Za-z0-9+/]{40,}/g],
  ['a signature of a request', /X-Amz-Signature=[0-9a-f]{64}/g],
];
/** Format 2 and the first bits of a key id: nothing else of ours is base64url of that length that begins so. */
const SEALED: Form = ['a sealed text or a session token', /(?<![\w+/=-])A[g-v][\w-]{108,}/g];

/** Of the values in `secrets` and of the forms, those that stand in the text: what they are and a digest, never the value. */
export function secretsIn(
  text: string,
  secrets: readonly Secret[],
  forms: readonly Form[] = [...FORMS, SEALED],
): string[] {
  const found = secrets.filter(({ value }) => text.includes(value)).map(({ what, value }) => described(what, value));
  const formed = forms.flatMap(([what, form]) => [...text.matchAll(form)].map(([value]) => described(what, value)));
  return [...new Set([...found, ...formed])];
}

/** Where secrets belong; the only places in a data folder. */
const KEPT = /^(?:aws\/credentials|master\.key(?:\..*)?|.*\.key)$/;
/** The engine's own files, compressed: there chance makes forms. */
const COMPRESSED = /^store\//;
/** What is sealed is kept here. */
const SEALED_INSIDE = /^directory\.sqlite/;
const BLOCK_BYTES = 1 << 20;
const EMPTY = Buffer.alloc(BLOCK_BYTES);
/** What is read just now. */
const BLOCK = Buffer.alloc(BLOCK_BYTES);

/** What stands in a data folder in the clear, by file. `raw`: bytes that must not stand there either. */
export function secretsInFolder(folder: string, secrets: readonly Secret[], raw: readonly Buffer[]): string[] {
  const wanted = secrets.map(({ what, value }) => ({ what, value, bytes: Buffer.from(value) }));
  const bytesOf = [
    ...wanted,
    ...raw.map((bytes) => ({ what: 'raw bytes of a master key', value: bytes.toString('hex'), bytes })),
  ];
  return filesOf(folder).flatMap((file) => {
    const name = relative(folder, file);
    if (KEPT.test(name)) return [];
    const content = contentOf(file);
    const found = bytesOf
      .filter(({ bytes }) => content.includes(bytes))
      .map(({ what, value }) => described(what, value));
    const forms = SEALED_INSIDE.test(name) ? FORMS : [...FORMS, SEALED];
    const formed = COMPRESSED.test(name) ? [] : secretsIn(content.toString('latin1'), [], forms);
    return [...new Set([...found, ...formed])].map((one) => `${one} in ${name}`);
  });
}

/** Files that are gone meanwhile belong to a server that still runs. */
function filesOf(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Without blocks of zeros, which journal segments are full of. */
function contentOf(file: string): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const blocks: Buffer[] = [];
    for (;;) {
      const length = readSync(descriptor, BLOCK, 0, BLOCK_BYTES, null);
      if (length === 0) return Buffer.concat(blocks);
      const block = BLOCK.subarray(0, length);
      if (!block.equals(EMPTY.subarray(0, length))) blocks.push(Buffer.from(block));
    }
  } finally {
    closeSync(descriptor);
  }
}

function described(what: string, value: string): string {
  return `${what} (sha256 ${createHash('sha256').update(value).digest('hex').slice(0, 12)})`;
}
