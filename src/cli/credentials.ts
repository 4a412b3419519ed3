import { Fault } from '../kernel/fault.ts';
import { readCache, writeCache } from './credentials/cache-file.ts';
import { credentialSource } from './credentials/chosen-source.ts';
import { ContainerEndpoint } from './credentials/container-endpoint.ts';
import { CredentialKeeper } from './credentials/credential-keeper.ts';
import type { CredentialOptions, Environment } from './credentials/credential-source.ts';
import { processJson, refreshAtMs, type WorkloadCredentials } from './credentials/workload-credentials.ts';

export type { CredentialOptions };

export interface ProcessOptions extends CredentialOptions {
  /** File in which the credentials are kept until shortly before they end; absent: none. */
  readonly cache?: string;
}

export interface EndpointOptions extends CredentialOptions {
  readonly host: string;
  readonly port: number;
  readonly authorizationTokenFile: string;
}

/** `tallyline credentials`: what a `credential_process` prints. */
export async function credentialProcess(
  options: ProcessOptions,
  environment: Environment,
  now: () => number,
  print: (text: string) => void,
): Promise<void> {
  const source = credentialSource(options, environment);
  const { cache } = options;
  if (cache === undefined) return print(processJson(await source.fetch(now())));
  const key = source.cacheKey();
  const held = readCache(cache, key);
  if (held && now() < refreshAtMs(held)) return print(processJson(held));
  let credentials: WorkloadCredentials;
  try {
    credentials = await source.fetch(now());
  } catch (error) {
    // A server that is down is no reason to stop while the old ones are good; one that refuses is.
    const isDown = error instanceof Fault && error.code === 'NotFound';
    if (isDown && held && now() < held.expiresAtMs) return print(processJson(held));
    throw error;
  }
  writeCache(cache, key, credentials);
  print(processJson(credentials));
}

/** `tallyline credentials serve`: a container credentials endpoint. Resolves once it listens. */
export async function serveCredentials(
  options: EndpointOptions,
  environment: Environment,
  now: () => number,
  warn: (text: string) => void,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const source = credentialSource(options, environment);
  const keeper = new CredentialKeeper({ fetch: source.fetch, now, onTrouble: warn });
  const { host, port, authorizationTokenFile } = options;
  const endpoint = new ContainerEndpoint({ host, port, authorizationTokenFile, roleArn: source.roleArn, keeper });
  const url = await endpoint.listen();
  keeper.start();
  return { url, close: () => endpoint.close() };
}
