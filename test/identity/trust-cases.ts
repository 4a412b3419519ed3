import type { PolicySet } from '../../src/identity/policy-set.ts';
import type { Caller } from '../../src/identity/principal.ts';
import type { TagSet } from '../../src/kernel/tags.ts';
import {
  authorizeAssumeRole,
  authorizeFederatedAssumeRole,
  type FederatedAssumeRoleRequest,
} from '../../src/policy/assume-role.ts';
import { globalContext, requestContext, withContext } from '../../src/policy/context.ts';
import type { TrustDocument, TrustRequest, TrustShape } from '../../src/policy/trust-preset.ts';

export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
const FACTS = { nowMs: Date.UTC(2026, 4, 1), sourceIp: '192.0.2.1', isTls: true, region: 'us-east-1' } as const;

export function request(shape: TrustShape, options: Partial<TrustRequest> = {}): TrustRequest {
  return {
    shape,
    principals: [],
    requiredTags: [],
    allowedTags: [],
    isTransitive: false,
    hasSourceIdentity: false,
    ...options,
  };
}

/** A tag rule: `tag('team', 'red', 'blue')`. */
export function tag(key: string, ...values: string[]): { key: string; values: string[] } {
  return { key, values };
}

export function userCaller(name: string, tags: Record<string, string> = {}, accountId = ACCOUNT): Caller {
  const arn = `arn:aws:iam::${accountId}:user/${name}`;
  const id = `AIDA${name.toUpperCase().padEnd(17, '0')}`;
  return {
    kind: 'user',
    arn,
    principalArn: arn,
    accountId,
    userId: id,
    principalId: id,
    userName: name,
    accessKeyId: 'AKIAEXAMPLE',
    tags: new Map(Object.entries(tags)),
  };
}

export function roleCaller(roleName: string, sessionName: string, tags: Record<string, string> = {}): Caller {
  const id = `AROA${roleName.toUpperCase().padEnd(17, '0')}`;
  const sessionTags: TagSet = new Map(Object.entries(tags));
  return {
    kind: 'assumed-role',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${roleName}/${sessionName}`,
    principalArn: `arn:aws:iam::${ACCOUNT}:role/${roleName}`,
    accountId: ACCOUNT,
    userId: `${id}:${sessionName}`,
    principalId: id,
    roleName,
    sessionName,
    accessKeyId: 'ASIAEXAMPLE',
    tags: sessionTags,
    session: {
      issuedBy: 'AssumeRole',
      issuedAtMs: FACTS.nowMs,
      expiresAtMs: FACTS.nowMs + 3_600_000,
      sessionTags,
      transitiveTagKeys: [],
    },
  };
}

/** What a caller asks for and who it is; or what a provider's token says. */
export interface Attempt {
  readonly caller?: Caller;
  /** Absent: the caller may assume every role as far as its own policies go. */
  readonly identity?: PolicySet['identity'];
  readonly provider?: string;
  readonly action?: FederatedAssumeRoleRequest['action'];
  /** Keys of the token or of the calling service. */
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly sessionName: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitive?: readonly string[];
  readonly sourceIdentity?: string | undefined;
  readonly externalId?: string | undefined;
}

const MAY_ASSUME = [
  {
    id: 'may assume',
    text: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }],
    }),
  },
];

/** `allowed`, or the permission that was refused, by the evaluator that serves requests. */
export function attempt(document: TrustDocument, asked: Attempt): string {
  const { caller, context = {}, sourceIdentity, externalId } = asked;
  const session = {
    roleArn: `arn:aws:iam::${ACCOUNT}:role/Target`,
    roleTags: new Map<string, string>(),
    trustPolicyText: JSON.stringify(document),
    sessionName: asked.sessionName,
    sessionTags: new Map(Object.entries(asked.tags ?? {})),
    transitiveTagKeys: asked.transitive ?? [],
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  };
  const { refused } = caller
    ? authorizeAssumeRole({
        ...session,
        caller,
        callerPolicies: { identity: asked.identity ?? MAY_ASSUME },
        context: withContext(globalContext(caller, FACTS), Object.entries(context)),
        ...(externalId !== undefined && { externalId }),
      })
    : authorizeFederatedAssumeRole({
        ...session,
        federatedProvider: asked.provider!,
        action: asked.action ?? 'sts:AssumeRoleWithWebIdentity',
        context: withContext(requestContext(FACTS), Object.entries(context)),
      });
  return refused?.action ?? 'allowed';
}
