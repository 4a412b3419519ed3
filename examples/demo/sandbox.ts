import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { DEFAULT_ACCESS_ROLE } from '../../src/identity/member-account.ts';
import { APPLICATIONS, FEDERATED, USERS } from './announcement.ts';
import { SANDBOX_ACCOUNT } from './company.ts';
import { tallylineOf, totalOf } from './history-arrival.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { type ClientConfig, runAnnouncement, runFederation, sessionOf } from './organisation.ts';
import { dayMs } from './timeline.ts';

const POLL_MS = 100;

/** AWS's announcement in a member account of its own: its users, roles and people, and their calls, which are of today. */
export async function actOutAnnouncement(
  admin: ClientConfig,
  provider: IdentityProvider,
  print: (line: string) => void,
): Promise<void> {
  const sts = new STSClient(admin);
  const RoleArn = `arn:aws:iam::${SANDBOX_ACCOUNT}:role/${DEFAULT_ACCESS_ROLE}`;
  const { Credentials: session } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'admin' }));
  sts.destroy();
  const sandbox = sessionOf(admin, session!);
  await runAnnouncement(sandbox, print);
  await runFederation(sandbox, provider, print);
}

/** Waits until the bill has every token of the announcement: about a second after the last call. */
export async function announcementArrived(admin: ClientConfig): Promise<void> {
  const calls = [...USERS, ...APPLICATIONS, ...FEDERATED.people].flatMap(({ calls }) => calls);
  const tokens = calls.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
  const client = tallylineOf(admin);
  const inSandbox = { key: { dimension: 'account' }, equalsAny: [SANDBOX_ACCOUNT] };
  const [startMs, endMs] = [dayMs(Date.now(), 1), dayMs(Date.now(), -1)];
  while (Number((await totalOf(client, startMs, endMs, inSandbox))?.Tokens ?? 0) < tokens) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
