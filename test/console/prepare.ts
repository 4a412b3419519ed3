import { execFileSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { findChromium, installChromium } from './chromium.ts';

const PAGE = 'dist/console/index.html';

/** Before the first test: a browser, and the console's pages as their source is now. */
export function setup(): void {
  if (findChromium() === undefined) installChromium();
  // As users get it: Vitest's own NODE_ENV would make it React's development build.
  const env = { ...process.env, NODE_ENV: 'production' };
  if (isStale()) execFileSync('npm', ['run', '--silent', 'build:console'], { stdio: 'inherit', env });
}

function isStale(): boolean {
  if (!existsSync(PAGE)) return true;
  const builtAtMs = statSync(PAGE).mtimeMs;
  return globSync('src/console/web/**/*.*').some((path) => statSync(path).mtimeMs > builtAtMs);
}
