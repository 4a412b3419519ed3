import { Fault } from '../../kernel/fault.ts';

/** Who is to assume the role. */
export type TrustShape =
  | 'user'
  | 'application'
  | 'service'
  | 'oidc'
  | 'github-actions'
  | 'kubernetes'
  | 'cognito'
  | 'saml'
  | 'gateway';

/** What is known about the callers of a role. A member that is absent was not given. */
export interface TrustRequest {
  readonly shape: TrustShape;
  /** Twelve digits. */
  readonly account?: string;
  /** ARNs of users or roles; the name of a service, such as `ecs-tasks.amazonaws.com`. */
  readonly principals: readonly string[];
  /** URL or ARN of an OIDC provider, name or ARN of a SAML provider. */
  readonly provider?: string;
  readonly audience?: string;
  /** The token's subject; `*` and `?` are wildcards. */
  readonly subject?: string;
  /** Tags that every session has to bring. */
  readonly requiredTags: readonly TagRule[];
  /** Tags that a session may bring; all others are refused. */
  readonly allowedTags: readonly TagRule[];
  /** Required tags have to be passed on to every session that this one begins. */
  readonly isTransitive: boolean;
  readonly hasSourceIdentity: boolean;
  readonly externalId?: string;
  /** `username`, `sub`, `source-identity`, or a pattern in which `*` and `?` are wildcards. */
  readonly sessionName?: string;
}

/** A tag key and the values it may have; none: any value. */
export interface TagRule {
  readonly key: string;
  readonly values: readonly string[];
}

/** An option by its name on the command line, for messages. */
type OptionName = Exclude<keyof TrustRequest, 'shape'>;

const OPTION_NAMES: Readonly<Record<OptionName, string>> = {
  account: '--account',
  principals: '--principal',
  provider: '--provider',
  audience: '--audience',
  subject: '--subject',
  requiredTags: '--require-tag',
  allowedTags: '--allow-tag',
  isTransitive: '--transitive',
  hasSourceIdentity: '--source-identity',
  externalId: '--external-id',
  sessionName: '--session-name',
};

/** Options that say something about every shape. */
const TAG_OPTIONS: readonly OptionName[] = ['requiredTags', 'allowedTags', 'isTransitive'];

const SHAPE_OPTIONS: Readonly<Record<TrustShape, readonly OptionName[]>> = {
  user: ['account', 'principals', 'hasSourceIdentity', 'sessionName'],
  application: ['principals', 'hasSourceIdentity', 'externalId', 'sessionName'],
  service: ['account', 'principals', 'sessionName'],
  oidc: ['account', 'provider', 'audience', 'subject', 'hasSourceIdentity', 'sessionName'],
  'github-actions': ['account', 'audience', 'subject', 'sessionName'],
  kubernetes: ['account', 'provider', 'audience', 'subject', 'sessionName'],
  cognito: ['audience', 'sessionName'],
  saml: ['account', 'provider', 'audience', 'subject', 'hasSourceIdentity', 'sessionName'],
  gateway: ['principals', 'hasSourceIdentity', 'sessionName'],
};

/** IAM's and STS's own limits on what goes into a request (models checked 2026-11). */
const ACCOUNT = /^\d{12}$/;
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
const TAG_KEY = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u;
/** A `$` could begin a policy variable, a wildcard could widen what is meant to be one value. */
const PLAIN_TEXT = /^[^\s$*?]+$/;
const PATTERN = /^[^\s$]+$/;

/** Throws QueryInvalid with the first thing that is wrong with an option by itself. */
export function checkOptions(request: TrustRequest): void {
  const { account, audience, subject, externalId, requiredTags, allowedTags, isTransitive } = request;
  refuseForeignOptions(request);
  if (account !== undefined && !ACCOUNT.test(account)) throw wrong(`the account \`${account}\` is not twelve digits`);
  if (audience !== undefined && !PLAIN_TEXT.test(audience)) {
    throw wrong(`the audience \`${audience}\` has a space, a \`$\` or a wildcard: name one audience exactly`);
  }
  if (subject !== undefined && !PATTERN.test(subject)) throw wrong(`the subject \`${subject}\` has a space or a \`$\``);
  if (externalId !== undefined && !EXTERNAL_ID.test(externalId)) {
    throw wrong(`the external id \`${externalId}\` is not 2 to 1224 letters, digits or \`_+=,.@:/-\``);
  }
  checkTags([...requiredTags, ...allowedTags]);
  if (isTransitive && requiredTags.length === 0) {
    throw wrong('--transitive needs --require-tag: only a tag that must be there can be made to stay');
  }
}

/** What has no meaning for a shape would be left out in silence, and be missed. */
function refuseForeignOptions(request: TrustRequest): void {
  const own = new Set([...SHAPE_OPTIONS[request.shape], ...TAG_OPTIONS]);
  for (const name of Object.keys(OPTION_NAMES) as OptionName[]) {
    if (isGiven(request[name]) && !own.has(name)) {
      throw wrong(`${OPTION_NAMES[name]} says nothing about the shape \`${request.shape}\`: leave it out`);
    }
  }
}

function isGiven(value: TrustRequest[OptionName]): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}

/** Keys of principal tags compare without regard to letter case. */
function checkTags(rules: readonly TagRule[]): void {
  const seen = new Set<string>();
  for (const { key, values } of rules) {
    if (!TAG_KEY.test(key))
      throw wrong(`\`${key}\` is not a tag key: use 1 to 128 letters, digits, spaces or \`_.:/=+-@\``);
    if (seen.has(key.toLowerCase()))
      throw wrong(`the tag key \`${key}\` is named twice; letter case does not tell keys apart`);
    seen.add(key.toLowerCase());
    const bad = values.find((value) => !TAG_VALUE.test(value));
    if (bad !== undefined)
      throw wrong(`\`${bad}\` is not a value of the tag \`${key}\`: use letters, digits, spaces or \`_.:/=+-@\``);
  }
}

export function wrong(message: string): Fault {
  return new Fault('QueryInvalid', message);
}

/** The option's value. Throws QueryInvalid when it was not given. */
export function need<Value>(value: Value | undefined, sentence: string): Value {
  if (value === undefined) throw wrong(sentence);
  return value;
}
