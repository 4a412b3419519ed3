import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL } from '../wire/ledger.ts';
import { INVOKE, policyOf } from '../wire/principals.ts';
import { type BrowserSession, signIn } from './browser-session.ts';
import { accessibilityProblems, ConsoleBrowser } from './console.ts';
import { settled } from './settled.ts';

let server: TestServer;
let browser: ConsoleBrowser;
let admin: BrowserSession;

beforeAll(async () => {
  server = await startServer();
  browser = await ConsoleBrowser.launch(server.url);
  admin = await signIn(server.url, server.admin.credentials);
});
afterAll(async () => {
  await browser.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

it('tries a call from the set-up guide and shows its row, as the API has it', async () => {
  const page = await browser.open('/set-up?pattern=gateway', server.admin.credentials);
  await settled(page);
  expect(await page.locator('main pre').first().textContent()).toContain('tallyline keys create');
  expect((await page.locator('main pre').allTextContents()).join()).toContain(`${server.url}/openai/v1`);
  await page.getByRole('button', { name: 'Make a call' }).click();
  const row = page.getByTestId('self-test-row');
  await row.waitFor({ timeout: ARRIVAL.timeout });
  const { Requests } = (await admin.call('tallyline', 'ListRequests', { MaxResults: 1 })) as {
    readonly Requests: readonly { readonly RequestId: string; readonly Principal: string; readonly CostUsd: string }[];
  };
  const [made] = Requests;
  expect(await row.textContent()).toContain(made!.Principal);
  expect(await row.locator('.money').getAttribute('title')).toContain(made!.CostUsd);
  expect(await accessibilityProblems(page)).toEqual([]);
  await row.getByRole('link').click();
  await page.getByText(made!.RequestId).first().waitFor();
  await page.context().close();
});

it('makes a gateway key for a user, which is good, and takes it away again', async () => {
  const iam = new IAMClient(server.admin);
  const UserName = 'key-owner';
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'invoke', PolicyDocument: policyOf(INVOKE) }));
  iam.destroy();
  const page = await browser.open('/access?tab=keys', server.admin.credentials);
  await settled(page);
  await page.getByRole('button', { name: 'New gateway key' }).click();
  await page.getByLabel('Name', { exact: false }).first().fill('laptop of the owner');
  await page.getByLabel('User', { exact: false }).last().fill(UserName);
  await page.getByRole('button', { name: 'Make key' }).click();
  const secret = (await page.locator('pre.secret').textContent())!;
  const me = () => fetch(`${server.url}/gateway/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
  expect(await (await me()).json()).toMatchObject({ principal: `arn:aws:iam::123456789012:user/${UserName}` });
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Delete laptop of the owner' }).click();
  await page.getByRole('button', { name: 'Delete key' }).click();
  await page.getByText('There are no gateway keys').waitFor();
  expect((await me()).status).toBe(403);
  await page.context().close();
});

it('shows in the audit log what was done, and that nobody changed it', async () => {
  const page = await browser.open('/audit?event=CreateGatewayKey', server.admin.credentials);
  await settled(page);
  const record = page.getByRole('row').filter({ hasText: 'CreateGatewayKey' });
  expect(await record.count()).toBe(1);
  await record.click();
  const shown = JSON.parse((await page.getByRole('dialog').locator('pre').textContent())!);
  expect(shown).toMatchObject({
    eventName: 'CreateGatewayKey',
    requestParameters: { name: 'laptop of the owner', userName: 'key-owner' },
  });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Verify the log' }).click();
  await page.getByRole('dialog', { name: 'The log is whole' }).waitFor();
  await page.context().close();
});

it('shows prices as calls are rated with, and what the checks find, as the API has them', async () => {
  const page = await browser.open('/prices?model=nova-lite&tier=standard', server.admin.credentials);
  await settled(page);
  const question = { ModelText: 'nova-lite', Tier: 'standard' };
  const { Prices } = (await admin.call('tallyline', 'ListPrices', question)) as {
    readonly Prices: readonly { readonly Meter: string; readonly Usd: string; readonly Unit: string }[];
  };
  const rows = await page.locator('table.table tbody tr').allTextContents();
  expect(rows).toHaveLength(Prices.length);
  for (const [index, { Usd, Unit }] of Prices.entries()) expect(rows[index]).toContain(`${Usd}${Unit}`);
  await page.goto(`${server.url}/console/system`);
  await settled(page);
  const { Checks } = (await admin.call('tallyline', 'GetDiagnosis', {})) as {
    readonly Checks: readonly { readonly Name: string; readonly Status: string }[];
  };
  const checks = page.getByRole('table', { name: 'Checks' });
  for (const { Name, Status } of Checks) {
    await checks.getByRole('row').filter({ hasText: Status }).filter({ hasText: Name }).first().waitFor();
  }
  await page.context().close();
});

it('says what a bill cannot answer before it is imported, and imports it', async () => {
  const place = join(server.data, 'imports', 'legacy');
  mkdirSync(place, { recursive: true });
  const columns = [
    'lineItem/UnblendedCost',
    'lineItem/UsageStartDate',
    'lineItem/UsageEndDate',
    'lineItem/ProductCode',
  ];
  const row = '0.25,2026-05-01T00:00:00Z,2026-05-02T00:00:00Z,AmazonBedrock';
  writeFileSync(join(place, 'bill.csv'), `${columns.join()}\n${row}\n`);
  const page = await browser.open('/imports', server.admin.credentials);
  await settled(page);
  await page.getByLabel('Place', { exact: false }).first().fill(place);
  await page.getByRole('button', { name: 'Check' }).click();
  const found = page.getByRole('region', { name: 'What an import would find' });
  await found.getByText('legacy CUR has no callers', { exact: false }).waitFor();
  expect(await found.getByRole('button', { name: 'Copy the commands' }).count()).toBe(1);
  expect(await found.getByText('whole days', { exact: false }).count()).toBe(1);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await admin.call('tallyline', 'ListBillImports', {})).toEqual({ Imports: [] });
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('cell', { name: 'done' }).waitFor();
  await page.getByText('What these bills cannot answer').waitFor();

  // Once it is the primary book, pages end where it does, months ago; calls are no bill's.
  await page.getByText('Bill: imported').click();
  await page.getByRole('link', { name: 'Principals' }).click();
  const range = page.getByRole('button', { name: 'Last 30 days to 2026-05-01' });
  await range.waitFor();
  await page.getByRole('cell', { name: '0.25' }).first().waitFor();
  await range.click();
  await page.getByText('Up to 2026-05-01, where the imported bill ends').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('menuitemradio', { name: 'Latest month' }).click();
  await page.getByRole('button', { name: 'Latest month to 2026-05-01' }).waitFor();
  await page.getByRole('cell', { name: '0.25' }).first().waitFor();
  for (const path of ['explorer', 'models', 'tags', 'prices?tab=billed']) {
    await page.goto(`${server.url}/console/${path}`);
    await range.waitFor();
    await settled(page);
    expect(await page.locator('main').textContent(), path).toContain('0.25');
  }
  await page.goto(`${server.url}/console/requests`);
  await page.getByRole('button', { name: 'Last 7 days', exact: true }).waitFor();
  await page.context().close();
});
