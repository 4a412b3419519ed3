import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY_MS } from '../../src/kernel/time.ts';
import { removeFolders } from '../server.ts';
import { type BrowserSession, signIn } from './browser-session.ts';
import { accessibilityProblems, ConsoleBrowser } from './console.ts';
import { type DemoServer, PREPARATION_MS, startDemoServer } from './demo-data.ts';

const date = (offset: number) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);

let server: DemoServer;
let browser: ConsoleBrowser;
let admin: BrowserSession;
let people: string[];

beforeAll(async () => {
  server = await startDemoServer();
  browser = await ConsoleBrowser.launch(server.url);
  admin = await signIn(server.url, server.admin.credentials);
  const { Rows } = await admin.call('tallyline', 'GetReport', {
    ...{ Start: `${date(-40)}T00:00:00Z`, End: `${date(1)}T00:00:00Z`, Granularity: 'TOTAL' },
    ...{ GroupBy: [{ Type: 'DIMENSION', Key: 'person' }], Measures: ['COST'] },
  });
  // What there is without them, and how they come to be.
  for (const Structure of ['team', 'department', 'manager']) {
    await admin.call('tallyline', 'DeleteMembershipStructure', { Structure });
  }
  const { Metrics } = await admin.call('tallyline', 'ListBusinessMetrics', {});
  for (const { Name } of Metrics as { Name: string }[]) await admin.call('tallyline', 'DeleteBusinessMetric', { Name });
  people = (Rows as { Keys: [string] }[]).map(({ Keys: [name] }) => name).filter((name) => /^[a-z.-]+$/.test(name));
}, PREPARATION_MS);
afterAll(async () => {
  await browser.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

it('imports an org chart after a look at what it moves, and explores the past by it', async () => {
  const [first, second] = people;
  const page = await browser.open('/organisation', server.admin.credentials);
  await page.getByText('No structure yet').waitFor();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Import members' });
  await dialog
    .getByLabel('CSV')
    .fill(`who,value,from,to\nperson:${first},North,${date(-5)},\nperson:${second},South,2026-02-30,\n`);
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByText('is no day or instant').waitFor();
  expect(await dialog.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
  await dialog
    .getByLabel('CSV')
    .fill(`who,value,from,to\nperson:${first},North,${date(-5)},\nperson:${second},South,${date(-5)},\n`);
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByText('2 entries.').waitFor();
  await dialog.locator('tbody tr', { hasText: 'North' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await page.locator('tbody tr', { hasText: first! }).first().waitFor();
  // Of the spend before they joined, today's structure moves some.
  await page.getByRole('link', { name: 'Explore as it is' }).click();
  await page.getByRole('heading', { level: 1, name: 'Explorer' }).waitFor();
  await page.locator('tbody tr', { hasText: 'North' }).first().waitFor();
  expect(page.url()).toContain('asof=is');
  await page.getByText('As it was', { exact: true }).click();
  await page.waitForURL((url) => !url.search.includes('asof'));
  await page.close();
});

it('shows the history of a member and moves it on', async () => {
  const page = await browser.open('/organisation', server.admin.credentials);
  await page.locator('tbody tr', { hasText: people[0]! }).first().click();
  const dialog = page.getByRole('dialog', { name: people[0]! });
  await dialog.getByLabel('Move to').fill('South');
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await dialog.locator('tbody tr', { hasText: 'South' }).waitFor();
  expect(await dialog.locator('tbody tr').count()).toBe(2);
  await page.close();
});

it('divides spend by a business metric, and says what is missing', async () => {
  const page = await browser.open('/unit-economics', server.admin.credentials);
  await page.getByText('No business metric yet').waitFor();
  await page.getByRole('button', { name: 'New metric' }).click();
  const dialog = page.getByRole('dialog', { name: 'New business metric' });
  await dialog.getByLabel('Name').fill('tickets');
  await dialog.getByLabel('Unit').fill('ticket');
  await dialog.getByLabel('Kept by').fill('membership:team');
  const days = [-3, -2, -35].map((offset) => `${date(offset)},North,${50 - offset}`);
  await dialog.getByLabel('CSV').fill(['period,key,value', ...days].join('\n'));
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.locator('tbody tr', { hasText: 'North' }).getByText('2 of 30').waitFor();
  await page.getByText('Without a count, and in no figure above').waitFor();
  await page.getByText('Some days have spend and no count').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.close();
});

it('says what a team will have spent, and whether budgets will be passed', async () => {
  const team = await browser.open('/teams/data-science', server.admin.credentials);
  const card = team.locator('.card', { hasText: 'This month' });
  await card.getByText('Expected at its end').waitFor();
  await card.getByText('80 of 100 times between').waitFor();
  await card.getByRole('link', { name: 'Outlook of budgets' }).click();
  await team.locator('tbody tr', { hasText: 'all inference' }).getByText('%').waitFor();
  expect(await accessibilityProblems(team)).toEqual([]);
  await team.close();
});
