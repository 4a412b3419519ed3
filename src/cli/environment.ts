import { signShortTermKey } from '../wire/short-term-key.ts';
import { createBedrockKey } from './bedrock-key.ts';
import type { Profile } from './profile.ts';
import { signedQuery } from './query-call.ts';

/** Twelve hours, as long as a short-term key may live. */
const SHORT_TERM_SECONDS = 43_200;

/**
 * `tallyline env [USER]`: shell exports for any AWS SDK or the AWS CLI. Without a user they are the profile's own
 * credentials; with one, a new access key of that IAM user is made, as CreateAccessKey would. `isBearer`: a Bedrock API
 * key instead, long-term for a user, else a short-term one of the profile.
 */
export async function environment(
  profile: Profile,
  userName: string | undefined,
  isBearer: boolean,
  nowMs: number,
): Promise<string> {
  const exports = {
    AWS_ENDPOINT_URL: profile.endpoint,
    AWS_REGION: profile.region,
    AWS_DEFAULT_REGION: profile.region,
    ...(isBearer
      ? { AWS_BEARER_TOKEN_BEDROCK: await bearerKey(profile, userName, nowMs) }
      : await signingKey(profile, userName, nowMs)),
  };
  return Object.entries(exports)
    .map(([name, value]) => `export ${name}=${value}`)
    .join('\n');
}

async function bearerKey(profile: Profile, userName: string | undefined, nowMs: number): Promise<string> {
  if (userName === undefined) return signShortTermKey(profile, SHORT_TERM_SECONDS, nowMs);
  return (await createBedrockKey(profile, { userName }, nowMs)).key;
}

async function signingKey(
  profile: Profile,
  userName: string | undefined,
  nowMs: number,
): Promise<Readonly<Record<string, string>>> {
  if (userName === undefined) {
    return {
      AWS_ACCESS_KEY_ID: profile.accessKeyId,
      AWS_SECRET_ACCESS_KEY: profile.secretAccessKey,
      ...(profile.sessionToken && { AWS_SESSION_TOKEN: profile.sessionToken }),
    };
  }
  const call = { service: 'iam', action: 'CreateAccessKey', fields: { UserName: userName } } as const;
  const answer = await signedQuery(profile, call, nowMs);
  return {
    AWS_ACCESS_KEY_ID: answer.required('AccessKeyId'),
    AWS_SECRET_ACCESS_KEY: answer.required('SecretAccessKey'),
  };
}
