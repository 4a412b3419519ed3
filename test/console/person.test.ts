import { execFileSync } from 'node:child_process';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { MAIN, removeFolders } from '../server.ts';
import { type BrowserSession, signIn } from './browser-session.ts';
import { accessibilityProblems, ConsoleBrowser } from './console.ts';
import { type DemoServer, startDemoServer } from './demo-data.ts';

const PERSON = 'ines@example.com';
const BELLA = /user\/bella$/;

let server: DemoServer;
let browser: ConsoleBrowser;
let finance: BrowserSession;
let member: BrowserSession;

beforeAll(async () => {
  server = await startDemoServer();
  browser = await ConsoleBrowser.launch(server.url);
  finance = await signIn(server.url, server.finance);
  member = await signIn(server.url, server.member);
});
afterAll(async () => {
  await browser.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

interface Call {
  readonly RequestId: string;
  readonly Principal: string;
  readonly CostUsd: string;
  readonly InputTokens: string;
  readonly OutputTokens: string;
}

interface Detail {
  readonly Request: Call;
  readonly CostUsd: string;
  readonly Charges: readonly {
    readonly Meter: string;
    readonly Quantity: string;
    readonly UnitPriceUsd: string;
    readonly CostUsd: string;
  }[];
}

/** Waits until nothing on the page is still to come. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('main .skeleton').first().waitFor({ state: 'detached' });
}

const digits = (text: string) => text.replaceAll(/[$,\s]/g, '');

/** The amount behind a figure, to the last digit. */
async function exactOf(figure: Locator): Promise<string> {
  const [, exact] = /^(−?\$[\d,.]+) /.exec((await figure.getAttribute('title'))!)!;
  return digits(exact!).replace('−', '-');
}

/** The ledger as it stands on screen. */
async function shownLedger(page: Page) {
  await page.getByTestId('ledger-sum').waitFor();
  const rows = page.locator('.ledger tbody tr');
  const lines = await rows.evaluateAll((found) =>
    found.map((row) => [
      row.getAttribute('data-meter')!,
      ...[...row.querySelectorAll('td.number')].map((cell) => cell.textContent!),
    ]),
  );
  return {
    lines: lines.map(([Meter, ...figures]) => {
      const [Quantity, UnitPriceUsd, CostUsd] = figures.map(digits);
      return { Meter, Quantity, UnitPriceUsd, CostUsd };
    }),
    sum: digits((await page.getByTestId('ledger-sum').textContent())!),
  };
}

it("finds one person's most expensive call and explains its price", async () => {
  const page = await browser.open('/', server.finance);
  await settled(page);
  await page.getByRole('navigation').getByRole('link', { name: 'Principals' }).click();
  await page.getByRole('textbox', { name: 'Find a principal' }).fill(PERSON);
  await page.getByRole('link', { name: `Developers/${PERSON}` }).click();
  await settled(page);
  await page.getByRole('link', { name: 'Most expensive calls' }).click();
  const table = page.getByRole('region', { name: 'Calls, the most expensive first' });
  const first = table.locator('tbody tr').first();
  await first.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/console\/requests\/[0-9a-f-]{36}$/);
  await settled(page);

  // What stands on screen multiplies and adds up, without rounding.
  const { lines, sum } = await shownLedger(page);
  expect(lines.length).toBeGreaterThan(1);
  for (const { Quantity, UnitPriceUsd, CostUsd } of lines) {
    expect(formatUsd(BigInt(Quantity!) * parsePicoUsd(UnitPriceUsd!))).toBe(CostUsd);
  }
  expect(formatUsd(lines.reduce((total, { CostUsd }) => total + parsePicoUsd(CostUsd!), 0n))).toBe(sum);

  // The API says the same, and so does the command line.
  const requestId = page.url().slice(-36);
  const detail = (await finance.call('tallyline', 'GetRequest', { RequestId: requestId })) as unknown as Detail;
  expect(lines).toEqual(
    detail.Charges.map(({ Meter, Quantity, UnitPriceUsd, CostUsd }) => ({ Meter, Quantity, UnitPriceUsd, CostUsd })),
  );
  expect(sum).toBe(detail.CostUsd);
  const principal = detail.Request.Principal;
  expect(principal).toContain(`/${PERSON}`);
  const command = ['requests', '--costliest', '--last', '30d', '--limit', '1', '--principal', principal, '--json'];
  const printed = execFileSync(process.execPath, [...MAIN, ...command], {
    encoding: 'utf8',
    env: { ...process.env, TALLYLINE_DATA: server.data },
  });
  const [printedCall] = JSON.parse(printed) as Call[];
  expect(printedCall).toMatchObject({ RequestId: requestId, CostUsd: sum });

  // Who it was, why it was allowed, and how to make such a call.
  expect(await page.locator('.chain li').last().textContent()).toContain(principal);
  expect(await page.locator('.permissions').textContent()).toContain('bedrock:InvokeModel');
  await page.getByRole('tab', { name: 'SQL over CUR 2.0' }).click();
  expect(await page.getByRole('tabpanel').textContent()).toContain(`line_item_iam_principal = '${principal}'`);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.context().close();
});

it('shows the month as the API and the command line have it, and why it moved', async () => {
  const page = await browser.open('/', server.finance);
  await settled(page);
  const stat = page.locator('.stat').first();
  const overview = (await finance.call('tallyline', 'GetOverview', {})) as unknown as {
    readonly MonthToDate: { readonly Start: string; readonly CostUsd: string };
    readonly Movers: readonly {
      readonly Value: string;
      readonly ChangeUsd: string;
      readonly Reasons: readonly { readonly ChangeUsd: string }[];
    }[];
  };
  const { CostUsd, Start } = overview.MonthToDate;
  expect(await exactOf(stat.locator('.stat-value .money'))).toBe(CostUsd);
  const command = ['report', '--by', 'model', '--from', Start.slice(0, 10), '--json'];
  const printed = execFileSync(process.execPath, [...MAIN, ...command], {
    encoding: 'utf8',
    env: { ...process.env, TALLYLINE_DATA: server.data },
  });
  const { rows } = JSON.parse(printed) as { rows: { CostUsd: string }[] };
  expect(formatUsd(rows.reduce((total, row) => total + parsePicoUsd(row.CostUsd), 0n))).toBe(CostUsd);

  const [mover] = overview.Movers;
  const line = page.locator('.mover').first();
  expect(await exactOf(line.locator('.mover-figures .money'))).toBe(mover!.ChangeUsd);
  const parts = mover!.Reasons.reduce((total, reason) => total + parsePicoUsd(reason.ChangeUsd), 0n);
  expect(formatUsd(parts)).toBe(mover!.ChangeUsd);
  await line.getByRole('link', { name: /^Explore/ }).click();
  await page.waitForURL(/\/console\/explorer\?/);
  expect(new URL(page.url()).searchParams.get('filter')).toBe(`principal=${mover!.Value}`);
  await page.context().close();
});

it('shows a member who signs in only their own', async () => {
  const page = await browser.openSignedOut('/');
  await page.getByLabel('Access key ID').fill(server.member.accessKeyId);
  await page.getByLabel('Secret access key').fill(server.member.secretAccessKey);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await settled(page);
  await page.getByRole('button', { name: 'Mine' }).click();
  await page.waitForURL(/scope=OWN/);
  await page.locator('.stack[aria-busy=false] .stat').first().waitFor();
  const own = (await member.call('tallyline', 'GetOverview', { Scope: 'OWN' })) as unknown as {
    readonly MonthToDate: { readonly CostUsd: string };
  };
  expect(await exactOf(page.locator('.stat').first().locator('.stat-value .money'))).toBe(own.MonthToDate.CostUsd);

  for (const path of ['principals', 'requests']) {
    await page.goto(`${server.url}/console/${path}?scope=OWN`);
    await settled(page);
    const names = await page
      .locator('tbody .name-badge')
      .evaluateAll((found) => found.map((one) => one.getAttribute('title')!));
    const principals = new Set(names.filter((name) => name.startsWith('arn:')));
    expect([...principals]).toEqual([expect.stringMatching(BELLA)]);
  }

  // What is somebody else's is not there, whatever the address says.
  const { Requests } = (await finance.call('tallyline', 'ListRequests', { OrderBy: 'COSTLIEST', MaxResults: 20 })) as {
    readonly Requests: readonly Call[];
  };
  const other = Requests.find(({ Principal }) => !BELLA.test(Principal) && !Principal.includes('bella'))!;
  for (const scope of ['OWN', 'ALL']) {
    await page.goto(`${server.url}/console/requests/${other.RequestId}?scope=${scope}`);
    expect(await page.getByRole('alert').textContent()).toMatch(/there is no call/i);
  }
  await expect(member.call('tallyline', 'GetRequest', { RequestId: other.RequestId })).rejects.toThrow('403');
  await expect(member.call('tallyline', 'GetOverview', {})).rejects.toThrow('403');
  await page.context().close();
});
