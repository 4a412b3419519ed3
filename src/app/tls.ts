import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { Fault } from '../kernel/fault.ts';

/** Reads the configured PEM files. Throws ConfigInvalid when one cannot be read, or they are no certificate and its key. */
export function readTls(files: { readonly certFile: string; readonly keyFile: string } | undefined): {
  tls?: { readonly cert: string; readonly key: string };
} {
  if (!files) return {};
  const tls = { cert: readPem(files.certFile), key: readPem(files.keyFile) };
  try {
    createSecureContext(tls);
  } catch (error) {
    const reason = (error as Error).message;
    throw new Fault(
      'ConfigInvalid',
      `\`${files.certFile}\` and \`${files.keyFile}\` are not a certificate and its key: ${reason}`,
    );
  }
  return { tls };
}

/** Reads a configured file of certificate authorities. Throws ConfigInvalid when it cannot be read or has none. */
export function readCertificates(file: string | undefined): { ca?: string } {
  if (file === undefined) return {};
  const ca = readPem(file);
  try {
    new X509Certificate(ca);
  } catch (error) {
    throw new Fault('ConfigInvalid', `\`${file}\` holds no PEM certificate: ${(error as Error).message}`);
  }
  return { ca };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Fault('ConfigInvalid', `cannot read the TLS file \`${path}\`: ${(error as Error).message}`);
  }
}
