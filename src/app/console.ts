import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ConsoleFiles } from '../adapters/console-files.ts';
import type { Config } from '../config.ts';
import { ConsoleSessions } from '../identity/console-session.ts';
import type { Directory } from '../identity/directory.ts';
import type { SessionTokens } from '../identity/session-token.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import { HOUR_MS } from '../kernel/time.ts';
import type { RequestPathParts } from '../paths/request-path.ts';
import { consoleSignIn } from '../services/console.ts';
import { openApi } from '../wire/open-api.ts';
import type { ServiceId } from '../wire/operation.ts';

/** Where `npm run build:console` puts the pages. */
const PAGES = join(import.meta.dirname, '..', '..', 'dist', 'console');

/** The console's pages, the sessions of its browsers, and the description of what they ask. */
export function openConsole(
  { console: settings, listen }: Config,
  box: SecretBox,
  directory: Directory,
  sessions: SessionTokens,
  answered: () => Pick<RequestPathParts, 'operations' | 'inference'>,
) {
  const consoleSessions = new ConsoleSessions(box);
  let description: Buffer | undefined;
  const openApiText = () => {
    const { operations, inference } = answered();
    const names = (service: ServiceId) => new Set(Object.keys({ ...operations[service], ...inference[service] }));
    description ??= Buffer.from(JSON.stringify(openApi(names)));
    return description;
  };
  return {
    consoleSessions,
    files: new ConsoleFiles(PAGES),
    signIn: consoleSignIn({
      ...{ directory, sessions, consoleSessions, random: randomBytes, openApi: openApiText },
      sessionMs: settings.sessionHours * HOUR_MS,
      isSecure: listen.tls !== undefined || settings.publicUrl?.startsWith('https:') === true,
    }),
  };
}
