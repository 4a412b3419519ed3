import {
  trustCognito,
  trustGitHubActions,
  trustKubernetes,
  trustOidc,
  trustSaml,
} from './trust-preset/federated-shapes.ts';
import {
  requirePrincipal,
  type Trust,
  trustApplication,
  trustGateway,
  trustService,
  trustUsers,
} from './trust-preset/principal-shapes.ts';
import { requiredTagLines, tagSession, transitiveTags } from './trust-preset/tag-rules.ts';
import { checkOptions, type TagRule, type TrustRequest, type TrustShape } from './trust-preset/trust-request.ts';
import { conditionBlock, type TrustStatement } from './trust-preset/trust-statement.ts';

export type { TagRule, TrustRequest, TrustShape };

/** A trust policy as `CreateRole` takes it. */
export interface TrustDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly TrustStatement[];
}

const SHAPES: Readonly<Record<TrustShape, (request: TrustRequest) => Trust>> = {
  user: trustUsers,
  application: trustApplication,
  service: trustService,
  oidc: trustOidc,
  'github-actions': trustGitHubActions,
  kubernetes: trustKubernetes,
  cognito: trustCognito,
  saml: trustSaml,
  gateway: trustGateway,
};

export const TRUST_SHAPES = Object.keys(SHAPES) as readonly TrustShape[];

/**
 * A trust policy under which nobody but those who are meant gets a session, and nobody of them chooses a session name or
 * a tag that is another's. Throws QueryInvalid when the options do not say enough, or allow what the policy is to rule out.
 */
export function trustPreset(request: TrustRequest): TrustDocument {
  checkOptions(request);
  const { principal, action, lines, tagOrigin, hasSourceIdentity, isTransitive } = SHAPES[request.shape](request);
  const conditions = [...lines, ...requiredTagLines(request.requiredTags, tagOrigin)];
  const assume: TrustStatement = {
    Sid: 'AssumeRole',
    Effect: 'Allow',
    Principal: principal,
    Action: hasSourceIdentity ? [action, 'sts:SetSourceIdentity'] : action,
    ...(conditions.length > 0 && { Condition: conditionBlock(conditions) }),
  };
  const keep = isTransitive ? transitiveTags(request, principal) : [];
  return { Version: '2012-10-17', Statement: [assume, tagSession(request, principal, tagOrigin), ...keep] };
}

/** What a gateway's execution role needs to be allowed: sessions of that one role, with tags and source identity. */
export function gatewayPermissions(userRoleArn: string): object {
  requirePrincipal(userRoleArn, ['role']);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AssumeRoleForUsers',
        Effect: 'Allow',
        Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
        Resource: userRoleArn,
      },
    ],
  };
}
