import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Profile, profileFiles, profileTexts } from '../cli/profile.ts';
import type { Config } from '../config.ts';
import { type AdministratorKey, bootstrap } from '../identity/bootstrap.ts';
import type { Directory } from '../identity/directory.ts';
import type { RandomBytes } from '../identity/identifier.ts';
import { foundOrganization } from '../identity/organization-founding.ts';
import { Fault } from '../kernel/fault.ts';
import type { Clock } from '../kernel/time.ts';

export interface AdministratorProfile {
  readonly managementAccountId: string;
  /** Writes the address that is listened on. */
  readonly write: (endpoint: string) => void;
}

/**
 * At the first start, makes the management account and its administrator, and leaves the administrator's access key in
 * the AWS CLI's two files; later starts only bring the endpoint up to date, and found the organization of a data folder
 * that is older than organizations.
 */
export async function bootstrapProfile(parts: {
  readonly directory: Directory;
  readonly config: Config;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly random: RandomBytes;
}): Promise<AdministratorProfile> {
  const { directory, config, dataFolder, clock, random } = parts;
  const files = profileFiles(dataFolder);
  const existing = [...directory.accounts()].find(({ isManagement }) => isManagement);
  if (existing && existing.id !== config.account.id && config.account.id !== DEFAULT_ACCOUNT_ID) {
    const advice = 'the account of a data folder cannot change; choose another data folder';
    throw new Fault(
      'ConfigInvalid',
      `\`account.id\` is \`${config.account.id}\`, but this data folder has \`${existing.id}\`: ${advice}`,
    );
  }
  mkdirSync(dirname(files.config), { recursive: true, mode: 0o700 });
  const textsOf = (profile: Partial<Profile>) =>
    profileTexts({ endpoint: '', region: config.region, accessKeyId: '', secretAccessKey: '', ...profile });
  if (!existing) {
    const keep = (key: AdministratorKey) => writePrivate(files.credentials, textsOf(key).credentials);
    await bootstrap(directory, { ...config.account, nowMs: clock(), random, keep });
  } else {
    await foundOrganization(directory, { managementAccountId: existing.id, nowMs: clock(), random });
  }
  return {
    managementAccountId: existing?.id ?? config.account.id,
    write: (endpoint) => {
      const text = textsOf({ endpoint }).config;
      const isCurrent = existsSync(files.config) && readFileSync(files.config, 'utf8') === text;
      if (!isCurrent) writePrivate(files.config, text);
    },
  };
}

const DEFAULT_ACCOUNT_ID = '123456789012';

/** Whole or not at all, and readable by its owner alone. */
function writePrivate(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}
