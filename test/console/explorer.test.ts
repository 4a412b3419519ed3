import { execFileSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emailOf } from '../../examples/demo/company.ts';
import { RUNAWAY_PERSON } from '../../examples/demo/incidents.ts';
import { dayMs, dayText, runawayDays } from '../../examples/demo/timeline.ts';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { DAY_MS, isoSeconds } from '../../src/kernel/time.ts';
import { MAIN, removeFolders } from '../server.ts';
import { type BrowserSession, signIn } from './browser-session.ts';
import { accessibilityProblems, ConsoleBrowser } from './console.ts';
import { type DemoServer, startDemoServer } from './demo-data.ts';

let server: DemoServer;
let browser: ConsoleBrowser;
let finance: BrowserSession;
/** Days before today on which last week began, a Monday. */
let mondayAgo: number;
let nowMs: number;

beforeAll(async () => {
  server = await startDemoServer();
  browser = await ConsoleBrowser.launch(server.url);
  finance = await signIn(server.url, server.finance);
  nowMs = Date.now();
  mondayAgo = runawayDays(nowMs) + 3;
});
afterAll(async () => {
  await browser.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

/** The answer to the question on screen has come, with the period before. */
async function answered(page: Page, title: string): Promise<void> {
  await page.locator('section[aria-busy=false] h2', { hasText: title }).first().waitFor();
}

/** Amounts by group as the table shows them, to the last digit. */
async function shownCosts(page: Page): Promise<Record<string, string>> {
  const rows = await page.locator('table.table tbody tr').all();
  const costs = rows.map(async (row) => {
    const name = await row.locator('.name-badge').first().getAttribute('title');
    const exact = await row.locator('.money').first().getAttribute('title');
    return [name!, exact!.replace(/^\$([\d,.]+) .*$/, '$1').replaceAll(',', '')] as const;
  });
  return Object.fromEntries(await Promise.all(costs));
}

/** Sums of what the command prints that the console offers to copy, by group. */
async function printedCosts(page: Page): Promise<Record<string, string>> {
  await page.getByRole('button', { name: 'Copy as' }).click();
  const command = await page.getByRole('button', { name: 'tallyline command' }).getAttribute('title');
  await page.keyboard.press('Escape');
  expect(command).toMatch(/^tallyline report /);
  const csv = execFileSync('sh', ['-c', `tallyline() { "$NODE" ${MAIN.join(' ')} "$@"; }; ${command} --csv`], {
    encoding: 'utf8',
    env: { ...process.env, NODE: process.execPath, TALLYLINE_DATA: server.data },
  });
  const [head = '', ...lines] = csv.trim().split(/\r?\n/);
  const titles = head.split(',');
  const [nameAt, costAt] = [titles.indexOf('from') + 1, titles.indexOf('cost USD')];
  const sums: Record<string, bigint> = {};
  for (const cells of lines.map((line) => line.split(','))) {
    const name = cells[nameAt]!.replace(/^\((.+)\)$/, '$1');
    sums[name] = (sums[name] ?? 0n) + parsePicoUsd(cells[costAt]!);
  }
  return Object.fromEntries(Object.entries(sums).map(([name, cost]) => [name, formatUsd(cost)]));
}

async function apiCosts(key: { Type: string; Key: string }, Filter?: object): Promise<Record<string, string>> {
  const startMs = dayMs(nowMs, mondayAgo);
  const { Rows } = (await finance.call('tallyline', 'GetReport', {
    ...{ Start: isoSeconds(startMs), End: isoSeconds(startMs + 7 * DAY_MS), Granularity: 'TOTAL', GroupBy: [key] },
    ...(Filter && { Filter }),
  })) as { Rows: { Keys: [string]; CostUsd: string }[] };
  return Object.fromEntries(Rows.map(({ Keys: [name], CostUsd }) => [name || 'untagged', CostUsd]));
}

async function chooseLastWeek(page: Page): Promise<void> {
  await page.keyboard.press('t');
  const range = page.getByRole('dialog', { name: 'Range of time' });
  await range.getByLabel('First day').fill(dayText(nowMs, mondayAgo));
  await range.getByLabel('Last day').fill(dayText(nowMs, mondayAgo - 6));
  await range.getByRole('button', { name: 'Apply' }).click();
}

it("finds who drove last week's rise", async () => {
  const page = await browser.open('/explorer', server.finance);
  await answered(page, 'Cost by principal');
  await chooseLastWeek(page);
  await page.getByRole('button', { name: 'Period before' }).click();
  await page.keyboard.press('g');
  for (const typed of ['team', 'principal']) {
    await page.getByRole('combobox', { name: /^Dimensions/ }).fill(typed);
    await page.keyboard.press('Enter');
  }
  await page.keyboard.press('Escape');
  await answered(page, 'Cost by team');

  // The same figures on screen, from the API and from the command line.
  await page.locator('thead', { hasText: 'Change' }).waitFor();
  const team = { Type: 'TAG', Key: 'iamPrincipal/team' };
  const shown = await shownCosts(page);
  expect(shown).toEqual(await apiCosts(team));
  expect(shown).toEqual(await printedCosts(page));
  expect(Object.keys(shown)).toContain('untagged');
  const total = Object.values(shown).reduce((sum, cost) => sum + parsePicoUsd(cost), 0n);
  expect(await page.getByTestId('total').locator('.money').getAttribute('title')).toContain(
    `$${formatUsd(total).replace(/\B(?=(\d{3})+\.)/g, ',')} `,
  );

  // The largest rise, and into it: who, with which model.
  await page.getByRole('button', { name: 'Change' }).click();
  const first = page.locator('table.table tbody tr').first();
  expect(await first.textContent()).toContain('platform');
  await first.focus();
  await page.keyboard.press('Enter');
  await answered(page, 'Cost by principal');
  await page.locator('thead', { hasText: 'Change' }).waitFor();
  const filter = { key: { tag: team.Key }, equalsAny: ['platform'] };
  const people = await apiCosts({ Type: 'DIMENSION', Key: 'principal' }, filter);
  const shownPeople = await shownCosts(page);
  for (const [name, cost] of Object.entries(shownPeople))
    if (name !== 'other') expect([name, cost]).toEqual([name, people[name]]);
  expect(sumOf(shownPeople)).toBe(sumOf(people));
  expect(shownPeople).toEqual(await printedCosts(page));
  await page.getByRole('button', { name: 'Change' }).click();
  expect(await first.textContent()).toContain(`CiReviewer/${emailOf({ name: RUNAWAY_PERSON })}`);
  await first.click();
  await answered(page, 'Cost by model');
  expect(await first.textContent()).toContain('claude-sonnet-4-6');

  // Everything is in the address; one step up by keyboard; down to the requests at the end.
  const address = page.url();
  await page.reload();
  await answered(page, 'Cost by model');
  expect(page.url()).toBe(address);
  await page.keyboard.press('Escape');
  await answered(page, 'Cost by principal');
  await page.goBack();
  await answered(page, 'Cost by model');
  await first.click();
  await answered(page, 'Cost by direction');
  await first.click();
  await page.waitForURL(/\/console\/requests\?/);
  expect(new URL(page.url()).searchParams.getAll('filter')).toEqual([
    'tag:iamPrincipal/team=platform',
    expect.stringContaining('CiReviewer/'),
    expect.stringContaining('claude-sonnet-4-6'),
    expect.stringMatching(/^direction=/),
  ]);
  await page.context().close();
});

function sumOf(costs: Readonly<Record<string, string>>): string {
  return formatUsd(Object.values(costs).reduce((sum, cost) => sum + parsePicoUsd(cost), 0n));
}

it('shows the same figures in the chart and in the table behind it', async () => {
  const page = await browser.open('/explorer?by=tag:iamPrincipal/team&range=7d', server.finance);
  await answered(page, 'Cost by team');
  const figures = page.getByTestId('total').locator('.money');
  const total = (await figures.textContent())!;
  await page.getByRole('button', { name: 'Show as table' }).click();
  const rows = page.getByRole('region', { name: 'Cost by team' }).locator('tbody tr');
  expect(await rows.count()).toBe(7);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('.chart-figure').getByRole('button', { name: 'JSON' }).click(),
  ]);
  const days = JSON.parse((await streamed(await download.createReadStream())) as string) as { total: string }[];
  const sum = days.reduce((before, day) => before + parsePicoUsd(day.total), 0n);
  expect((await figures.getAttribute('title'))!.replaceAll(',', '')).toContain(`$${formatUsd(sum)} `);
  expect(total).toMatch(/^\$[\d,]+\.\d\d$/);
  await page.context().close();
});

