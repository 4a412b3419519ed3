import type { TagSet } from '../kernel/tags.ts';
import type { GatewayKeyLimits } from './gateway-key.ts';

/** What a caller's credentials are. */
export type CallerKind = 'user' | 'assumed-role' | 'federated-user' | 'root';

/** The verified caller of one request. Built by `identify` alone; nothing a request says about itself ends up here. */
export interface Caller {
  readonly kind: CallerKind;
  /** `line_item_iam_principal`: user ARN with its path, or `arn:aws:sts::...:assumed-role/Role/session`. */
  readonly arn: string;
  /** `aws:PrincipalArn`: equal to `arn` but for role sessions, where it is the role's ARN with its path. */
  readonly principalArn: string;
  readonly accountId: string;
  /** `aws:userid`: `AIDA...`, `AROA...:session`, or the account id for root. */
  readonly userId: string;
  /** Unique id of the user or role behind the credentials; a recreated name has another one. */
  readonly principalId: string;
  /** IAM users only. */
  readonly userName?: string;
  /** Role sessions only. */
  readonly roleName?: string;
  readonly sessionName?: string;
  /** The access key that signed; `ASIA...` for sessions, `ACCA...` for long-term Bedrock API keys, `TLYK...` for gateway keys. */
  readonly accessKeyId: string;
  /** `bedrock:BearerTokenType`: present when a Bedrock API key took the place of a signature. */
  readonly bearerTokenType?: 'SHORT_TERM' | 'LONG_TERM';
  /** Present when a gateway key took the place of a signature. */
  readonly gatewayKey?: GatewayKeyLimits;
  /** Effective principal tags at this call: session tags laid over the user's or role's tags. */
  readonly tags: TagSet;
  readonly sourceIdentity?: string;
  readonly session?: SessionFacts;
}

/** What a temporary credential adds. */
export interface SessionFacts {
  /** How it was issued: decides role chaining and which STS calls it may make. */
  readonly issuedBy:
    | 'AssumeRole'
    | 'AssumeRoleWithWebIdentity'
    | 'AssumeRoleWithSAML'
    | 'GetFederationToken'
    | 'GetSessionToken'
    /** No session of STS: a gateway key that stands for one. */
    | 'CreateGatewayKey';
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** Session tags as passed, with inherited transitive ones; a subset of what `Caller.tags` shows. */
  readonly sessionTags: TagSet;
  readonly transitiveTagKeys: readonly string[];
  /** ARN of the OIDC or SAML provider that vouched for the session; absent when AWS credentials began it. */
  readonly federatedProvider?: string;
  /** Condition keys that the provider's token or assertion left for later requests, as pairs; names in lower case. */
  readonly federatedContext?: readonly (readonly [key: string, values: readonly string[]])[];
  /** Inline session policy document (JSON text) and managed session policy ARNs. */
  readonly policy?: string;
  readonly policyArns?: readonly string[];
}
