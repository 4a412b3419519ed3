import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

/** Where Debian, Ubuntu, Google and macOS put it. */
const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser that is there; undefined when there is none. */
export function findChromium(): string | undefined {
  const places = [...PLACES, playwrightsOwn()];
  return places.find((path) => path !== undefined && path !== '' && existsSync(path));
}

/** Puts a browser on a machine that has none: Debian's package for root, else the one that Playwright downloads. */
export function installChromium(): void {
  const options = { stdio: 'inherit' } as const;
  console.log('the tests of the console need a browser: installing Chromium');
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-qq'], { ...options, env });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { ...options, env });
    return;
  }
  execFileSync(process.execPath, ['node_modules/playwright-core/cli.js', 'install', 'chromium'], options);
}

function playwrightsOwn(): string | undefined {
  try {
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}
