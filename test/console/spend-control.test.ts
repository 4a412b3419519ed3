import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { AttachUserPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { billingPeriodOf, billingPeriodStartMs } from '../../src/kernel/time.ts';
import { MAIN, removeFolders } from '../server.ts';
import { INVOKE, newUser } from '../wire/principals.ts';
import { type BrowserSession, signIn } from './browser-session.ts';
import { accessibilityProblems, ConsoleBrowser } from './console.ts';
import { type DemoServer, PREPARATION_MS, startDemoServer } from './demo-data.ts';

const HAIKU = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';

let server: DemoServer;
let browser: ConsoleBrowser;
let admin: BrowserSession;
let vera: BedrockRuntimeClient;

beforeAll(async () => {
  server = await startDemoServer();
  browser = await ConsoleBrowser.launch(server.url);
  admin = await signIn(server.url, server.admin.credentials);
  const config = await newUser(server.admin, 'vera', { statements: [INVOKE], tags: { team: 'rollout' } });
  vera = new BedrockRuntimeClient({ ...config, maxAttempts: 1 });
}, PREPARATION_MS);
afterAll(async () => {
  vera.destroy();
  await browser.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

const call = () =>
  vera.send(
    new ConverseCommand({
      ...{ modelId: HAIKU, messages: [{ role: 'user', content: [{ text: 'Which rollout is next?' }] }] },
      inferenceConfig: { maxTokens: 400 },
    }),
  );

function cli(...words: readonly string[]): string {
  return execFileSync(process.execPath, [...MAIN, ...words], {
    encoding: 'utf8',
    env: { ...process.env, TALLYLINE_DATA: server.data },
  });
}

/** Amount as it is shown, to the last digit: every figure has it in its title. */
async function exact(figure: Locator): Promise<string> {
  const title = await figure.locator('.money').first().getAttribute('title');
  return title!
    .replace(/^(−?)\$([\d,.]+) .*$/, '$1$2')
    .replaceAll(',', '')
    .replace('−', '-');
}

function stat(page: Page, label: string): Locator {
  return page.locator('.stat', { has: page.getByText(label, { exact: true }) });
}

it('gives a team a budget and sees it refuse', async () => {
  const page = await browser.open('/budgets', server.admin.credentials);
  await page.getByRole('button', { name: 'New budget' }).click();
  await page.getByRole('button', { name: 'Hard budget' }).click();
  const form = page.getByRole('dialog', { name: 'New hard budget' });
  await form.getByLabel('Name').fill('rollout-month');
  await form.getByLabel('Condition 1: value').fill('rollout');
  await form.getByLabel('Limit', { exact: true }).fill('0.004');
  await form.getByText('No call of the last 8 windows would have counted.').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await form.getByRole('button', { name: 'Create budget' }).click();
  await page.getByRole('heading', { level: 1, name: 'rollout-month' }).waitFor();
  await page.getByText('Nothing used').waitFor();

  let refusal: Error | undefined;
  for (let calls = 0; !refusal && calls < 200; calls += 1) {
    await call().catch((error: Error) => {
      refusal = error;
    });
  }
  expect(refusal?.message).toContain(
    'The hard budget rollout-month has no room for this call. Limit: 0.004 USD a month',
  );

  await page.getByText('Refusing calls').waitFor();
  await page.getByText('A call was refused at').waitFor();
  const answer = await admin.call('tallyline', 'GetHardBudget', { Name: 'rollout-month' });
  const [counter] = answer.Counters as { Spent: string; Limit: string }[];
  const shown = await exact(stat(page, 'Used'));
  expect(shown).toBe(counter!.Spent);
  expect(cli('budget', 'show', 'rollout-month')).toContain(shown);
  expect(refusal?.message).toContain(`spent: ${shown} USD`);
  expect(await accessibilityProblems(page)).toEqual([]);

  await page.getByRole('button', { name: 'More room for a while' }).click();
  const increase = page.getByRole('dialog', { name: 'More room for rollout-month' });
  await increase.getByLabel('Amount on top of the limit, in USD').fill('1');
  await increase.getByLabel('Reason').fill('release week');
  await increase.getByRole('button', { name: 'Increase' }).click();
  await page.getByText('release week').waitFor();
  await call();
  await page.getByText('Refusing calls').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: '← All budgets' }).click();
  await page.getByRole('link', { name: 'rollout-month' }).waitFor();
  const names = await page.locator('.budget-name strong').allTextContents();
  const { HardBudgets } = await admin.call('tallyline', 'ListHardBudgets', {});
  const { Budgets } = await admin.call('budgets', 'DescribeBudgets', { AccountId: '123456789012' });
  const all = [
    ...(HardBudgets as { Name: string }[]).map(({ Name }) => Name),
    ...(Budgets as { BudgetName: string }[]).map(({ BudgetName }) => BudgetName),
  ];
  expect(names.toSorted()).toEqual(all.toSorted());
  expect(await accessibilityProblems(page)).toEqual([]);
  for (const [tab, text] of [
    ['Anomalies', 'what is watched'],
    ['Notices sent', 'Made'],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByText(text, { exact: true }).first().waitFor();
    expect([tab, await accessibilityProblems(page)]).toEqual([tab, []]);
  }
  await page.context().close();
});

it('watches calls, stops somebody, and lets them go on', async () => {
  const page = await browser.open('/live', server.admin.credentials);
  await call();
  const row = page.getByRole('row', { name: /^vera / });
  await row.waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await row.getByRole('button', { name: /^Stop arn:/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Stop inference' });
  await dialog.getByText('of 1 principal in the last hour').waitFor();
  const stop = dialog.getByRole('button', { name: 'Stop these calls' });
  expect(await stop.isDisabled()).toBe(true);
  await dialog.getByLabel('Reason').fill('the importer is in a loop');
  expect(await accessibilityProblems(page)).toEqual([]);
  await stop.click();
  await page.getByText('Stopped: principal vera').first().waitFor();
  await expect(call()).rejects.toThrow('Inference is stopped until this is lifted: the importer is in a loop');
  await page.getByRole('region', { name: 'Latest calls' }).getByText('refused').first().waitFor();
  const live = await admin.call('tallyline', 'GetLive', {});
  const [first] = live.Principals as { Principal: string; CostUsd: string }[];
  expect(await exact(page.getByRole('region', { name: 'Principals' }).locator('tbody tr').first())).toBe(
    first!.CostUsd,
  );
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('region', { name: 'Inference is stopped' }).waitFor({ state: 'detached' });
  await call();

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('paused, as of').waitFor();
  expect(page.url()).toContain('paused=1');
  await page.context().close();
});

it('hands every team its part of the bill, and the parts are the bill', async () => {
  const period = billingPeriodOf(billingPeriodStartMs(billingPeriodOf(Date.now())) - 1);
  const page = await browser.open(`/statements?tab=values&month=${period}`, server.finance);
  await page.getByText('Equal to the bill of').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  const { Invoices } = await admin.call('tallyline', 'ListInvoices', { BillingPeriod: period });
  const bill = sum((Invoices as { TotalUsd: string }[]).map(({ TotalUsd }) => TotalUsd));
  const rows = page.getByRole('region', { name: `${period} by team` }).locator('tbody tr');
  const totals: string[] = [];
  for (const row of await rows.all()) totals.push(await exact(row.locator('strong')));
  expect(sum(totals)).toBe(bill);
  expect(await page.getByText('no team', { exact: true }).count()).toBe(1);
  expect(cli('invoice', 'show', period)).toContain(bill);

  await page.getByRole('link', { name: 'search', exact: true }).click();
  await page.getByText('Showback statement · team').waitFor();
  const paper = page.locator('article.paper');
  const total = await exact(paper.locator('.paper-summary tfoot'));
  expect(totals).toContain(total);
  const lines: string[] = [];
  for (const row of await paper.locator('tbody tr:not(.paper-group)', { has: page.locator('td:nth-child(5)') }).all())
    lines.push(await exact(row));
  expect(sum(lines)).toBe(total);
  expect(await accessibilityProblems(page)).toEqual([]);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  const csv = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\r\n');
  const amounts = csv.slice(1, -1).map((line) => line.split(',').at(-1)!);
  expect([sum(amounts), csv.at(-1)!.split(',').at(-1)]).toEqual([total, total]);

  await page.emulateMedia({ media: 'print' });
  expect(await page.getByRole('navigation').first().isVisible()).toBe(false);
  expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
  expect(await paper.isVisible()).toBe(true);
  await page.emulateMedia({ media: 'screen' });

  await page.getByRole('button', { name: /^← All of/ }).click();
  for (const [tab, text] of [
    ['Months and invoices', 'one for each seller and month'],
    ['Charges and credits', 'Credits to draw down'],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByText(text).waitFor();
    expect([tab, await accessibilityProblems(page)]).toEqual([tab, []]);
  }
  await page.context().close();
});

it('issues the statements of a month, and hears what a team says to its own', async () => {
  const period = billingPeriodOf(billingPeriodStartMs(billingPeriodOf(Date.now())) - 1);
  const page = await browser.open('/statements/new', server.finance);
  await page.getByLabel('Name', { exact: true }).fill('Showback by team');
  await page.getByRole('button', { name: 'Share a cost' }).click();
  await page.getByRole('button', { name: 'What is shared' }).click();
  await page.getByRole('option', { name: 'no value' }).click();
  await page.keyboard.press('Escape');
  await page.getByLabel('Cost center of data-science').fill('CC-220');
  await page.getByText('to the cent').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Create' }).click();

  const definition = page.getByRole('row', { name: /^Showback by team/ });
  await definition.getByRole('button', { name: 'Issue a month' }).click();
  const dialog = page.getByRole('dialog', { name: 'Issue Showback by team' });
  await dialog.getByText('to the cent').waitFor();
  await dialog.getByRole('button', { name: `Issue ${period}` }).click();
  await page.getByRole('link', { name: /^SHB-\d{4}-0001$/ }).waitFor();
  const listed = (await admin.call('tallyline', 'ListStatements', { BillingPeriod: period })) as {
    readonly Statements: readonly { Number: string; Value: string; MonthAmount: string; BillUsd: string }[];
  };
  const Statements = listed.Statements.filter((one) => one.Number.startsWith('SHB-'));
  const months = sum(Statements.map(({ MonthAmount }) => MonthAmount));
  expect(months).toBe(formatUsd(((parsePicoUsd(Statements[0]!.BillUsd) + 5n * 10n ** 9n) / 10n ** 10n) * 10n ** 10n));
  const { Number: number } = Statements.find(({ Value }) => Value === 'data-science')!;

  const lea = await newUser(server.admin, 'lea', { tags: { team: 'data-science' } });
  const iam = new IAMClient(server.admin);
  const PolicyArn = 'arn:aws:iam::aws:policy/TallylineTeamLeadAccess';
  await iam.send(new AttachUserPolicyCommand({ UserName: 'lea', PolicyArn }));
  iam.destroy();
  const lead = await browser.open('/statements', lea.credentials);
  await lead.getByRole('link', { name: number }).click();
  await lead.getByText('CC-220').waitFor();
  expect(await lead.getByRole('button', { name: 'Void' }).count()).toBe(0);
  const [download] = await Promise.all([
    lead.waitForEvent('download'),
    lead.getByRole('button', { name: 'PDF' }).click(),
  ]);
  expect(
    readFileSync(await download.path())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  await lead.getByRole('button', { name: 'Dispute' }).click();
  await lead.getByLabel('Reason').fill('the notebooks are of research');
  await lead.getByRole('dialog').getByRole('button', { name: 'Dispute' }).click();
  await lead.getByText('Disputed: the notebooks are of research').waitFor();
  await lead.context().close();

  await page.goto(page.url().replace(/statements.*$/, `statements/${number}`));
  await page.getByRole('button', { name: 'Resolve the dispute' }).click();
  await page.getByLabel('Reason').fill('they are yours');
  await page.getByRole('dialog').getByRole('button', { name: 'Resolve the dispute' }).click();
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByText('Approved', { exact: true }).first().waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(cli('statement', 'show', number)).toContain('disputed version 1');
  expect(cli('statement', 'list', '--month', period, '--status', 'approved')).toContain(number);
  expect(cli('statement', 'preview', 'Inference by team', period)).toContain('the bill of the month');
  const shares = ['--share-charge', 'Tax', '--share-rule', 'even', '--cost-center', '123456789012=CC-1'];
  expect(cli('statement', 'define', 'By account', '--by', 'account', '--prefix', 'ACC', ...shares)).toContain('ACC');
  expect(cli('statement', 'issue', 'By account', period)).toMatch(/ACC-\d{4}-0001 .* issued/);
  await page.context().close();
});

it('fits a phone, in the dark', async () => {
  for (const path of ['/budgets?open=hard:tenants', '/budgets?form=hard']) {
    const viewport = { width: 360, height: 740 };
    const page = await browser.open(path, server.admin.credentials, { viewport, colorScheme: 'dark' });
    await page.locator('.page').waitFor();
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
    expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360]);
    expect([path, await accessibilityProblems(page)]).toEqual([path, []]);
    await page.context().close();
  }
});

function sum(amounts: readonly string[]): string {
  return formatUsd(amounts.reduce((total, amount) => total + parsePicoUsd(amount), 0n));
}
