import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ConsoleFiles } from '../adapters/console-files.ts';
import type { Config } from '../config.ts';
import { ConsoleSessions } from '../identity/console-session.ts';
import type { Directory } from '../identity/directory.ts';
import type { SessionTokens } from '../identity/session-token.ts';
import type { SecretBox } from '../kernel/secret-box.ts';
import { HOUR_MS } from '../kernel/time.ts';
import { consoleSignIn } from '../services/console.ts';

/** Where `npm run build:console` puts the pages. */
const PAGES = join(import.meta.dirname, '..', '..', 'dist', 'console');

/** The console's pages and the sessions of its browsers. */
export function openConsole(
  { console: settings, listen }: Config,
  box: SecretBox,
  directory: Directory,
  sessions: SessionTokens,
) {
  const consoleSessions = new ConsoleSessions(box);
  return {
    consoleSessions,
    files: new ConsoleFiles(PAGES),
    signIn: consoleSignIn({
      ...{ directory, sessions, consoleSessions, random: randomBytes },
      sessionMs: settings.sessionHours * HOUR_MS,
      isSecure: listen.tls !== undefined || settings.publicUrl?.startsWith('https:') === true,
    }),
  };
}
