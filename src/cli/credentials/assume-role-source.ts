import { homedir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../kernel/fault.ts';
import { type Profile, readSection } from '../profile.ts';
import { signedQuery } from '../query-call.ts';
import {
  type CredentialOptions,
  type CredentialSource,
  digestOf,
  type Environment,
  type StsTarget,
} from './credential-source.ts';
import { sessionNameOf } from './session-name.ts';
import { readCredentials } from './workload-credentials.ts';

/** AssumeRole with somebody's credentials: those of the environment, or of a profile in the AWS CLI's own files. */
export function assumeRoleSource(
  { endpoint, roleArn, durationFields }: StsTarget,
  options: CredentialOptions,
  environment: Environment,
): CredentialSource {
  const given = options.sessionName ?? environment.AWS_ROLE_SESSION_NAME;
  const fields = {
    RoleArn: roleArn,
    ...durationFields,
    ...(options.externalId !== undefined && { ExternalId: options.externalId }),
    ...(options.sourceIdentity !== undefined && { SourceIdentity: options.sourceIdentity }),
    ...tagFields(options.sessionTag ?? []),
    ...keyFields(options.transitiveTag ?? []),
  };
  const profile = () => sourceProfile(endpoint, options, environment);
  // That there are none is told at the start, not to the first who asks.
  profile();
  return {
    roleArn,
    cacheKey: () => digestOf(['assume-role', endpoint, fields, given, profile().accessKeyId]),
    fetch: async (nowMs) => {
      const source = profile();
      const RoleSessionName = given ?? (await nameOf(source, nowMs));
      const call = { service: 'sts', action: 'AssumeRole', fields: { ...fields, RoleSessionName } } as const;
      return readCredentials(await signedQuery(source, call, nowMs), nowMs);
    },
  };
}

/** The name of the user or session behind the credentials, so that a chain keeps saying who it is. */
async function nameOf(source: Profile, nowMs: number): Promise<string> {
  const answer = await signedQuery(source, { service: 'sts', action: 'GetCallerIdentity', fields: {} }, nowMs);
  return sessionNameOf(answer.required('Arn').split(/[/:]/).at(-1)!);
}

function tagFields(tags: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [index, tag] of tags.entries()) {
    const equals = tag.indexOf('=');
    if (equals < 1) throw new Fault('ConfigInvalid', `--session-tag \`${tag}\` is not KEY=VALUE`);
    fields[`Tags.member.${index + 1}.Key`] = tag.slice(0, equals);
    fields[`Tags.member.${index + 1}.Value`] = tag.slice(equals + 1);
  }
  return fields;
}

function keyFields(keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key, index) => [`TransitiveTagKeys.member.${index + 1}`, key]));
}

function sourceProfile(endpoint: string, options: CredentialOptions, environment: Environment): Profile {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_DEFAULT_REGION } = environment;
  const region = options.region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1';
  if (options.sourceProfile !== undefined) return fileProfile(options.sourceProfile, { endpoint, region }, environment);
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Fault(
      'ConfigInvalid',
      'no credentials to assume the role with: pass --web-identity-token-file, --saml-assertion-file or --source-profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    );
  }
  return {
    endpoint,
    region,
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
}

/** Keys in the AWS CLI's credentials file, else in its config file. */
function fileProfile(name: string, target: Pick<Profile, 'endpoint' | 'region'>, environment: Environment): Profile {
  const folder = join(environment.HOME ?? homedir(), '.aws');
  const credentials = environment.AWS_SHARED_CREDENTIALS_FILE ?? join(folder, 'credentials');
  const config = environment.AWS_CONFIG_FILE ?? join(folder, 'config');
  const places = [
    [credentials, name],
    [config, name === 'default' ? name : `profile ${name}`],
  ] as const;
  for (const [path, section] of places) {
    const values = readSection(path, section);
    const accessKeyId = values?.get('aws_access_key_id');
    const secretAccessKey = values?.get('aws_secret_access_key');
    const sessionToken = values?.get('aws_session_token');
    if (accessKeyId && secretAccessKey) {
      return { ...target, accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
    }
  }
  throw new Fault('NotFound', `no keys of the profile \`${name}\` in \`${credentials}\` or \`${config}\``);
}
