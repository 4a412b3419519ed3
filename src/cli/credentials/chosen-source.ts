import { Fault } from '../../kernel/fault.ts';
import { assumeRoleSource } from './assume-role-source.ts';
import type { CredentialOptions, CredentialSource, Environment, StsTarget } from './credential-source.ts';
import { samlSource } from './saml-source.ts';
import { webIdentitySource } from './web-identity-source.ts';

/** The source that the options name, or AWS's own variables. */
export function credentialSource(options: CredentialOptions, environment: Environment): CredentialSource {
  const target: StsTarget = {
    endpoint: endpointOf(options, environment),
    roleArn: roleOf(options, environment),
    durationFields: options.duration === undefined ? {} : { DurationSeconds: options.duration },
  };
  const tokenFile = tokenFileOf(options, environment);
  if (tokenFile !== undefined && options.samlAssertionFile !== undefined) {
    throw new Fault('ConfigInvalid', 'choose one of --web-identity-token-file and --saml-assertion-file');
  }
  if (tokenFile !== undefined) return webIdentitySource(target, tokenFile, options, environment);
  if (options.samlAssertionFile !== undefined) return samlSource(target, options.samlAssertionFile, options);
  return assumeRoleSource(target, options, environment);
}

function endpointOf({ endpoint }: CredentialOptions, environment: Environment): string {
  const { TALLYLINE_ENDPOINT, AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL } = environment;
  const url = endpoint ?? TALLYLINE_ENDPOINT ?? AWS_ENDPOINT_URL_STS ?? AWS_ENDPOINT_URL;
  if (!url) throw new Fault('ConfigInvalid', 'no server: pass --endpoint or set TALLYLINE_ENDPOINT');
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new Fault('ConfigInvalid', `--endpoint \`${url}\` is not an http or https address`);
  }
  return url;
}

function roleOf({ role }: CredentialOptions, { AWS_ROLE_ARN }: Environment): string {
  const arn = role ?? AWS_ROLE_ARN;
  if (!arn) throw new Fault('ConfigInvalid', 'no role: pass --role or set AWS_ROLE_ARN');
  if (!/^arn:aws:iam::\d{12}:role\/./.test(arn)) {
    throw new Fault('ConfigInvalid', `--role \`${arn}\` is not the ARN of a role`);
  }
  return arn;
}

/** The variable of EKS counts only where nothing else was named: with keys it would be somebody else's identity. */
function tokenFileOf(options: CredentialOptions, environment: Environment): string | undefined {
  if (options.webIdentityTokenFile !== undefined) return options.webIdentityTokenFile;
  const isOther = options.samlAssertionFile ?? options.sourceProfile ?? environment.AWS_ACCESS_KEY_ID;
  return isOther === undefined ? environment.AWS_WEB_IDENTITY_TOKEN_FILE : undefined;
}
