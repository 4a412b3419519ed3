import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ConsoleFiles } from '../adapters/console-files.ts';
import { OidcSignIn } from '../adapters/oidc-sign-in.ts';
import type { Config } from '../config.ts';
import { ConsoleSessions } from '../identity/console-session.ts';
import type { Directory } from '../identity/directory.ts';
import type { SessionTokens } from '../identity/session-token.ts';
import { Fault } from '../kernel/fault.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import { type Clock, HOUR_MS } from '../kernel/time.ts';
import { proveOidcToken } from '../paths/oidc-token.ts';
import type { RequestPathParts } from '../paths/request-path.ts';
import { consoleSignIn } from '../services/console.ts';
import type { WireRequest } from '../wire/exchange.ts';
import { openApi } from '../wire/open-api.ts';
import type { ServiceId } from '../wire/operation.ts';
import { readCertificates } from './tls.ts';

export interface ConsoleOptions {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly box: SecretBox;
  readonly directory: Directory;
  readonly sessions: SessionTokens;
  readonly clock: Clock;
  /** What answers and proves; complete by the time that somebody asks. */
  readonly requestPath: () => RequestPathParts;
}

/** Where `npm run build:console` puts the pages. */
const PAGES = join(import.meta.dirname, '..', '..', 'dist', 'console');

/** The console's pages, the sessions of its browsers, and the description of what they ask. Throws ConfigInvalid. */
export function openConsole(options: ConsoleOptions) {
  const { config, box, directory, sessions, requestPath } = options;
  const { console: settings, listen } = config;
  const consoleSessions = new ConsoleSessions(box);
  const provider = openProvider(options);
  let description: Buffer | undefined;
  const describe = () => {
    const { operations, inference } = requestPath();
    const names = (service: ServiceId) => new Set(Object.keys({ ...operations[service], ...inference[service] }));
    description ??= Buffer.from(JSON.stringify(openApi(names)));
    return description;
  };
  const prove = async (token: string, request: WireRequest, nowMs: number) => {
    const call = { requestId: randomUUID(), request };
    return (await proveOidcToken(token, call, requestPath(), nowMs)).caller;
  };
  return {
    consoleSessions,
    files: new ConsoleFiles(PAGES),
    signIn: consoleSignIn({
      ...{ directory, sessions, consoleSessions, random: randomBytes, openApi: describe },
      sessionMs: settings.sessionHours * HOUR_MS,
      origin: (request) => settings.publicUrl ?? originOf(request),
      ...(provider && { oidc: { provider, box, prove } }),
      isSecure: listen.tls !== undefined || settings.publicUrl?.startsWith('https:') === true,
    }),
    close: () => provider?.close(),
  };
}

function openProvider({ config, environment, clock }: ConsoleOptions): OidcSignIn | undefined {
  const { oidc } = config.console;
  if (!oidc) return undefined;
  const { issuer, clientId, clientSecretEnv, scopes } = oidc;
  const clientSecret = clientSecretEnv === undefined ? undefined : environment[clientSecretEnv];
  if (clientSecretEnv !== undefined && clientSecret === undefined) {
    throw new Fault(
      'ConfigInvalid',
      `the console's sign-in needs the environment variable \`${clientSecretEnv}\`, which is not set`,
    );
  }
  return new OidcSignIn({
    ...{ issuer, clientId, scopes, clock },
    ...(clientSecret !== undefined && { clientSecret }),
    ...readCertificates(config.federation.caFile),
  });
}

function originOf({ isTls, headers }: WireRequest): string {
  return `${isTls ? 'https' : 'http'}://${headers[':authority'] ?? headers.host ?? 'localhost'}`;
}
