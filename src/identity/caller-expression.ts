import { Fault } from '../kernel/fault.ts';
import type { Caller } from './principal.ts';
import type { Claims } from './web-identity-token.ts';

/** The value of a name in an expression; undefined when it has none. */
export type LookUp = (name: string) => string | undefined;

/** What is made of a verified caller or of the claims of a verified token: a session name, a tag's value. */
export interface CallerExpression {
  /** As it was written. */
  readonly text: string;
  /** Undefined when a name has no value and no alternative does. */
  readonly evaluate: (lookUp: LookUp) => string | undefined;
}

/** Names that expressions may use in one place: `describe` says which, for whoever uses another. */
export interface ExpressionNames {
  readonly has: (name: string) => boolean;
  readonly describe: string;
}

/** Alternatives of one pair of braces. */
interface Slot {
  readonly names: readonly string[];
  /** Absent: without a value there is none. */
  readonly otherwise?: string;
}

/**
 * Reads an expression: text with names in braces, and in braces alternatives after `|`, of which the first with a value
 * counts and the last may be plain text: `gw-{sourceIdentity|name}`, `{claims.department|none}`. What has no value, or
 * an empty one, is never filled up with nothing. Braces of text there are none: neither session names nor tags have any.
 * Throws ConfigInvalid.
 */
export function parseCallerExpression(text: string, known: ExpressionNames): CallerExpression {
  const invalid = (reason: string) => new Fault('ConfigInvalid', `the expression \`${text}\` is not one: ${reason}`);
  const pieces = text.split(/(\{[^{}]*\})/).filter((piece) => piece !== '');
  if (pieces.length === 0) throw invalid('it is empty');
  const parts = pieces.map((piece): string | Slot => {
    if (/^\{.+\}$/.test(piece)) return readSlot(piece.slice(1, -1).split('|'), known, invalid);
    if (/[{}]/.test(piece)) throw invalid('write names in braces, as in `{name}`');
    return piece;
  });
  return { text, evaluate: (lookUp) => join(parts, lookUp) };
}

function readSlot(alternatives: readonly string[], known: ExpressionNames, invalid: (reason: string) => Fault): Slot {
  const last = alternatives.at(-1)!;
  const isTextLast = alternatives.length > 1 && !known.has(last);
  const names = isTextLast ? alternatives.slice(0, -1) : alternatives;
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw invalid(`there is no \`${unknown}\`; use ${known.describe}`);
  return { names, ...(isTextLast && { otherwise: last }) };
}

function join(parts: readonly (string | Slot)[], lookUp: LookUp): string | undefined {
  let joined = '';
  for (const part of parts) {
    const value = typeof part === 'string' ? part : valueIn(part, lookUp);
    if (value === undefined) return undefined;
    joined += value;
  }
  return joined;
}

function valueIn({ names, otherwise }: Slot, lookUp: LookUp): string | undefined {
  for (const name of names) {
    const value = lookUp(name);
    if (value) return value;
  }
  return otherwise;
}

/** As much of a caller as expressions are about: upstreams know no more of it. */
type DescribedCaller = Pick<
  Caller,
  'arn' | 'accountId' | 'userName' | 'roleName' | 'sessionName' | 'sourceIdentity' | 'tags'
> &
  Partial<Pick<Caller, 'accessKeyId'>>;

const CALLER_VALUES: Readonly<Record<string, (caller: DescribedCaller) => string | undefined>> = {
  arn: ({ arn }) => arn,
  accountId: ({ accountId }) => accountId,
  accessKeyId: ({ accessKeyId }) => accessKeyId,
  userName: ({ userName }) => userName,
  roleName: ({ roleName }) => roleName,
  sessionName: ({ sessionName }) => sessionName,
  /** Who it is within its account or role: never absent. */
  name: ({ userName, sessionName }) => userName ?? sessionName ?? 'root',
  sourceIdentity: ({ sourceIdentity }) => sourceIdentity,
};

const TAG = 'tags.';

/** Names of a verified caller. */
export const CALLER_NAMES: ExpressionNames = {
  has: (name) => Object.hasOwn(CALLER_VALUES, name) || (name.startsWith(TAG) && name.length > TAG.length),
  describe: [...Object.keys(CALLER_VALUES), 'tags.KEY'].join(', '),
};

/** Tag keys in any letter case, as everywhere in IAM. */
export function valuesOfCaller(caller: DescribedCaller): LookUp {
  return (name) => {
    if (!name.startsWith(TAG)) return CALLER_VALUES[name]?.(caller);
    const wanted = name.slice(TAG.length).toLowerCase();
    for (const [key, value] of caller.tags) if (key.toLowerCase() === wanted) return value;
    return undefined;
  };
}

const CLAIM = 'claims.';

/** Names of a verified token. */
export const CLAIM_NAMES: ExpressionNames = {
  has: (name) => name.startsWith(CLAIM) && name.length > CLAIM.length,
  describe: 'claims.NAME',
};

/** A number or a truth value counts as its text, a list of one as what is in it. */
export function valuesOfClaims(claims: Claims): LookUp {
  return (name) => {
    const values = claimTexts(claims, name.slice(CLAIM.length));
    return values.length === 1 ? values[0] : undefined;
  };
}

/** All values of a claim. `realm_access.roles` is a claim of this name, or else `roles` in the claim `realm_access`. */
export function claimTexts(claims: Claims, path: string): string[] {
  const value = claimAt(claims, path);
  return (Array.isArray(value) ? value : [value]).flatMap((one) =>
    ['string', 'number', 'boolean'].includes(typeof one) ? [String(one)] : [],
  );
}

function claimAt(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, path)) return (value as Claims)[path];
  const dot = path.indexOf('.');
  const first = path.slice(0, dot);
  return dot > 0 && Object.hasOwn(value, first) ? claimAt((value as Claims)[first], path.slice(dot + 1)) : undefined;
}
