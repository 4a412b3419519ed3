import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { activateTeams, NIGHTLY, OWN_PRICES, plantChanges } from '../wire/planted-changes.ts';
import { accessibilityProblems, ConsoleBrowser, type Credentials } from './console.ts';
import { settled } from './settled.ts';

let server: TestServer;
let browser: ConsoleBrowser;
let admin: Credentials;

beforeAll(async () => {
  const data = temporaryFolder('why-page');
  await plantChanges(data);
  server = await startServer({ data, config: { prices: OWN_PRICES } });
  const ce = new CostExplorerClient(server.admin);
  await activateTeams(ce);
  ce.destroy();
  admin = server.admin.credentials as Credentials;
  browser = await ConsoleBrowser.launch(server.url);
});
afterAll(async () => {
  await browser?.close();
  expect(await server?.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

it('says why in a sentence, leads to who it was, and from there to the calls', async () => {
  const page = await browser.open('/why', admin);
  await settled(page);
  const sentence = page.getByTestId('why-sentence');
  expect(await sentence.textContent()).toMatch(
    /^nightly of role app-7 .* more: its prompts stopped hitting the cache \(cache reads 90 % → 0 %\), since .* 02:00/,
  );
  await page
    .getByRole('radio', { name: 'Principal' })
    .or(page.getByRole('button', { name: 'Principal' }))
    .first()
    .click();
  const nightly = page.getByRole('row', { name: /app-7\/nightly/ }).first();
  await nightly.getByRole('button', { name: 'why?' }).click();
  await page.waitForURL(/filter=/);
  await settled(page);
  expect(new URL(page.url()).searchParams.getAll('filter').join()).toContain(NIGHTLY);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('link', { name: 'All of them' }).click();
  await page.waitForURL(/\/requests\?/);
  // The heading that `settled` waits for may still be the page's before.
  await page.getByRole('row').nth(5).waitFor();
});

it('is one press away from what moved on the overview', async () => {
  const page = await browser.open('/', admin);
  await settled(page);
  await page
    .getByRole('link', { name: /^Why .*nightly/ })
    .first()
    .click();
  await page.waitForURL(/\/why\?/);
  await settled(page);
  expect(await page.getByTestId('why-sentence').textContent()).toContain('nightly of role app-7');
});
