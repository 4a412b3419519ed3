import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../kernel/fault.ts';

/** How to reach a server and as whom. */
export interface Profile {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials only. */
  readonly sessionToken?: string;
}

export const PROFILE_NAME = 'tallyline';

/** Where `serve` leaves the administrator's profile, in the AWS CLI's own two files. */
export function profileFiles(dataFolder: string): { readonly config: string; readonly credentials: string } {
  return { config: join(dataFolder, 'aws', 'config'), credentials: join(dataFolder, 'aws', 'credentials') };
}

/**
 * The profile that the command line uses: TALLYLINE_ENDPOINT with the AWS_* credential variables where they are set, else
 * the administrator's files in the data folder.
 */
export function readProfile(dataFolder: string, environment: Readonly<Record<string, string | undefined>>): Profile {
  const { TALLYLINE_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION } = environment;
  if (TALLYLINE_ENDPOINT && AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY) {
    return {
      endpoint: TALLYLINE_ENDPOINT,
      region: AWS_REGION ?? 'us-east-1',
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    };
  }
  const files = profileFiles(dataFolder);
  const config = readSection(files.config, `profile ${PROFILE_NAME}`);
  const credentials = readSection(files.credentials, PROFILE_NAME);
  if (!config || !credentials) {
    const advice =
      'start `tallyline serve` with the same --data first, or set TALLYLINE_ENDPOINT and the AWS_* variables';
    throw new Fault('NotFound', `no profile in \`${dataFolder}\`: ${advice}`);
  }
  return {
    endpoint: member(config, 'endpoint_url', files.config),
    region: member(config, 'region', files.config),
    accessKeyId: member(credentials, 'aws_access_key_id', files.credentials),
    secretAccessKey: member(credentials, 'aws_secret_access_key', files.credentials),
  };
}

/** Where the server is, for callers that bring a key or token: TALLYLINE_ENDPOINT, else the address in the data folder. */
export function readEndpoint(dataFolder: string, environment: Readonly<Record<string, string | undefined>>): string {
  if (environment.TALLYLINE_ENDPOINT) return environment.TALLYLINE_ENDPOINT;
  const { config } = profileFiles(dataFolder);
  const section = readSection(config, `profile ${PROFILE_NAME}`);
  if (section) return member(section, 'endpoint_url', config);
  throw new Fault('NotFound', `no server is known from \`${dataFolder}\`: set TALLYLINE_ENDPOINT`);
}

/** The two files' text. Kept in one place with the reader above. */
export function profileTexts(profile: Profile): { readonly config: string; readonly credentials: string } {
  return {
    config: `[profile ${PROFILE_NAME}]\nregion = ${profile.region}\nendpoint_url = ${profile.endpoint}\n`,
    credentials:
      `[${PROFILE_NAME}]\naws_access_key_id = ${profile.accessKeyId}\n` +
      `aws_secret_access_key = ${profile.secretAccessKey}\n`,
  };
}

/** A section of one of the AWS CLI's files; empty when it is not there, undefined when the file cannot be read. */
export function readSection(path: string, name: string): ReadonlyMap<string, string> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const section = new Map<string, string>();
  let isInside = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('[')) isInside = line.trim() === `[${name}]`;
    const [, key, value] = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (isInside && key && value !== undefined) section.set(key, value);
  }
  return section;
}

function member(section: ReadonlyMap<string, string>, key: string, path: string): string {
  const value = section.get(key);
  if (!value) throw new Fault('NotFound', `\`${path}\` has no ${key} for the profile \`${PROFILE_NAME}\``);
  return value;
}