async function streamed(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('zooms into a stretch that was marked', async () => {
  const page = await browser.open('/explorer?by=model&range=30d', server.finance);
  await answered(page, 'Cost by model');
  const canvas = page.locator('.chart-canvas[data-drawn]');
  await canvas.waitFor();
  const { x, y, width } = (await canvas.boundingBox())!;
  await page.mouse.move(x + width * 0.4, y + 80);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.6, y + 90, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/range=\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d/);
  await answered(page, 'Cost by model');
  await page.context().close();
});

it('stops asking when it is told to, and asks again', async () => {
  const page = await browser.open('/explorer?by=model', server.finance);
  await answered(page, 'Cost by model');
  const held: (() => void)[] = [];
  await page.route('**/tallyline/GetReport', async (route) => {
    await new Promise<void>((resolve) => held.push(resolve));
    await route.continue().catch(() => {});
  });
  await page.getByLabel('top').selectOption('5');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled', { exact: true }).waitFor();
  for (const release of held) release();
  await page.unroute('**/tallyline/GetReport');
  await page.getByRole('button', { name: 'Ask again' }).click();
  await page.getByTestId('total').waitFor();
  await page.context().close();
});

it('keeps views and notes', async () => {
  const page = await browser.open('/explorer?by=model&range=7d&measure=tokens', server.admin.credentials);
  await answered(page, 'Tokens by model');
  await page.getByRole('button', { name: 'Views', exact: true }).click();
  await page.getByLabel('Save this view as').fill('Tokens of a week');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved the view Tokens of a week').waitFor();
  await page.getByRole('button', { name: 'Note', exact: true }).click();
  await page.getByLabel('What happened').fill('A new model');
  await page.getByRole('button', { name: 'Save note' }).click();
  await page.locator('.annotations', { hasText: 'A new model' }).waitFor();

  await page.goto(`${server.url}/console/explorer`);
  await answered(page, 'Cost by principal');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('tokens of');
  await page.getByRole('option', { name: 'Tokens of a week' }).click();
  await answered(page, 'Tokens by model');
  await page.context().close();
});

it.each(['light', 'dark'] as const)('is accessible in the %s theme', async (colorScheme) => {
  const page = await browser.open('/explorer?by=tag:iamPrincipal/team&compare=before', server.finance, { colorScheme });
  await answered(page, 'Cost by team');
  await page.locator('thead', { hasText: 'Change' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('g');
  await page.getByRole('combobox', { name: /^Dimensions/ }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.context().close();
});
