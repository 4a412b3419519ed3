import { readFileSync } from 'node:fs';
import { Fault } from '../kernel/fault.ts';

/** Reads the configured PEM files. Throws ConfigInvalid when one cannot be read. */
export function readTls(files: { readonly certFile: string; readonly keyFile: string } | undefined): {
  tls?: { readonly cert: string; readonly key: string };
} {
  if (!files) return {};
  return { tls: { cert: readPem(files.certFile), key: readPem(files.keyFile) } };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Fault('ConfigInvalid', `cannot read the TLS file \`${path}\`: ${(error as Error).message}`);
  }
}
