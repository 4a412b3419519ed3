import { readFileSync } from 'node:fs';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs, DAY_MS } from '../../src/kernel/time.ts';
import { removeFolders } from '../server.ts';
import { spend } from '../wire/inference-calls.ts';
import { ARRIVAL } from '../wire/ledger.ts';
import { INVOKE, newUser } from '../wire/principals.ts';
import { type BrowserSession, signIn } from './browser-session.ts';
import { accessibilityProblems, ConsoleBrowser } from './console.ts';
import { type DemoServer, PREPARATION_MS, startDemoServer } from './demo-data.ts';
import { settled, turnIntoPhone } from './settled.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const CALL = [{ modelId: SONNET, inputTokens: 100_000, outputTokens: 10_000 }];
const KEY = 'iamPrincipal/initiative';

let server: DemoServer;
let browser: ConsoleBrowser;
let admin: BrowserSession;
let launcher: Awaited<ReturnType<typeof newUser>>;

beforeAll(async () => {
  server = await startDemoServer();
  browser = await ConsoleBrowser.launch(server.url);
  admin = await signIn(server.url, server.admin.credentials);
  launcher = await newUser(server.admin, 'launcher', { statements: [INVOKE], tags: { initiative: 'spring-launch' } });
  await spend(launcher, CALL);
  await vi.waitFor(async () => expect(await keys()).toContain(KEY), ARRIVAL);
}, PREPARATION_MS);
afterAll(async () => {
  await browser.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

async function keys(): Promise<string[]> {
  const { Tags } = await admin.call('tallyline', 'GetTagHistory', { MaxResults: 1_000 });
  return (Tags as { TagKey: string }[]).map(({ TagKey }) => TagKey);
}

/** The last thirty days, as the pages ask for them. */
function lastDays() {
  const tomorrowMs = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS;
  return { Start: new Date(tomorrowMs - 30 * DAY_MS).toISOString(), End: new Date(tomorrowMs).toISOString() };
}

async function costsBy(key: { Type: string; Key: string }, range = lastDays()): Promise<Map<string, string>> {
  const question = { ...range, Granularity: 'TOTAL', GroupBy: [key] };
  const { Rows } = await admin.call('tallyline', 'GetReport', question);
  return new Map((Rows as { Keys: [string]; CostUsd: string }[]).map(({ Keys: [name], CostUsd }) => [name, CostUsd]));
}

/** An amount to its last digit, as the page has it. */
async function exact(money: Locator): Promise<string> {
  const title = await money.first().getAttribute('title');
  return title!.replace(/^\$([\d,.]+) .*$/, '$1').replaceAll(',', '');
}

/** The row of a table with a text in it. */
function rowOf(page: Page, text: string): Locator {
  return page.locator('tbody tr', { hasText: text });
}

it('activates a tag and sees it in a report', async () => {
  const page = await browser.open('/tags', server.admin.credentials);
  const row = rowOf(page, 'initiative');
  await row.waitFor();
  expect(await row.textContent()).toContain('inactive');
  await page.getByRole('button', { name: `Activate ${KEY}` }).click();
  const dialog = page.getByRole('dialog', { name: `Activate ${KEY}` });
  await dialog.getByText('Calls until now stay untagged in reports').waitFor();
  await dialog.getByRole('button', { name: 'Activate', exact: true }).click();
  await page.getByRole('button', { name: `Deactivate ${KEY}` }).waitFor();

  await row.getByRole('button', { name: 'initiative', exact: true }).click();
  const detail = page.getByRole('dialog', { name: KEY });
  await rowOf(page, 'spring-launch').waitFor();
  expect(await detail.getByRole('region', { name: 'Switches' }).textContent()).toContain('admin');
  await detail.getByRole('button', { name: 'Close' }).click();

  await spend(launcher, CALL);
  const group = { Type: 'TAG', Key: KEY };
  await vi.waitFor(async () => expect((await costsBy(group)).has('spring-launch')).toBe(true), ARRIVAL);
  await row.getByRole('link', { name: 'See in Explorer' }).click();
  const found = rowOf(page, 'spring-launch');
  await found.waitFor();
  const shown = await exact(found.locator('.money'));
  expect(shown).toBe((await costsBy(group)).get('spring-launch'));
  // The call before the activation is not among it.
  expect(shown).toBe('0.495');
  await page.context().close();
});

it('creates an export with principals and downloads it', async () => {
  const page = await browser.open('/exports', server.admin.credentials);
  await page.getByRole('link', { name: 'Create an export' }).first().click();
  await page.getByLabel('Name', { exact: false }).first().fill('who-spends');
  expect(await page.getByRole('checkbox', { name: /INCLUDE_IAM_PRINCIPAL_DATA/ }).isChecked()).toBe(true);
  await page.getByRole('button', { name: 'monthly' }).click();
  await page.getByLabel('Find a column').fill('principal');
  expect(await page.getByRole('checkbox', { name: /line_item_iam_principal/ }).isChecked()).toBe(true);
  const command = page.locator('.code-block', { hasText: 'create-export' });
  expect(await command.textContent()).toContain('"INCLUDE_IAM_PRINCIPAL_DATA": "TRUE"');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('region', { name: 'Sample rows' }).locator('tbody tr').first().waitFor();
  await page.getByRole('button', { name: 'Create', exact: true }).click();

  await page.getByRole('heading', { level: 1, name: 'who-spends' }).waitFor();
  await page.getByRole('button', { name: 'Run now' }).click();
  const period = billingPeriodOf(Date.now());
  const file = page.locator('tbody tr', { has: page.locator('td:first-child', { hasText: period }) });
  await file.waitFor({ timeout: 60_000 });
  await page.getByText('who-spends is delivered').waitFor({ timeout: 60_000 });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    file.getByRole('link', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('who-spends-00001.snappy.parquet');

  const bytes = readFileSync(await download.path());
  const content = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({ file: content, compressors });
  expect(await file.locator('.count').first().getAttribute('title')).toBe(rows.length.toLocaleString('en-US'));
  const delivered = new Map<string, number>();
  for (const { line_item_iam_principal: who, line_item_unblended_cost: cost } of rows) {
    delivered.set(who ?? '', (delivered.get(who ?? '') ?? 0) + cost);
  }
  const month = {
    Start: new Date(billingPeriodStartMs(period)).toISOString(),
    End: new Date(billingPeriodEndMs(period)).toISOString(),
  };
  const reported = await costsBy({ Type: 'DIMENSION', Key: 'principal' }, month);
  expect([...delivered.keys()].sort()).toEqual([...reported.keys()].sort());
  expect(delivered.size).toBeGreaterThan(30);
  for (const [who, cost] of reported) expect(delivered.get(who)).toBeCloseTo(Number(cost), 8);

  await page.getByRole('button', { name: 'Manifest' }).first().click();
  await page.getByRole('dialog').getByText('dataFiles').waitFor();
  await page.context().close();
});

it('keeps a tag strategy and names what is against it, with the command that changes it', async () => {
  await admin.call('tallyline', 'PutTagStrategy', { RequiredTags: [] });
  const page = await browser.open('/tags/strategy', server.admin.credentials);
  await page.getByRole('button', { name: 'Require a tag' }).click();
  const dialog = page.getByRole('dialog', { name: 'Require a tag' });
  await dialog.getByLabel('Key').fill('iamPrincipal/team');
  await dialog.getByRole('button', { name: 'platform' }).click();
  await dialog.getByRole('button', { name: 'payments', exact: true }).click();
  await dialog.getByRole('button', { name: 'Require', exact: true }).click();
  const missing = page.locator('details', { hasText: 'iamPrincipal/team is missing' });
  await missing.locator('summary').click();
  const first = missing.locator('.holder').first();
  expect(await first.textContent()).toMatch(
    /aws iam tag-(user|role) --(user|role)-name \S+ --tags Key=team,Value=VALUE/,
  );

  const { Missing, NotAllowed } = (await admin.call('tallyline', 'GetTagFindings', lastDays())) as {
    Missing: { CostUsd: string; Holders: { CostUsd: string }[] }[];
    NotAllowed: { Value: string; Meant?: string }[];
  };
  expect(await exact(missing.locator('summary .money'))).toBe(Missing[0]!.CostUsd);
  expect(await exact(first.locator('.money'))).toBe(Missing[0]!.Holders[0]!.CostUsd);
  expect(NotAllowed.find(({ Value }) => Value === 'Payments')?.Meant).toBe('payments');
  // The marks of a quotation are the style's.
  const variant = page.locator('details', { hasText: 'iamPrincipal/team is Payments' });
  await variant.getByText('probably “payments”').waitFor();
  await page.context().close();
});

it('builds a cost category, whose preview is what reports show once it is kept', async () => {
  const page = await browser.open('/cost-categories/new', server.admin.credentials);
  await page.getByLabel('Name').fill('Funding');
  await page.getByLabel('Value', { exact: true }).fill('Science');
  await page.getByRole('button', { name: 'Choose a key' }).click();
  await page.keyboard.type('iamPrincipal/team');
  await page.getByRole('option', { name: 'iamPrincipal/team' }).click();
  await page.getByRole('button', { name: 'Add values' }).click();
  await page.getByRole('option', { name: /^data-science/ }).click();
  await page.keyboard.press('Escape');
  await page.getByLabel('Value of what no rule matches').fill('Others');
  await page.getByLabel('Counts from the start of').selectOption({ index: 3 });
  const preview = page.getByRole('region', { name: 'Preview by value' });
  await preview.locator('tr', { hasText: 'Others' }).waitFor();
  const previewed = {
    Science: await exact(preview.locator('tr', { hasText: 'Science' }).locator('.money')),
    Others: await exact(preview.locator('tr', { hasText: 'Others' }).locator('.money')),
  };
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Funding' }).waitFor();
  await page.getByText('when tag iamPrincipal/team is data-science').waitFor();
  const kept = await costsBy({ Type: 'COST_CATEGORY', Key: 'Funding' });
  expect(previewed).toEqual(Object.fromEntries(kept));
  const total = [...kept.values()].reduce((sum, cost) => sum + parsePicoUsd(cost), 0n);
  const shown = page.getByRole('region', { name: 'Spend by Funding' }).locator('tfoot .money');
  expect(await exact(shown)).toBe(formatUsd(total));
  await page.context().close();
});

// What `pages.test.ts` does not open: the other tabs of its pages.
it.each([
  ...['/tags?type=category', `/tags?key=${KEY}`],
  ...['/exports/name/bedrock-cur2?tab=schema', '/exports/name/bedrock-cur2?tab=query'],
])('%s is accessible, and fits a phone', async (path) => {
  const page = await browser.open(path, server.admin.credentials);
  await settled(page);
  expect(await accessibilityProblems(page)).toEqual([]);
  await turnIntoPhone(page);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.context().close();
});
