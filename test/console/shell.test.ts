import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { accessibilityProblems, ConsoleBrowser, type Credentials } from './console.ts';

let server: TestServer;
let browser: ConsoleBrowser;

beforeAll(async () => {
  server = await startServer();
  browser = await ConsoleBrowser.launch(server.url);
});
afterAll(async () => {
  await browser.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
  expect(browser.troubles).toEqual([]);
});

it('signs in with a key, at the address that was asked for, and out again', async () => {
  const { accessKeyId, secretAccessKey } = server.admin.credentials;
  const page = await browser.openSignedOut('/explorer?range=7d');
  await page.getByLabel('Access key ID').fill(accessKeyId);
  await page.getByLabel('Secret access key').fill('not the secret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('The access key or its secret is not right');
  expect(await accessibilityProblems(page)).toEqual([]);

  await page.getByLabel('Secret access key').fill(secretAccessKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Explorer' }).waitFor();
  expect(page.url()).toContain('/console/explorer?range=7d');
  const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])');
  expect(kept).not.toContain(secretAccessKey);
  expect(kept).not.toContain('tallyline_session');

  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Explorer' }).waitFor();
  await page.getByRole('button', { name: 'Account and theme' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.context().close();
});

it('says that the identity provider did not sign somebody in, and takes a key instead', async () => {
  const { accessKeyId, secretAccessKey } = server.admin.credentials;
  const page = await browser.openSignedOut('/sign-in?error=access_denied');
  expect(await page.getByRole('alert').textContent()).toContain('did not sign you in');
  await page.getByLabel('Access key ID').fill(accessKeyId);
  await page.getByLabel('Secret access key').fill(secretAccessKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.context().close();
});

it('leads anywhere by keyboard', async () => {
  const page = await browser.open('/', server.admin.credentials);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('statem');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Statements' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Keyboard shortcuts').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.context().close();
});

it('fits a phone, in the dark', async () => {
  const page = await browser.open('/', server.admin.credentials, {
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await page.getByRole('button', { name: 'Open the navigation' }).click();
  await page.getByRole('link', { name: 'Budgets' }).click();
  await page.getByRole('heading', { level: 1, name: 'Budgets' }).waitFor();
  await page.getByRole('link', { name: 'Models' }).waitFor({ state: 'hidden' });
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.context().close();
});

it('offers a member what policy allows', async () => {
  const member = await makeMember();
  const page = await browser.open('/', member);
  await page.getByRole('link', { name: 'Explorer' }).waitFor();
  expect(await page.getByRole('link', { name: 'Access' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
  await page.context().close();
});

async function makeMember(): Promise<Credentials> {
  const iam = new IAMClient(server.admin);
  await iam.send(new CreateUserCommand({ UserName: 'member' }));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'tallyline:GetOwnReport', Resource: '*' }],
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'member', PolicyName: 'member', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'member' }));
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}
