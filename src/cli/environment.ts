import { Fault } from '../kernel/fault.ts';
import type { Profile } from './profile.ts';
import { signedPost } from './signed-post.ts';

/**
 * `tallyline env [USER]`: shell exports for any AWS SDK or the AWS CLI. Without a user they are the profile's own
 * credentials; with one, a new access key of that IAM user is made, as CreateAccessKey would.
 */
export async function environment(profile: Profile, userName: string | undefined, nowMs: number): Promise<string> {
  const key = userName === undefined ? profile : await createAccessKey(profile, userName, nowMs);
  const exports = {
    AWS_ENDPOINT_URL: profile.endpoint,
    AWS_REGION: profile.region,
    AWS_DEFAULT_REGION: profile.region,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    ...(profile.sessionToken && userName === undefined && { AWS_SESSION_TOKEN: profile.sessionToken }),
  };
  return Object.entries(exports)
    .map(([name, value]) => `export ${name}=${value}`)
    .join('\n');
}

async function createAccessKey(
  profile: Profile,
  userName: string,
  nowMs: number,
): Promise<Pick<Profile, 'accessKeyId' | 'secretAccessKey'>> {
  const body = new URLSearchParams({ Action: 'CreateAccessKey', Version: '2010-05-08', UserName: userName }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const text = await (await signedPost(profile, 'iam', headers, body, nowMs)).text();
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  const accessKeyId = element('AccessKeyId');
  const secretAccessKey = element('SecretAccessKey');
  if (!accessKeyId || !secretAccessKey)
    throw new Fault('QueryInvalid', element('Message') ?? 'no access key was created');
  return { accessKeyId, secretAccessKey };
}
