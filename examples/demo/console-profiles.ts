import { appendFileSync } from 'node:fs';
import { profileFiles } from '../../src/cli/profile.ts';
import { CONSOLE_USERS } from './company.ts';
import type { Founded } from './founding.ts';
import type { ClientConfig } from './organisation.ts';

/** Leaves the keys of those who look at the console beside the administrator's, for the AWS CLI and for signing in. */
export function writeConsoleProfiles(dataFolder: string, { accessKeys }: Pick<Founded, 'accessKeys'>): void {
  const { credentials } = profileFiles(dataFolder);
  for (const [profile, { userName }] of Object.entries(CONSOLE_USERS)) {
    const { accessKeyId, secretAccessKey } = accessKeys.get(userName)!;
    appendFileSync(
      credentials,
      `\n[${profile}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
  }
}

/** Leaves the address beside them. A server that starts on the folder writes the administrator's profile alone. */
export function writeConsoleEndpoints(dataFolder: string, { endpoint, region }: ClientConfig): void {
  const { config } = profileFiles(dataFolder);
  for (const profile of Object.keys(CONSOLE_USERS)) {
    appendFileSync(config, `\n[profile ${profile}]\nregion = ${region}\nendpoint_url = ${endpoint}\n`);
  }
}
