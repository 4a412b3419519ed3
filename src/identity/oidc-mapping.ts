import { parseArn } from '../kernel/arn.ts';
import { Fault } from '../kernel/fault.ts';
import { overlayTags } from '../kernel/tags.ts';
import {
  type CallerExpression,
  CLAIM_NAMES,
  claimTexts,
  type LookUp,
  parseCallerExpression,
  valuesOfClaims,
} from './caller-expression.ts';
import { readFederatedTags } from './federated-tags.ts';
import { audienceOf, type WebIdentity } from './web-identity.ts';
import { invalidIdentityToken } from './web-identity-fault.ts';
import type { Claims } from './web-identity-token.ts';

/** Which sessions the tokens of a provider stand for, as it is configured. */
export interface OidcMappingConfig {
  /** ARN of an IAM OIDC provider, or its URL. */
  readonly provider: string;
  /** Absent: every audience of the provider. */
  readonly audiences?: readonly string[];
  /** The first that fits gives the role. */
  readonly roles?: readonly RoleRuleConfig[];
  /** ARN of the role where no rule fits; absent: such tokens are refused. */
  readonly role?: string;
  readonly sessionName: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly sourceIdentity?: string;
}

/** Of `equals` and `contains` there is one. */
export interface RoleRuleConfig {
  readonly claim: string;
  /** The claim is this alone. */
  readonly equals?: string;
  /** The claim is a list, and this is in it. */
  readonly contains?: string;
  readonly role: string;
}

/** The session that a token stands for; whether the role agrees is its trust policy's to say. */
export interface MappedSession {
  readonly roleArn: string;
  readonly accountId: string;
  readonly sessionName: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly sourceIdentity?: string;
}

interface OidcMapping {
  readonly issuer: string;
  readonly audiences?: readonly string[];
  readonly roles: readonly RoleRuleConfig[];
  readonly role?: string;
  readonly sessionName: CallerExpression;
  readonly tags: readonly (readonly [key: string, value: CallerExpression])[];
  readonly sourceIdentity?: CallerExpression;
}

/** STS's for session names and source identities. */
const NAME = /^[\w+=,.@-]{2,64}$/;

/** What tokens at the inference doors are taken for. */
export class OidcMappings {
  readonly #byIssuer = new Map<string, OidcMapping[]>();

  /** Throws ConfigInvalid for an expression that is none. */
  constructor(configs: readonly OidcMappingConfig[]) {
    for (const config of configs) {
      const mapping = readMapping(config);
      const known = this.#byIssuer.get(mapping.issuer);
      if (known) known.push(mapping);
      else this.#byIssuer.set(mapping.issuer, [mapping]);
    }
  }

  /** Accounts of the roles that an issuer's tokens may stand for; none for an issuer that is not configured. */
  accountsOf(issuer: string): ReadonlySet<string> {
    const mappings = this.#byIssuer.get(issuer) ?? [];
    const roles = mappings.flatMap(({ roles, role }) => [...roles.map((rule) => rule.role), role ?? []].flat());
    return new Set(roles.map(accountOf));
  }

  /**
   * The session for signed claims: the first mapping of the issuer that has the audience counts. Throws
   * InvalidIdentityTokenException when there is none, or when the claims lack what an expression needs.
   */
  sessionFor(issuer: string, claims: Claims): MappedSession {
    const { value: audience } = audienceOf(claims);
    const mapping = this.#byIssuer
      .get(issuer)
      ?.find(({ audiences }) => audiences === undefined || audiences.includes(audience));
    if (!mapping) throw invalidIdentityToken(`No mapping is configured for tokens of ${issuer} for this audience`);
    const roleArn = mapping.roles.find((rule) => fits(rule, claims))?.role ?? mapping.role;
    if (roleArn === undefined) throw invalidIdentityToken('The claims of the token give no role');
    const lookUp = valuesOfClaims(claims);
    const sessionName = required('session name', mapping.sessionName, lookUp);
    const sourceIdentity = mapping.sourceIdentity && required('source identity', mapping.sourceIdentity, lookUp);
    requireName('session name', sessionName);
    if (sourceIdentity !== undefined) requireName('source identity', sourceIdentity);
    return {
      roleArn,
      accountId: accountOf(roleArn),
      sessionName,
      tags: new Map(mapping.tags.map(([key, value]) => [key, required(`tag ${key}`, value, lookUp)])),
      ...(sourceIdentity !== undefined && { sourceIdentity }),
    };
  }
}

/** The identity with what the mapping adds: configured tags beat the token's own of the same key. */
export function mappedIdentity(identity: WebIdentity, { tags, sourceIdentity }: MappedSession): WebIdentity {
  if (tags.size === 0 && sourceIdentity === undefined) return identity;
  const all = [...overlayTags(identity.sessionTags, tags)].map(([key, value]) => [key, [value]] as const);
  return {
    ...identity,
    ...readFederatedTags(all, identity.transitiveTagKeys),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  };
}

function readMapping({ provider, role, roles = [], sessionName, tags = {}, ...rest }: OidcMappingConfig): OidcMapping {
  if (role === undefined && roles.length === 0) {
    throw new Fault('ConfigInvalid', `the tokens of \`${provider}\` are mapped to no role: give \`role\` or \`roles\``);
  }
  const expression = (text: string) => parseCallerExpression(text, CLAIM_NAMES);
  const { audiences, sourceIdentity } = rest;
  const [, url] = /^arn:aws:iam::\d{12}:oidc-provider\/(.+)$/.exec(provider) ?? [];
  return {
    issuer: url === undefined ? provider : `https://${url}`,
    ...(audiences && { audiences }),
    roles,
    ...(role !== undefined && { role }),
    sessionName: expression(sessionName),
    tags: Object.entries(tags).map(([key, value]) => [key, expression(value)] as const),
    ...(sourceIdentity !== undefined && { sourceIdentity: expression(sourceIdentity) }),
  };
}

function fits({ claim, equals, contains }: RoleRuleConfig, claims: Claims): boolean {
  const values = claimTexts(claims, claim);
  return equals === undefined ? values.includes(contains!) : values.length === 1 && values[0] === equals;
}

/** Nothing is left out in silence: a token that does not say who pays is no token to pay with. */
function required(what: string, expression: CallerExpression, lookUp: LookUp): string {
  const value = expression.evaluate(lookUp);
  if (value === undefined) throw invalidIdentityToken(`The claims of the token give no ${what}: ${expression.text}`);
  return value;
}

function requireName(what: string, value: string): void {
  if (NAME.test(value)) return;
  throw invalidIdentityToken(`The claims of the token give no valid ${what}: 2 to 64 letters, digits and _+=,.@-`);
}

function accountOf(roleArn: string): string {
  return parseArn(roleArn)!.accountId;
}
