import { Fault } from '../kernel/fault.ts';
import {
  gatewayPermissions,
  type TagRule,
  TRUST_SHAPES,
  type TrustShape,
  trustPreset,
} from '../policy/trust-preset.ts';

/** The options as they stand on the command line; one that may be repeated is a list. */
export interface TrustPolicyOptions {
  readonly account?: string;
  readonly principal: readonly string[];
  readonly provider?: string;
  readonly audience?: string;
  readonly subject?: string;
  readonly requireTag: readonly string[];
  readonly allowTag: readonly string[];
  readonly transitive?: boolean;
  readonly sourceIdentity?: boolean;
  readonly externalId?: string;
  readonly sessionName?: string;
  /** ARN of the role that a gateway assumes for its users. */
  readonly permissionsFor?: string;
}

/** IAM Identity Center makes its roles itself and lets nobody change whom they trust. */
const IDENTITY_CENTER = [
  'IAM Identity Center makes a role AWSReservedSSO_... for each permission set, with a trust policy that cannot be changed.',
  'The session name is the user name and comes from Identity Center: the caller cannot choose it.',
  'Tags: turn on "Attributes for access control" and map each key, such as team, to a user attribute such as',
  'the department of the user. Each key becomes a session tag that the caller can neither set nor change.',
  'Take the attributes from your directory (SCIM), not from what users may edit about themselves.',
].join('\n');

/** `tallyline trust-policy`: a trust policy for a shape of caller, ready for `aws iam create-role`. Asks no server. */
export function trustPolicy(shape: string, options: TrustPolicyOptions): string {
  if (shape === 'identity-center') return IDENTITY_CENTER;
  const { permissionsFor } = options;
  if (permissionsFor !== undefined) {
    if (shape !== 'gateway') throw wrong(`--permissions-for says nothing about the shape \`${shape}\`: leave it out`);
    return JSON.stringify(gatewayPermissions(permissionsFor), null, 2);
  }
  const { account, provider, audience, subject, externalId, sessionName } = options;
  const document = trustPreset({
    shape: shapeNamed(shape),
    principals: options.principal,
    requiredTags: options.requireTag.map(tagRule),
    allowedTags: options.allowTag.map(tagRule),
    isTransitive: options.transitive ?? false,
    hasSourceIdentity: options.sourceIdentity ?? false,
    ...(account !== undefined && { account }),
    ...(provider !== undefined && { provider }),
    ...(audience !== undefined && { audience }),
    ...(subject !== undefined && { subject }),
    ...(externalId !== undefined && { externalId }),
    ...(sessionName !== undefined && { sessionName }),
  });
  return JSON.stringify(document, null, 2);
}

function shapeNamed(name: string): TrustShape {
  const shape = TRUST_SHAPES.find((one) => one === name);
  if (shape) return shape;
  throw wrong(`the shape \`${name}\` is not one of ${[...TRUST_SHAPES, 'identity-center'].join(', ')}`);
}

/** `team`, `team=red` or `team=red,blue`. */
function tagRule(text: string): TagRule {
  const equals = text.indexOf('=');
  if (equals < 0) return { key: text, values: [] };
  return { key: text.slice(0, equals), values: text.slice(equals + 1).split(',') };
}

function wrong(message: string): Fault {
  return new Fault('QueryInvalid', message);
}
