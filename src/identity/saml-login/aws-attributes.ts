import { Fault } from '../../kernel/fault.ts';
import type { TagSet } from '../../kernel/tags.ts';
import { readFederatedTags } from '../federated-tags.ts';
import type { Assertion } from './assertion.ts';

/** What AWS reads of an assertion's attributes to make a session of it. */
export interface AwsAttributes {
  readonly roles: readonly SamlRole[];
  readonly roleSessionName: string;
  readonly sessionTags: TagSet;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
  readonly sessionDurationSeconds?: number;
}

/** A role that the provider says the person may have. */
export interface SamlRole {
  readonly roleArn: string;
  readonly providerArn: string;
}

const PREFIX = 'https://aws.amazon.com/SAML/Attributes/';
const TAG_PREFIX = `${PREFIX}PrincipalTag:`;
const SESSION_NAME = /^[a-zA-Z_0-9+=,.@-]{2,64}$/;
const SHORTEST_SECONDS = 900;
const LONGEST_SECONDS = 43_200;

/**
 * Throws InvalidIdentityTokenException: in AWS's words about the session name and the source identity, the others are
 * not known.
 */
export function readAwsAttributes({ attributes }: Assertion): AwsAttributes {
  const roleSessionName = single(attributes, 'RoleSessionName');
  if (roleSessionName === undefined) throw invalid('RoleSessionName is required in AuthnResponse');
  if (!SESSION_NAME.test(roleSessionName)) {
    throw invalid('RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}');
  }
  const sourceIdentity = single(attributes, 'SourceIdentity');
  if (sourceIdentity !== undefined && (!SESSION_NAME.test(sourceIdentity) || /^aws:/i.test(sourceIdentity))) {
    throw invalid('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"');
  }
  const tags = [...attributes]
    .filter(([name]) => name.startsWith(TAG_PREFIX))
    .map(([name, values]) => [name.slice(TAG_PREFIX.length), values] as const);
  const duration = readDuration(single(attributes, 'SessionDuration'));
  return {
    roles: readRoles(attributes.get(`${PREFIX}Role`) ?? []),
    roleSessionName,
    ...readFederatedTags(tags, attributes.get(`${PREFIX}TransitiveTagKeys`) ?? []),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    ...(duration !== undefined && { sessionDurationSeconds: duration }),
  };
}

/** Every value is a role's ARN and a provider's, in either order. */
function readRoles(values: readonly string[]): SamlRole[] {
  if (values.length === 0) throw invalid('Role is required in AuthnResponse');
  return values.map((value) => {
    const arns = value.split(',').map((arn) => arn.trim());
    const roleArn = arns.find((arn) => /^arn:[^:]+:iam::\d{12}:role\//.test(arn));
    const providerArn = arns.find((arn) => /^arn:[^:]+:iam::\d{12}:saml-provider\//.test(arn));
    if (arns.length !== 2 || !roleArn || !providerArn) {
      throw invalid(`Role in AuthnResponse must be the ARNs of a role and of a SAML provider: ${value}`);
    }
    return { roleArn, providerArn };
  });
}

function readDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{3,5}$/.test(text) ? Number(text) : 0;
  if (seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS) return seconds;
  throw invalid(`SessionDuration in AuthnResponse must be from ${SHORTEST_SECONDS} to ${LONGEST_SECONDS} seconds`);
}

function single(attributes: Assertion['attributes'], name: string): string | undefined {
  const values = attributes.get(PREFIX + name) ?? [];
  if (values.length > 1) throw invalid(`${name} in AuthnResponse must have one value`);
  return values[0];
}

function invalid(message: string): Fault {
  return new Fault('InvalidIdentityTokenException', message);
}
