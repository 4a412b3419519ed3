// Pictures of every page for the docs, of a fresh demo organisation: `npm run screenshots`; of some alone, by their paths in
// `routes.tsx`: `npm run screenshots -- /reconcile '/models/$id'`.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { prepareDemoFolder } from '../../examples/demo/prepared-folder.ts';
import { startServer } from '../server.ts';
import { signIn } from './browser-session.ts';
import { ConsoleBrowser } from './console.ts';
import { PAGE_PATHS, pageAddress, pageIds } from './page-addresses.ts';
import { settled } from './settled.ts';

const FOLDER = 'docs/images/console';
const QUALITY = 60;
const asked = process.argv.slice(2);

/** Smaller than they are on screen: the pictures are kept in the repository. */
const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 }, scale: 0.7 },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 }, scale: 0.7 },
  { name: 'phone-light', colorScheme: 'light', viewport: { width: 360, height: 740 }, scale: 0.7 },
  { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 360, height: 740 }, scale: 0.7 },
] as const;

const data = mkdtempSync(join(tmpdir(), 'tallyline-screenshots-'));
await prepareDemoFolder({ dataFolder: data, nowMs: Date.now() });
const config = JSON.parse(readFileSync(join(data, 'tallyline.yaml'), 'utf8')) as object;
const server = await startServer({ data, config });
const browser = await ConsoleBrowser.launch(server.url);
try {
  const { credentials } = server.admin;
  const ids = await pageIds(await signIn(server.url, credentials));
  mkdirSync(FOLDER, { recursive: true });
  for (const { name, scale, ...options } of LOOKS) {
    for (const path of asked.length > 0 ? asked : PAGE_PATHS) {
      const page = await browser.open(pageAddress(path, ids), credentials, { ...options, scale });
      await settled(page);
      await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => undefined);
      writeFileSync(join(FOLDER, `${fileName(path)}-${name}.webp`), await picture(page));
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}

/** `/requests/$id` is `request`, like its module. */
function fileName(path: string): string {
  if (path === '/') return 'overview';
  const name = path.slice(1).replace('/name/', '/').replaceAll('/', '-');
  return name.replace('ies-$id', 'y').replace('s-$id', '');
}

/** WebP, which Playwright itself does not write. */
async function picture(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data: base64 } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  return Buffer.from(base64, 'base64');
}
