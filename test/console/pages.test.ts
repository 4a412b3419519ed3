import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders } from '../server.ts';
import { signIn } from './browser-session.ts';
import { accessibilityProblems, ConsoleBrowser } from './console.ts';
import { type DemoServer, startDemoServer } from './demo-data.ts';

/** Every page, by its path in `routes.tsx`; `ID` stands for something that there is. */
const PAGES: Readonly<Record<string, string>> = {
  '/': '/',
  '/explorer': '/explorer',
  '/live': '/live',
  '/principals': '/principals',
  '/principals/$id': '/principals/ID',
  '/teams': '/teams',
  '/teams/$id': '/teams/data-science',
  '/models': '/models',
  '/models/$id': '/models/anthropic.claude-sonnet-4-6',
  '/requests': '/requests',
  '/requests/$id': '/requests/ID',
  '/tags': '/tags',
  '/cost-categories': '/cost-categories',
  '/splits': '/splits',
  '/tags/strategy': '/tags/strategy',
  '/exports': '/exports',
  '/exports/new': '/exports/new',
  '/exports/name/$id': '/exports/name/ID',
  '/budgets': '/budgets',
  '/statements': '/statements',
  '/access': '/access',
  '/prices': '/prices',
  '/audit': '/audit',
  '/system': '/system',
  '/set-up': '/set-up',
};

let server: DemoServer;
let browser: ConsoleBrowser;
/** What `ID` stands for, by path. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  server = await startDemoServer();
  browser = await ConsoleBrowser.launch(server.url);
  const session = await signIn(server.url, server.admin.credentials);
  const { Requests } = (await session.call('tallyline', 'ListRequests', { MaxResults: 1 })) as {
    readonly Requests: readonly { readonly RequestId: string; readonly Principal: string }[];
  };
  ids['/requests/$id'] = Requests[0]!.RequestId;
  ids['/principals/$id'] = Requests[0]!.Principal;
  const { Exports } = (await session.call('bcm-data-exports', 'ListExports', {})) as {
    readonly Exports: readonly { readonly ExportName: string }[];
  };
  ids['/exports/name/$id'] = Exports[0]!.ExportName;
});
afterAll(async () => {
  await browser.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

const addressOf = (path: string) => PAGES[path]!.replace('ID', encodeURIComponent(ids[path] ?? ''));

/** Everything that was asked for has come. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('main .skeleton').first().waitFor({ state: 'detached' });
}

it('names every page of the console', () => {
  const routes = readFileSync('src/console/web/routes.tsx', 'utf8');
  const paths = [...routes.matchAll(/\{ path: '([^']+)'/g)].map(([, path]) => path!);
  expect(paths.filter((path) => !(path in PAGES))).toEqual([]);
  expect(Object.keys(PAGES).filter((path) => !paths.includes(path))).toEqual([]);
});

describe.each(Object.keys(PAGES))('%s', (path) => {
  it('answers without errors, and is accessible', async () => {
    const page = await browser.open(addressOf(path), server.admin.credentials);
    await settled(page);
    expect(await page.locator('main [role=alert]').allTextContents()).toEqual([]);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.context().close();
  });

  it('fits a phone, in the dark', async () => {
    const options = { viewport: { width: 360, height: 740 }, colorScheme: 'dark' } as const;
    const page = await browser.open(addressOf(path), server.admin.credentials, options);
    await settled(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.context().close();
  });
});
