import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeFolders } from '../server.ts';
import { signIn } from './browser-session.ts';
import { accessibilityProblems, ConsoleBrowser } from './console.ts';
import { type DemoServer, PREPARATION_MS, startDemoServer } from './demo-data.ts';
import { PAGE_PATHS, pageAddress, pageIds } from './page-addresses.ts';
import { settled, turnIntoDesk, turnIntoPhone } from './settled.ts';

let server: DemoServer;
let browser: ConsoleBrowser;
/** One for all addresses: what it keeps of the console and compiled of it serves them all. */
let page: Page;
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  server = await startDemoServer();
  browser = await ConsoleBrowser.launch(server.url);
  const session = await signIn(server.url, server.admin.credentials);
  ids = await pageIds(session);
  page = await browser.open('/', server.admin.credentials);
}, PREPARATION_MS);
afterAll(async () => {
  await browser.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

it('names every page of the console', () => {
  const routes = readFileSync('src/console/web/routes.tsx', 'utf8');
  const paths = [...routes.matchAll(/\{ path: '([^']+)'/g)].map(([, path]) => path!);
  expect(PAGE_PATHS.toSorted()).toEqual(paths.toSorted());
});

it.each(PAGE_PATHS)('%s answers without errors, is accessible, and fits a phone in the dark', async (path) => {
  await turnIntoDesk(page);
  await browser.goTo(page, pageAddress(path, ids));
  await settled(page);
  expect(await page.locator('main [role=alert]').allTextContents()).toEqual([]);
  expect(await accessibilityProblems(page)).toEqual([]);

  await turnIntoPhone(page);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(await accessibilityProblems(page)).toEqual([]);
});
